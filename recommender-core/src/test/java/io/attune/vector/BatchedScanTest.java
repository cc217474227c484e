package io.attune.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.Test;

final class BatchedScanTest {
  private static final int ITEMS = 20_000; // five blocks
  private static final int D = 41;

  private final SplittableRandom random = new SplittableRandom(1);
  private final QuantizedVectors vectors = QuantizedVectors.of(table(ITEMS));

  @Test
  void eachOfManyAtATimeGetsWhatItWouldGetAlone() throws InterruptedException {
    try (ExecutorService executor = Executors.newCachedThreadPool()) {
      BatchedScan scan = new BatchedScan(vectors, 3, executor);
      float[][] queries = new float[400][];
      List<CompletableFuture<ItemVectors.Top>> answers = new ArrayList<>();
      for (int i = 0; i < queries.length; i++) {
        queries[i] = query();
        answers.add(scan.top(queries[i], i % 30, candidates(i)));
        if (i % 50 == 0) {
          answers.get(i).join(); // so that others join in the middle of a round
        }
      }
      for (int i = 0; i < queries.length; i++) {
        ItemVectors.Top expected = vectors.top(queries[i], i % 30, candidates(i));
        ItemVectors.Top top = answers.get(i).join();
        assertThat(top.rows()).containsExactly(expected.rows());
        assertThat(top.scores()).containsExactly(expected.scores());
      }
    }
  }

  private static IntPredicate candidates(int query) {
    return row -> row % (2 + query % 5) != 0;
  }

  @Test
  void equalScoresAreInTheOrderOfRowsWhereverTheRoundBegins() {
    float[] equal = new float[(ITEMS + 1) * D];
    Arrays.fill(equal, D, equal.length, 0.5f);
    Tensor table = new Tensor(new long[] {ITEMS + 1, D}, equal);
    try (ExecutorService executor = Executors.newSingleThreadExecutor()) {
      BatchedScan scan = new BatchedScan(QuantizedVectors.of(ItemVectors.of(table)), 1, executor);
      // Submitted during a round, the second request starts in its middle.
      List<CompletableFuture<ItemVectors.Top>> second = new ArrayList<>();
      scan.top(query(), 3, row -> {
            if (row == ITEMS / 2) {
              second.add(scan.top(query(), 3, other -> true));
            }
            return false;
          })
          .join();
      assertThat(second.getFirst().join().rows()).containsExactly(1, 2, 3);
    }
  }

  @Test
  void aFailureIsThatOfItsRequestAlone() throws InterruptedException {
    CountDownLatch start = new CountDownLatch(1);
    try (ExecutorService executor = Executors.newSingleThreadExecutor()) {
      executor.execute(() -> await(start));
      BatchedScan scan = new BatchedScan(vectors, 1, executor);
      float[] broken = query();
      broken[3] = Float.NaN;
      CompletableFuture<ItemVectors.Top> fails = scan.top(broken, 5, row -> true);
      CompletableFuture<ItemVectors.Top> throwing = scan.top(query(), 5, row -> {
        throw new IllegalStateException("row " + row);
      });
      CompletableFuture<ItemVectors.Top> cancelled = scan.top(query(), 5, row -> true);
      CompletableFuture<ItemVectors.Top> works = scan.top(query(), 5, row -> true);
      cancelled.cancel(false);
      start.countDown();
      assertThat(works.join().rows()).hasSize(5);
      assertThatThrownBy(fails::join).hasCauseInstanceOf(ArithmeticException.class);
      assertThatThrownBy(throwing::join).hasCauseInstanceOf(IllegalStateException.class);
      assertThatThrownBy(cancelled::join).isInstanceOf(CancellationException.class);
      assertThat(scan.top(query(), 5, row -> true).join().rows()).hasSize(5);
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void aRefusalOfTheExecutorLeavesNothingBehind() {
    int[] calls = {0};
    BatchedScan scan = new BatchedScan(vectors, 1, task -> {
      if (calls[0]++ == 0) {
        throw new RejectedExecutionException("full");
      }
      task.run();
    });
    assertThatThrownBy(() -> scan.top(query(), 5, row -> true)).hasMessage("full");
    assertThat(scan.top(query(), 5, row -> true).join().rows()).hasSize(5);
  }

  @Test
  void aScannerThatCannotStartIsNotCountedWhateverItsExecutorThrows() {
    int[] calls = {0};
    BatchedScan scan = new BatchedScan(vectors, 1, task -> {
      if (calls[0]++ < 3) {
        throw new OutOfMemoryError("unable to create native thread");
      }
      task.run();
    });
    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(() -> scan.top(query(), 5, row -> true))
          .isInstanceOf(OutOfMemoryError.class);
    }
    assertThat(scan.top(query(), 5, row -> true).join().rows()).hasSize(5);
  }

  @Test
  void aRequestThatReliedOnAScannerThatDoesNotStartFails() {
    List<CompletableFuture<ItemVectors.Top>> second = new ArrayList<>();
    BatchedScan[] scan = new BatchedScan[1];
    boolean[] full = {true};
    scan[0] = new BatchedScan(vectors, 1, task -> {
      if (full[0]) {
        full[0] = false;
        // Arrives while the only allowed scanner is being started.
        second.add(scan[0].top(query(), 5, row -> true));
        throw new RejectedExecutionException("full");
      }
      task.run();
    });
    assertThatThrownBy(() -> scan[0].top(query(), 5, row -> true)).hasMessage("full");
    assertThat(second.getFirst()).isCompletedExceptionally();
    assertThat(scan[0].top(query(), 5, row -> true).join().rows()).hasSize(5);
  }

  @Test
  void aRequestThatAnotherScannerHasIsAnsweredThoughItsOwnDoesNotStart() {
    List<Runnable> started = new ArrayList<>();
    BatchedScan scan = new BatchedScan(vectors, 2, task -> {
      if (!started.isEmpty()) {
        throw new RejectedExecutionException("full");
      }
      started.add(task);
    });
    float[] query = query();
    CompletableFuture<ItemVectors.Top> first = scan.top(query(), 5, row -> true);
    CompletableFuture<ItemVectors.Top> second = scan.top(query, 5, row -> true);
    started.getFirst().run();
    assertThat(first.join().rows()).hasSize(5);
    assertThat(second.join().rows())
        .containsExactly(vectors.top(query, 5, row -> true).rows());
  }

  @Test
  void noItemsAndWrongSizes() {
    BatchedScan empty = new BatchedScan(QuantizedVectors.of(table(0)), 1, Runnable::run);
    assertThat(empty.top(query(), 5, row -> true).join().rows()).isEmpty();
    assertThatThrownBy(() -> empty.top(new float[D + 1], 5, row -> true))
        .hasMessageContaining("a query must have " + D + " elements");
    assertThatThrownBy(() -> new BatchedScan(vectors, 0, Runnable::run))
        .hasMessageContaining("1 or more, not 0");
  }

  private float[] query() {
    float[] query = new float[D];
    for (int i = 0; i < D; i++) {
      query[i] = random.nextFloat() - 0.5f;
    }
    return query;
  }

  private ItemVectors table(int items) {
    float[] values = new float[(items + 1) * D];
    for (int i = D; i < values.length; i++) {
      values[i] = random.nextFloat() - 0.5f;
    }
    return ItemVectors.of(new Tensor(new long[] {items + 1, D}, values));
  }
}
