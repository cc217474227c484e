package io.attune.serving;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * Work that is done for one key at a time, in the order in which it comes; of different keys side
 * by side. A key that nobody works for takes no memory. Work may ask for its own key again.
 */
final class Turns {
  private final ConcurrentHashMap<String, Turn> byKey = new ConcurrentHashMap<>();

  /** Of a key for which somebody works or waits. */
  private static final class Turn {
    final ReentrantLock lock = new ReentrantLock(true);
    int users; // guarded by the map's entry

    Turn used() {
      users++;
      return this;
    }
  }

  /** Waits for those that came before, and works. */
  <R> R with(String key, Supplier<R> work) {
    Turn turn =
        byKey.compute(key, (id, present) -> (present == null ? new Turn() : present).used());
    turn.lock.lock();
    try {
      return work.get();
    } finally {
      turn.lock.unlock();
      byKey.computeIfPresent(key, (id, present) -> {
        present.users--;
        return present.users == 0 ? null : present;
      });
    }
  }

  /** Keys for which somebody works or waits. */
  int size() {
    return byKey.size();
  }
}
