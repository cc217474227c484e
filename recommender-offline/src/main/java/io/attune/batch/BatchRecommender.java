package io.attune.batch;

import io.attune.batch.BatchOptions.Fallback;
import io.attune.batch.Recommendations.Origin;
import io.attune.recommender.Prefix;
import io.attune.recommender.Recommender;
import io.attune.saved.SavedModel;
import io.attune.vector.TopK;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
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
 * Recommends for a stream of sessions: what comes out stands in the order of what goes in, one for
 * each session, and does not depend on its neighbours or on the number of threads.
 *
 * <p>Sessions are taken and worked on some thousand at a time, and memory does not grow with their
 * number. Where there are several threads, the next are worked on while a caller uses the last.
 *
 * <p>Made once for a model; several threads may call {@link #recommend}, each with an iterator of
 * its own, as the partitions of a cluster do.
 */
public final class BatchRecommender implements AutoCloseable {
  /** Sessions that are encoded together: enough that those of one length make full batches. */
  private static final int BATCH = 4096;

  private static final int CALLS = Integer.MAX_VALUE; // at a time: as many as there are

  private static final String CLOSED = "the batch recommender is closed";

  private static final TopItems.Best NOTHING = new TopItems.Best(new int[0], new float[0]);

  private final BatchOptions options;
  private final Workers workers;
  private final TopItems items;
  private final TopItems.Best popular; // all candidates, most often clicked first
  private final Semaphore working = new Semaphore(CALLS);
  private volatile boolean closed;

  private BatchRecommender(
      TopItems items, TopItems.Best popular, BatchOptions options, Workers workers) {
    this.items = items;
    this.popular = popular;
    this.options = options;
    this.workers = workers;
  }

  /**
   * Recommends by a saved model, which stays the caller's.
   *
   * @param threads how many may work at a time
   */
  public static BatchRecommender of(
      SavedModel model, Candidates candidates, BatchOptions options, int threads) {
    Workers workers = new Workers(threads);
    return new BatchRecommender(
        TopItems.of(model, candidates, options, workers),
        popular(model.counts(), candidates),
        options,
        workers);
  }

  /**
   * Recommends by the scores of any recommender, which stays the caller's.
   *
   * @param counts (V): how often each item was clicked in training, row 1 first
   * @param threads how many may work at a time
   */
  public static BatchRecommender of(
      Recommender recommender,
      long[] counts,
      Candidates candidates,
      BatchOptions options,
      int threads) {
    Workers workers = new Workers(threads);
    return new BatchRecommender(
        TopItems.of(recommender, candidates, options, workers),
        popular(counts, candidates),
        options,
        workers);
  }

  /**
   * The recommendations of sessions, made as they are asked for.
   *
   * @param sessions read by the calling thread alone, somewhat ahead
   * @return for one thread at a time; throws an ArithmeticException when a score is not a number
   */
  public Iterator<Recommendations> recommend(Iterator<SessionClicks> sessions) {
    return new Stream(sessions);
  }

  /**
   * Gets ready for sessions like these. An approximate search finds the same afterwards, whatever
   * it is asked first.
   *
   * @param sessions of which some are read
   */
  public void prepare(Iterator<SessionClicks> sessions) {
    List<Prefix> known = new ArrayList<>();
    for (int read = 0; read < BATCH && sessions.hasNext(); read++) {
      Prefix prefix = sessions.next().known();
      if (prefix.length() > 0) {
        known.add(prefix);
      }
    }
    if (!known.isEmpty()) {
      open(() -> {
        items.prepare(known);
        return known;
      });
    }
  }

  /** How much of the best is found, where some may be missed and something was asked for. */
  public Optional<Recall> recall() {
    return items.recall();
  }

  private static TopItems.Best popular(long[] counts, Candidates candidates) {
    TopK best = new TopK(candidates.rows().length);
    for (int row : candidates.rows()) {
      best.offer(row, (float) counts[row - 1]);
    }
    return best.sorted(TopItems.Best::new);
  }

  private List<Recommendations> recommend(List<SessionClicks> batch) {
    List<Prefix> prefixes = batch.stream().map(SessionClicks::known).toList();
    List<Prefix> known = prefixes.stream().filter(prefix -> prefix.length() > 0).toList();
    Iterator<TopItems.Best> best =
        known.isEmpty() ? Collections.emptyIterator() : items.best(known).iterator();
    List<Recommendations> made = new ArrayList<>(batch.size());
    for (int i = 0; i < batch.size(); i++) {
      String session = batch.get(i).session();
      TopItems.Best found = prefixes.get(i).length() == 0 ? NOTHING : best.next();
      made.add(
          found.rows().length > 0 || options.fallback() == Fallback.NONE
              ? new Recommendations(session, Origin.SESSION, found.rows(), found.scores())
                  .from(options.minScore())
              : popular(session, prefixes.get(i)));
    }
    return made;
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
   * Ends all work, and returns when none is under way, so that the model may be closed next. A call
   * that works meanwhile may fail with an IllegalStateException, and later ones do.
   */
  @Override
  public void close() {
    closed = true;
    workers.close();
    // Callers that do the work themselves have a permit each.
    working.acquireUninterruptibly(CALLS);
    working.release(CALLS);
  }

  /** Work that {@link #close} waits for. */
  private <T> T open(Supplier<T> work) {
    working.acquireUninterruptibly();
    try {
      if (closed) {
        throw new IllegalStateException(CLOSED);
      }
      return work.get();
    } catch (CancellationException | RejectedExecutionException e) {
      throw closed ? new IllegalStateException(CLOSED, e) : e;
    } finally {
      working.release();
    }
  }

  private final class Stream implements Iterator<Recommendations> {
    private final Iterator<SessionClicks> sessions;
    private final Queue<Recommendations> ready = new ArrayDeque<>();
    private @Nullable Supplier<List<Recommendations>> coming;

    Stream(Iterator<SessionClicks> sessions) {
      this.sessions = sessions;
    }

    @Override
    public boolean hasNext() {
      if (ready.isEmpty()) {
        Supplier<List<Recommendations>> now = coming == null ? begin() : coming;
        coming = null;
        if (now != null) {
          ready.addAll(got(now));
          coming = begin();
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

    private List<Recommendations> got(Supplier<List<Recommendations>> begun) {
      try {
        return begun.get();
      } catch (CancellationException e) {
        throw closed ? new IllegalStateException(CLOSED, e) : e;
      }
    }

    private @Nullable Supplier<List<Recommendations>> begin() {
      List<SessionClicks> batch = new ArrayList<>();
      while (batch.size() < BATCH && sessions.hasNext()) {
        batch.add(sessions.next());
      }
      try {
        return batch.isEmpty() ? null : workers.begin(() -> open(() -> recommend(batch)));
      } catch (RejectedExecutionException e) {
        throw new IllegalStateException(CLOSED, e);
      }
    }
  }
}
