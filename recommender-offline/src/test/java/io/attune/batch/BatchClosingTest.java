package io.attune.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.batch.BatchOptions.Fallback;
import io.attune.recommender.Prefix;
import io.attune.recommender.Recommender;
import io.attune.session.Vocabulary;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Closing waits for running work, so that the model may be closed next. */
class BatchClosingTest {
  private static final Vocabulary ITEMS = Vocabulary.of(List.of("a", "b", "c"));
  private static final SessionClicks SESSION = SessionClicks.of(ITEMS, "s", List.of("a"));

  /** A recommender that ignores interrupts and works until it is released, as the engine does. */
  private static final class Slow implements Recommender {
    final CountDownLatch working = new CountDownLatch(1);
    final CountDownLatch released = new CountDownLatch(1);
    final AtomicBoolean done = new AtomicBoolean();

    @Override
    public String name() {
      return "slow";
    }

    @Override
    public Vocabulary vocabulary() {
      return ITEMS;
    }

    @Override
    public void score(List<Prefix> prefixes, float[] scores) {
      working.countDown();
      boolean waited = false;
      while (!waited) {
        try {
          released.await();
          waited = true;
        } catch (InterruptedException e) {
          // Work continues.
        }
      }
      Arrays.fill(scores, 1);
      done.set(true);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void closeWaitsForRunningWork(int threads) throws Exception {
    Slow slow = new Slow();
    BatchRecommender batch = batch(slow, threads);
    Iterator<Recommendations> made = batch.recommend(List.of(SESSION).iterator());
    FutureTask<Recommendations> asking = new FutureTask<>(made::next);
    Thread caller = Thread.ofPlatform().start(asking);
    slow.working.await();
    CompletableFuture<Boolean> doneWhenClosed = new CompletableFuture<>();
    Thread closer = Thread.ofPlatform().start(() -> {
      batch.close();
      doneWhenClosed.complete(slow.done.get());
    });
    while (closer.isAlive()
        && closer.getState() != Thread.State.WAITING
        && closer.getState() != Thread.State.TIMED_WAITING) {
      Thread.onSpinWait();
    }
    slow.released.countDown();
    closer.join();
    caller.join();
    assertThat(doneWhenClosed.join()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void callsAfterCloseFail(int threads) {
    Slow slow = new Slow();
    BatchRecommender batch = batch(slow, threads);
    Iterator<Recommendations> made = batch.recommend(List.of(SESSION).iterator());
    batch.close();
    batch.close();
    assertThatThrownBy(made::hasNext)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("the batch recommender is closed");
    assertThatThrownBy(() -> batch.prepare(List.of(SESSION).iterator()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("the batch recommender is closed");
  }

  @Test
  void closeIgnoresInterrupts() throws Exception {
    Slow slow = new Slow();
    BatchRecommender batch = batch(slow, 2);
    Iterator<Recommendations> made = batch.recommend(List.of(SESSION).iterator());
    Thread caller = Thread.ofPlatform().start(new FutureTask<>(made::next));
    slow.working.await();
    CompletableFuture<Boolean> doneWhenClosed = new CompletableFuture<>();
    Thread closer = Thread.ofPlatform().start(() -> {
      Thread.currentThread().interrupt();
      batch.close();
      doneWhenClosed.complete(slow.done.get() && Thread.currentThread().isInterrupted());
    });
    while (closer.isAlive() && closer.getState() != Thread.State.TIMED_WAITING) {
      Thread.onSpinWait();
    }
    slow.released.countDown();
    closer.join();
    caller.join();
    assertThat(doneWhenClosed.join()).isTrue();
  }

  private static BatchRecommender batch(Recommender recommender, int threads) {
    return BatchRecommender.of(
        recommender,
        new long[] {1, 1, 1},
        Candidates.all(ITEMS),
        new BatchOptions(2, false, null, Fallback.NONE),
        threads);
  }
}
