package io.attune.server;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Something that is tried again and again. Why it fails is reported once. Thread-safe. */
final class Attempts {
  private final Consumer<String> notices;
  private final AtomicLong failures = new AtomicLong();
  private volatile @Nullable String failure;

  Attempts(Consumer<String> notices) {
    this.notices = notices;
  }

  /** Something that may fail, and go on failing. */
  @FunctionalInterface
  interface Attempt {
    /** Returns whether it was tried; if not, the last failure stands. */
    boolean run() throws IOException;
  }

  /**
   * Tries something.
   *
   * @param prefix what a report of a failure begins with
   */
  void run(String prefix, Attempt attempt) {
    try {
      if (attempt.run()) {
        failure = null;
      }
    } catch (IOException | RuntimeException | OutOfMemoryError e) {
      failures.incrementAndGet();
      String reason = String.valueOf(e.getMessage());
      if (!reason.equals(failure)) {
        notices.accept(prefix + ": " + reason);
      }
      failure = reason;
    }
  }

  /** Why the last attempt failed; null if it did not. */
  @Nullable
  String failure() {
    return failure;
  }

  /** Number of attempts that failed. */
  long failures() {
    return failures.get();
  }
}
