package io.attune.encoder;

import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Work on the engine's memory by several threads. */
final class InParallel {
  private InParallel() {}

  /**
   * Does a piece of work for each index below a count, and returns or throws only once no thread is
   * at work any more. A parallel stream throws at the first failure while other threads go on, and
   * the caller would free the memory that they read and write.
   *
   * @throws RuntimeException or {@link Error}: a failure of a piece; the others have been done
   */
  static void forEach(int count, IntConsumer piece) {
    AtomicReference<@Nullable Runnable> failure = new AtomicReference<>();
    IntStream.range(0, count).parallel().forEach(i -> {
      try {
        piece.accept(i);
      } catch (RuntimeException | Error e) {
        failure.compareAndSet(null, () -> {
          throw e;
        });
      }
    });
    Runnable first = failure.get();
    if (first != null) {
      first.run();
    }
  }
}
