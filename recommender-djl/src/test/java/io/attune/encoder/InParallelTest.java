package io.attune.encoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class InParallelTest {
  @Test
  void aFailureIsThrownOnceNoThreadIsAtWork() {
    AtomicInteger done = new AtomicInteger();
    CountDownLatch failed = new CountDownLatch(1);
    assertThatThrownBy(() -> InParallel.forEach(1_000, i -> {
          if (i == 700) {
            failed.countDown();
            throw new ArithmeticException("item 700");
          }
          if (i == 100) { // still at work when the other fails, where there are two threads
            waitFor(failed);
          }
          done.incrementAndGet();
        }))
        .isInstanceOf(ArithmeticException.class)
        .hasMessage("item 700");
    assertThat(done).hasValue(999);
  }

  @Test
  void anErrorIsThrownAsItIs() {
    assertThatThrownBy(() -> InParallel.forEach(3, i -> {
          throw new OutOfMemoryError("of " + i);
        }))
        .isInstanceOf(OutOfMemoryError.class);
  }

  private static void waitFor(CountDownLatch failed) {
    try {
      failed.await(100, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
