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

/** Threads that share the work; with one, the calling thread does all of it. */
final class Workers implements AutoCloseable {
  private final @Nullable ForkJoinPool pool;

  /**
   * Starts threads.
   *
   * @param threads how many work at a time
   */
  Workers(int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException("there must be 1 thread or more, not " + threads);
    }
    this.pool = threads == 1 ? null : new ForkJoinPool(threads);
  }

  /** Work that begins now where there are threads, else when its result is asked for. */
  <T> Supplier<T> begin(Supplier<T> work) {
    if (pool == null) {
      return work;
    }
    Future<T> result = pool.submit(work::get);
    return () -> joined(result);
  }

  /** Does work on parts of a list, side by side, and puts the results in its order. */
  <T, R> List<R> inParts(List<T> all, int part, Function<List<T>, List<R>> work) {
    List<ForkJoinTask<List<R>>> tasks = new ArrayList<>();
    for (int from = 0; from < all.size(); from += part) {
      List<T> some = all.subList(from, Math.min(all.size(), from + part));
      tasks.add(ForkJoinTask.adapt(() -> work.apply(some)));
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

  private static <T> T joined(Future<T> result) {
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

  /** Ends the threads, and returns when none of them works any longer. What waited is cancelled. */
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
        // What they work on is freed next: there is no leaving now.
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
