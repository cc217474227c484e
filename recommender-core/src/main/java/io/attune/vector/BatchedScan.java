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
 * An exact top-k scan that serves concurrent requests together.
 *
 * <p>A block of items is loaded from memory once and scanned for all requests in progress. A
 * request joins at the block that is being scanned and leaves after a full round, so it never waits
 * for a round to end. Each request gets exactly what {@link QuantizedVectors#top} returns, bit for
 * bit.
 *
 * <p>Thread-safe.
 */
public final class BatchedScan {
  private static final int STRIDE = 2; // blocks scanned before new requests are admitted

  private final QuantizedVectors items;
  private final int scanners;
  private final Executor executor;
  private final Deque<Request> waiting = new ArrayDeque<>(); // also the lock of the next two
  private int running; // scanners
  private int inFlight; // requests, including those waiting

  private static final class Request {
    final QuantizedVectors.Search search;
    final CompletableFuture<ItemVectors.Top> result = new CompletableFuture<>();
    int blocksLeft;

    Request(QuantizedVectors.Search search, int blocks) {
      this.search = search;
      this.blocksLeft = blocks;
    }
  }

  /**
   * Creates a scan. No thread is started before the first request.
   *
   * @param items all items
   * @param scanners maximum number of concurrent scanners, such as the number of processors
   * @param executor runs the scanners; a scanner ends when no requests are left
   */
  public BatchedScan(QuantizedVectors items, int scanners, Executor executor) {
    if (scanners < 1) {
      throw new IllegalArgumentException("scanners must be 1 or more, not " + scanners);
    }
    this.items = items;
    this.scanners = scanners;
    this.executor = executor;
  }

  /**
   * Finds the highest-scoring items of a query, exactly.
   *
   * @param query float32 (D); must not be modified before the result is complete
   * @param count maximum number of items to return
   * @param candidate selects the candidate rows; called only for rows that would enter the result
   * @return items by descending score, ties by ascending row. Completes exceptionally with an
   *     ArithmeticException if a score is NaN. It is completed by a scanner thread, so dependent
   *     stages should be short. A cancelled request is no longer scanned
   * @throws RejectedExecutionException if the executor rejects the task and no scanner is running;
   *     any other exception of the executor is thrown likewise
   */
  public CompletableFuture<ItemVectors.Top> top(float[] query, int count, IntPredicate candidate) {
    QuantizedVectors.Search search = items.new Search(query, count, candidate);
    if (items.blocks() == 0) {
      return CompletableFuture.completedFuture(search.result());
    }
    Request request = new Request(search, items.blocks());
    synchronized (waiting) {
      waiting.add(request);
      inFlight++;
      if (running == scanners) {
        return request.result;
      }
      running++;
    }
    try {
      executor.execute(this::scan);
    } catch (RuntimeException | Error e) {
      if (!scannerStopped(e).contains(request)) {
        return request.result; // another scanner has taken it, or will
      }
      throw e;
    }
    return request.result;
  }

  /**
   * Removes a scanner that failed or did not start. If it was the last one, the waiting requests
   * fail too, since no scanner would take them.
   *
   * @return the requests that failed with it
   */
  private List<Request> scannerStopped(Throwable reason) {
    List<Request> failed = new ArrayList<>();
    synchronized (waiting) {
      running--;
      if (running == 0) {
        failed.addAll(waiting);
        inFlight -= waiting.size();
        waiting.clear();
      }
    }
    failed.forEach(request -> request.result.completeExceptionally(reason));
    return failed;
  }

  private void scan() {
    List<Request> active = new ArrayList<>();
    try {
      scan(active);
    } catch (RuntimeException | Error e) {
      // Such as no memory for the scanner itself. Failures of single requests are handled in
      // isDone.
      synchronized (waiting) {
        inFlight -= active.size();
      }
      active.forEach(request -> request.result.completeExceptionally(e));
      scannerStopped(e);
      throw e;
    }
  }

  private void scan(List<Request> active) {
    short[] products = QuantizedVectors.products();
    int block = 0;
    while (admit(active)) {
      for (int i = 0; i < STRIDE && !active.isEmpty(); i++) {
        int at = block;
        active.removeIf(request -> isDone(request, at, products));
        block = (block + 1) % items.blocks();
      }
    }
  }

  /**
   * Takes this scanner's share of the waiting requests.
   *
   * @return false if there is nothing to do and the scanner ends
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

  private boolean isDone(Request request, int block, short[] products) {
    boolean gone = request.result.isDone(); // cancelled or timed out
    if (!gone) {
      try {
        request.search.scan(block, products);
        request.blocksLeft--;
        if (request.blocksLeft > 0) {
          return false;
        }
      } catch (RuntimeException | Error e) {
        // The request's own fault: its query or its candidate predicate.
        request.result.completeExceptionally(e);
        gone = true;
      }
    }
    synchronized (waiting) {
      inFlight--;
    }
    if (!gone) {
      request.result.complete(request.search.result());
    }
    return true;
  }
}
