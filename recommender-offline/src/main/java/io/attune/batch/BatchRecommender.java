package io.attune.batch;

import io.attune.batch.BatchOptions.Fallback;
import io.attune.batch.Recommendations.Origin;
import io.attune.recommender.Prefix;
import io.attune.recommender.Recommender;
import io.attune.saved.SavedModel;
import io.attune.serving.BeamSearch;
import io.attune.serving.ServingModel;
import io.attune.vector.TopK;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Recommends items for a stream of sessions: one result per session, in the order of the input. A
 * result does not depend on other sessions or on the number of threads.
 *
 * <p>Sessions are processed in batches of a few thousand, so memory does not grow with their
 * number. With several threads, the next batch is processed while the caller consumes the last.
 *
 * <p>Create one per model. Several threads may call {@link #recommend}, each with its own iterator,
 * as the partitions of a cluster do.
 */
public final class BatchRecommender implements AutoCloseable {
  /** Sessions per batch: enough that sessions of the same length fill encoder batches. */
  private static final int BATCH = 4096;

  private static final int MAX_CALLS = Integer.MAX_VALUE;

  private static final String CLOSED = "the batch recommender is closed";

  private static final ItemSearch.Result EMPTY = new ItemSearch.Result(new int[0], new float[0]);

  private final BatchOptions options;
  private final WorkerPool workers;
  private final ItemSearch search;
  private final ItemSearch.Result popular; // all candidates, most clicked first
  private final Semaphore calls = new Semaphore(MAX_CALLS);
  private volatile boolean closed;

  private BatchRecommender(
      ItemSearch search, ItemSearch.Result popular, BatchOptions options, WorkerPool workers) {
    this.search = search;
    this.popular = popular;
    this.options = options;
    this.workers = workers;
  }

  /**
   * Returns a batch recommender for a saved model, which the caller still owns.
   *
   * @param threads number of threads
   */
  public static BatchRecommender of(
      SavedModel model, Candidates candidates, BatchOptions options, int threads) {
    WorkerPool workers = new WorkerPool(threads);
    return new BatchRecommender(
        ItemSearch.of(model, candidates, options, workers),
        popular(model.counts(), candidates),
        options,
        workers);
  }

  /**
   * Returns a batch recommender that continues sessions: it recommends the most likely sequence of
   * next clicks, in their order, with the probability of each after those before it as score.
   *
   * @param model of which the encoder takes one step per click
   * @param options of which {@code top} is the number of clicks, {@code excludeClicked} says that
   *     no item may be clicked twice, and {@code minScore} ends a sequence
   * @param beam number of sequences to keep after each click ({@link BeamSearch})
   * @param threads number of threads
   * @throws IllegalArgumentException if the model does not take one step per click
   */
  public static BatchRecommender continuing(
      SavedModel model, Candidates candidates, BatchOptions options, int beam, int threads) {
    ServingModel serving = model.stepwise();
    if (serving == null) {
      throw new IllegalArgumentException(model.recommender().name()
          + " cannot continue sessions: that takes an encoder of one step per click, which neither"
          + " a baseline nor a bidirectional Transformer has");
    }
    BitSet allowed = candidates.set();
    BeamSearch beamSearch =
        new BeamSearch(serving, options.top(), beam, !options.excludeClicked(), allowed::get);
    WorkerPool workers = new WorkerPool(threads);
    return new BatchRecommender(
        new ItemSearch.Continuing(beamSearch, workers),
        popular(model.counts(), candidates),
        options,
        workers);
  }

  /**
   * Returns a batch recommender for any recommender, which the caller still owns.
   *
   * @param counts (V): training clicks per item, row 1 first
   * @param threads number of threads
   */
  public static BatchRecommender of(
      Recommender recommender,
      long[] counts,
      Candidates candidates,
      BatchOptions options,
      int threads) {
    WorkerPool workers = new WorkerPool(threads);
    return new BatchRecommender(
        ItemSearch.of(recommender, candidates, options, workers),
        popular(counts, candidates),
        options,
        workers);
  }

  /**
   * Returns the recommendations for sessions, computed lazily.
   *
   * @param sessions read by the calling thread only, up to two batches ahead
   * @return an iterator that is not thread-safe and throws an ArithmeticException if a score is NaN
   */
  public Iterator<Recommendations> recommend(Iterator<SessionClicks> sessions) {
    return new RecommendationIterator(sessions);
  }

  /**
   * Tunes the search on a sample of sessions; without this call, the first batch serves as the
   * sample. An approximate search then gives the same results wherever it starts.
   *
   * @param sessions representative sessions; only the first ones are read
   */
  public void prepare(Iterator<SessionClicks> sessions) {
    List<Prefix> known = new ArrayList<>();
    for (int read = 0; read < BATCH && sessions.hasNext(); read++) {
      Prefix prefix = sessions.next().knownClicks();
      if (prefix.length() > 0) {
        known.add(prefix);
      }
    }
    if (!known.isEmpty()) {
      whileOpen(() -> {
        search.prepare(known);
        return known;
      });
    }
  }

  /** The estimated recall of an approximate search; empty for an exact or unused one. */
  public Optional<RecallEstimate> recall() {
    return search.recall();
  }

  private static ItemSearch.Result popular(long[] counts, Candidates candidates) {
    TopK best = new TopK(candidates.rows().length);
    for (int row : candidates.rows()) {
      best.offer(row, (float) counts[row - 1]);
    }
    return best.sorted(ItemSearch.Result::new);
  }

  private List<Recommendations> recommend(List<SessionClicks> batch) {
    List<Prefix> prefixes = batch.stream().map(SessionClicks::knownClicks).toList();
    List<Prefix> known = prefixes.stream().filter(prefix -> prefix.length() > 0).toList();
    Iterator<ItemSearch.Result> results =
        known.isEmpty() ? Collections.emptyIterator() : search.search(known).iterator();
    List<Recommendations> recommendations = new ArrayList<>(batch.size());
    for (int i = 0; i < batch.size(); i++) {
      String session = batch.get(i).session();
      ItemSearch.Result found = prefixes.get(i).length() == 0 ? EMPTY : results.next();
      recommendations.add(
          found.rows().length > 0 || options.fallback() == Fallback.NONE
              ? new Recommendations(session, Origin.SESSION, found.rows(), found.scores())
                  .withMinScore(options.minScore())
              : popular(session, prefixes.get(i)));
    }
    return recommendations;
  }

  private Recommendations popular(String session, Prefix prefix) {
    int[] rows = new int[options.top()];
    float[] scores = new float[options.top()];
    int size = 0;
    for (int i = 0; i < popular.rows().length && size < rows.length; i++) {
      int row = popular.rows()[i];
      if (!options.excludeClicked() || !prefix.contains(row)) {
        rows[size] = row;
        scores[size++] = popular.scores()[i];
      }
    }
    return new Recommendations(
        session, Origin.POPULAR, Arrays.copyOf(rows, size), Arrays.copyOf(scores, size));
  }

  /**
   * Stops all work and waits until none is running, so the model may be closed next. Calls that are
   * running may fail with an IllegalStateException, and later calls do.
   */
  @Override
  public void close() {
    closed = true;
    workers.close();
    // Every running call holds a permit, also on a caller's thread.
    calls.acquireUninterruptibly(MAX_CALLS);
    search.close();
    calls.release(MAX_CALLS);
  }

  /** Runs work that {@link #close} waits for. */
  private <T> T whileOpen(Supplier<T> work) {
    calls.acquireUninterruptibly();
    try {
      if (closed) {
        throw new IllegalStateException(CLOSED);
      }
      return work.get();
    } catch (CancellationException | RejectedExecutionException e) {
      throw closed ? new IllegalStateException(CLOSED, e) : e;
    } finally {
      calls.release();
    }
  }

  private final class RecommendationIterator implements Iterator<Recommendations> {
    private final Iterator<SessionClicks> sessions;
    private final Queue<Recommendations> ready = new ArrayDeque<>();
    private @Nullable Supplier<List<Recommendations>> nextBatch;

    RecommendationIterator(Iterator<SessionClicks> sessions) {
      this.sessions = sessions;
    }

    @Override
    public boolean hasNext() {
      if (ready.isEmpty()) {
        Supplier<List<Recommendations>> batch = nextBatch == null ? submitBatch() : nextBatch;
        nextBatch = null;
        if (batch != null) {
          ready.addAll(await(batch));
          nextBatch = submitBatch();
        }
      }
      return !ready.isEmpty();
    }

    @Override
    public Recommendations next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      return ready.remove();
    }

    private List<Recommendations> await(Supplier<List<Recommendations>> batch) {
      try {
        return batch.get();
      } catch (CancellationException e) {
        throw closed ? new IllegalStateException(CLOSED, e) : e;
      }
    }

    private @Nullable Supplier<List<Recommendations>> submitBatch() {
      List<SessionClicks> batch = new ArrayList<>();
      while (batch.size() < BATCH && sessions.hasNext()) {
        batch.add(sessions.next());
      }
      try {
        return batch.isEmpty() ? null : workers.submit(() -> whileOpen(() -> recommend(batch)));
      } catch (RejectedExecutionException e) {
        throw new IllegalStateException(CLOSED, e);
      }
    }
  }
}
