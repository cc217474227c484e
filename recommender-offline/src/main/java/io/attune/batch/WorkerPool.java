package io.attune.batch;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A pool of worker threads; a pool of one thread runs all work on the calling thread. */
final class WorkerPool implements AutoCloseable {
  private final @Nullable ForkJoinPool pool;

  /**
   * Starts the threads.
   *
   * @param threads number of threads
   */
  WorkerPool(int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException("threads must be 1 or more, not " + threads);
    }
    this.pool = threads == 1 ? null : new ForkJoinPool(threads);
  }

  /** Starts work in the pool; without worker threads, it runs when the result is requested. */
  <T> Supplier<T> submit(Supplier<T> work) {
    if (pool == null) {
      return work;
    }
    Future<T> result = pool.submit(work::get);
    return () -> await(result);
  }

  /** Applies work to chunks of a list in parallel, and returns the results in order. */
  <T, R> List<R> mapChunks(List<T> all, int chunkSize, Function<List<T>, List<R>> work) {
    List<ForkJoinTask<List<R>>> tasks = new ArrayList<>();
    for (int from = 0; from < all.size(); from += chunkSize) {
      List<T> chunk = all.subList(from, Math.min(all.size(), from + chunkSize));
      tasks.add(ForkJoinTask.adapt(() -> work.apply(chunk)));
    }
    List<R> results = new ArrayList<>(all.size());
    if (ForkJoinTask.inForkJoinPool()) {
      ForkJoinTask.invokeAll(tasks);
    }
    for (ForkJoinTask<List<R>> task : tasks) {
      results.addAll(task.isDone() ? task.join() : task.invoke());
    }
    return results;
  }

  private static <T> T await(Future<T> result) {
    try {
      return result.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw e.getCause() instanceof RuntimeException failure
          ? failure
          : new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      result.cancel(true);
      throw new CancellationException("interrupted while recommending");
    }
  }

  /** Cancels waiting work, and waits until the running work has ended. */
  @Override
  public void close() {
    if (pool == null) {
      return;
    }
    pool.shutdownNow();
    boolean interrupted = false;
    boolean ended = false;
    while (!ended) {
      try {
        ended = pool.awaitTermination(1, TimeUnit.DAYS);
      } catch (InterruptedException e) {
        // The caller closes the model next, so no work may still be running.
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
