package io.attune.vector;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.IntPredicate;

/**
 * Exact best items for requests that come at the same time, which share passes over the items: a
 * block is fetched from memory once, and scored for all of them. A request joins at the block that
 * is under way and leaves after a whole round, so that none waits for a round to end. Each gets
 * what {@link ColumnarVectors#top} gives, to the last bit.
 *
 * <p>Safe for use by several threads.
 */
public final class BatchedScan {
  private static final int STRIDE = 16; // blocks scored between two looks at the requests

  private final ColumnarVectors columns;
  private final int scanners;
  private final Executor executor;
  private final Deque<Request> waiting = new ArrayDeque<>(); // guards itself and the two below
  private int running; // scanners
  private int inFlight; // requests, those waiting included

  private static final class Request {
    final float[] query;
    final IntPredicate candidate;
    final TopK best;
    final CompletableFuture<ItemVectors.Top> answer = new CompletableFuture<>();
    int left; // blocks to score

    Request(float[] query, int blocks, IntPredicate candidate, TopK best) {
      this.query = query;
      this.left = blocks;
      this.candidate = candidate;
      this.best = best;
    }
  }

  /**
   * Nothing to scan for yet.
   *
   * @param columns the items
   * @param scanners the most passes at a time, such as the number of processors
   * @param executor runs them; each ends when there are no more requests
   */
  public BatchedScan(ColumnarVectors columns, int scanners, Executor executor) {
    if (scanners < 1) {
      throw new IllegalArgumentException("scanners must be 1 or more, not " + scanners);
    }
    this.columns = columns;
    this.scanners = scanners;
    this.executor = executor;
  }

  /**
   * The best items of a query, exactly.
   *
   * @param query float32 (D), not to be changed before the answer is there
   * @param count the most to return
   * @param candidate which rows are candidates; asked only of rows that would be among the best
   * @return best first, of equal scores the lower row first; fails with an ArithmeticException when
   *     a score is not a number. What depends on it should not run for long where it is completed,
   *     which is in a scanner; a cancelled one is scanned for no longer
   * @throws RejectedExecutionException when the executor takes no more work, and no scanner runs;
   *     whatever else it throws likewise
   */
  public CompletableFuture<ItemVectors.Top> top(float[] query, int count, IntPredicate candidate) {
    columns.requireDimension(query);
    TopK best = new TopK(Math.min(count, columns.size()));
    if (columns.size() == 0) {
      return CompletableFuture.completedFuture(best.sorted(ItemVectors.Top::new));
    }
    Request request = new Request(query, columns.blocks(), candidate, best);
    synchronized (waiting) {
      waiting.add(request);
      inFlight++;
      if (running == scanners) {
        return request.answer;
      }
      running++;
    }
    try {
      executor.execute(this::scan);
    } catch (RuntimeException | Error e) {
      if (!ended(e).contains(request)) {
        return request.answer; // another scanner has it, or will
      }
      throw e;
    }
    return request.answer;
  }

  /**
   * Takes a scanner off the count that did not start, or failed. Where it was the last one, nobody
   * would come for those that wait: they fail as well.
   *
   * @return the requests that failed with it
   */
  private List<Request> ended(Throwable reason) {
    List<Request> lost = new ArrayList<>();
    synchronized (waiting) {
      running--;
      if (running == 0) {
        lost.addAll(waiting);
        inFlight -= waiting.size();
        waiting.clear();
      }
    }
    lost.forEach(request -> request.answer.completeExceptionally(reason));
    return lost;
  }

  private void scan() {
    List<Request> active = new ArrayList<>();
    try {
      scan(active);
    } catch (RuntimeException | Error e) {
      // Such as no memory for the scanner itself; those of requests are theirs, see isDone.
      synchronized (waiting) {
        inFlight -= active.size();
      }
      active.forEach(request -> request.answer.completeExceptionally(e));
      ended(e);
      throw e;
    }
  }

  private void scan(List<Request> active) {
    float[][] lanes = ColumnarVectors.lanes();
    float[][] others = ColumnarVectors.lanes();
    int block = 0;
    while (admit(active)) {
      for (int i = 0; i < STRIDE && !active.isEmpty(); i++) {
        // From the last, since those that are done go.
        int at = active.size() - 1;
        for (; at > 0; at -= 2) {
          columns.score(active.get(at).query, active.get(at - 1).query, block, lanes, others);
          if (isDone(active.get(at), block, lanes[0])) {
            active.remove(at);
          }
          if (isDone(active.get(at - 1), block, others[0])) {
            active.remove(at - 1);
          }
        }
        if (at == 0) {
          columns.score(active.getFirst().query, block, lanes);
          if (isDone(active.getFirst(), block, lanes[0])) {
            active.removeFirst();
          }
        }
        block = (block + 1) % columns.blocks();
      }
    }
  }

  /**
   * Takes this scanner's share of the requests.
   *
   * @return false when there is nothing to do, and the scanner ends
   */
  private boolean admit(List<Request> active) {
    synchronized (waiting) {
      int share = Math.ceilDiv(inFlight, running);
      while (active.size() < share && !waiting.isEmpty()) {
        active.add(waiting.remove());
      }
      if (active.isEmpty()) {
        running--;
      }
      return !active.isEmpty();
    }
  }

  private boolean isDone(Request request, int block, float[] scores) {
    boolean gone = request.answer.isDone(); // cancelled, or timed out
    if (!gone) {
      try {
        columns.offer(block, scores, request.best, request.candidate);
        request.left--;
        if (request.left > 0) {
          return false;
        }
      } catch (RuntimeException | Error e) {
        // Of this request alone: of its query, or of the candidates that it asked for.
        request.answer.completeExceptionally(e);
        gone = true;
      }
    }
    synchronized (waiting) {
      inFlight--;
    }
    if (!gone) {
      request.answer.complete(request.best.sorted(ItemVectors.Top::new));
    }
    return true;
  }
}
