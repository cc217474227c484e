package io.attune.evaluation;

import io.attune.session.SplitMix64;

/**
 * A hash table of sessions by a 64-bit hash, with open addressing: 18 to 36 bytes per session. Of
 * sessions with equal hashes the last one is kept; the caller compares what it finds.
 */
final class SessionTable {
  /** Stands for no session. */
  static final int NONE = -1;

  private final long[] hashes;
  private final int[] sessions; // session + 1; 0 if free

  /**
   * Creates an empty table.
   *
   * @param maxSize maximum number of sessions
   */
  SessionTable(int maxSize) {
    int capacity = Math.max(8, Integer.highestOneBit(Math.max(1, maxSize)) * 2);
    // At most two thirds full.
    capacity = 3L * maxSize > 2L * capacity ? Math.multiplyExact(capacity, 2) : capacity;
    this.hashes = new long[capacity];
    this.sessions = new int[capacity];
  }

  /** The session with this hash, or {@link #NONE}. */
  int get(long hash) {
    return sessions[slot(hash)] - 1;
  }

  /** Puts a session and returns the previous one with this hash, or {@link #NONE}. */
  int put(long hash, int session) {
    int slot = slot(hash);
    int previous = sessions[slot] - 1;
    hashes[slot] = hash;
    sessions[slot] = session + 1;
    return previous;
  }

  private int slot(long hash) {
    int mask = hashes.length - 1;
    int slot = (int) (hash >>> 20) & mask;
    while (sessions[slot] != 0 && hashes[slot] != hash) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  /** The hash of an id. */
  static long hash(String id) {
    long hash = id.length();
    for (int i = 0; i < id.length(); i++) {
      hash = SplitMix64.mix(hash ^ id.charAt(i));
    }
    return hash;
  }
}
