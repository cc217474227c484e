package io.attune.evaluation;

import io.attune.session.SplitMix64;

/**
 * Sessions by a hash of 64 bits, in open addressing: 18 to 36 bytes each, whatever their length. Of
 * two with one hash the later one is kept; whoever finds one looks whether it is the right one.
 */
final class SessionTable {
  /** Stands for no session. */
  static final int NONE = -1;

  private final long[] hashes;
  private final int[] sessions; // + 1; 0 where free

  /**
   * An empty table.
   *
   * @param most sessions that will be put
   */
  SessionTable(int most) {
    int capacity = Math.max(8, Integer.highestOneBit(Math.max(1, most)) * 2);
    // At most two thirds full.
    capacity = 3L * most > 2L * capacity ? Math.multiplyExact(capacity, 2) : capacity;
    this.hashes = new long[capacity];
    this.sessions = new int[capacity];
  }

  /** The session with this hash, or {@link #NONE}. */
  int get(long hash) {
    return sessions[slot(hash)] - 1;
  }

  /** Puts a session; returns the one that was there, or {@link #NONE}. */
  int put(long hash, int session) {
    int slot = slot(hash);
    int before = sessions[slot] - 1;
    hashes[slot] = hash;
    sessions[slot] = session + 1;
    return before;
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
