package io.attune.serving;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * A fair, reentrant lock for each key. Tasks of one key run one after the other in the order of
 * their arrival; tasks of different keys run concurrently. A key takes no memory while it is not in
 * use.
 */
final class KeyedLocks {
  private final ConcurrentHashMap<String, Entry> byKey = new ConcurrentHashMap<>();

  /** The lock of a key that is held or waited for. */
  private static final class Entry {
    final ReentrantLock lock = new ReentrantLock(true);
    int users; // holder and waiters; guarded by the map's entry

    Entry acquire() {
      users++;
      return this;
    }
  }

  /** Runs a task under the lock of a key. */
  <R> R with(String key, Supplier<R> task) {
    Entry entry =
        byKey.compute(key, (id, present) -> (present == null ? new Entry() : present).acquire());
    entry.lock.lock();
    try {
      return task.get();
    } finally {
      entry.lock.unlock();
      byKey.computeIfPresent(key, (id, present) -> {
        present.users--;
        return present.users == 0 ? null : present;
      });
    }
  }

  /** The number of keys in use. */
  int size() {
    return byKey.size();
  }
}
