package io.attune.session;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A hash table of distinct ids as UTF-8 bytes, numbered from 0 in the order in which they are
 * added.
 *
 * <p>An id takes its bytes, two for the length, four each for number and offset, and about 12 in
 * the index, far less than a {@code String}. {@link #seal()} releases the index once only
 * {@link #get(int)} is needed.
 *
 * <p>Not thread-safe while ids are added; thread-safe afterwards.
 */
final class IdTable {
  /** The maximum length of an id, which is that of a Lucene term. */
  static final int MAX_BYTES = 32_766;

  private static final int SHIFT = 18;
  private static final int CHUNK = 1 << SHIFT;
  private static final int MAX_IDS = 1 << 29;
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private static final VarHandle INTS =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle SHORTS =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);

  /** Before each id: its number and its length. */
  private static final int HEADER_BYTES = 6;

  private byte[][] chunks = new byte[4][];
  private int chunkCount;
  private int used = CHUNK;
  private final IntColumn offsets = new IntColumn();

  /**
   * Open addressing. A slot holds the hash in its upper half and the offset of the id + 1 in its
   * lower half; 0 is free. The number is stored next to the id, so a successful lookup costs two
   * cache misses rather than three.
   */
  private long[] slots = new long[64];

  int size() {
    return offsets.size();
  }

  /** Returns the number of this id, adding it if it is new. */
  int add(byte[] bytes, int from, int to) {
    int hash = hash(bytes, from, to);
    int slot = slotOf(bytes, from, to, hash);
    if (slots[slot] != 0) {
      return numberAt((int) slots[slot] - 1);
    }
    int number = append(bytes, from, to);
    slots[slot] = ((long) hash << 32) | ((offsets.get(number) + 1) & 0xffffffffL);
    if (offsets.size() * 3L > slots.length * 2L) {
      grow();
    }
    return number;
  }

  /** Adds an id without looking it up; it cannot be found later, only read by its number. */
  int append(byte[] bytes, int from, int to) {
    int length = to - from;
    if (length > MAX_BYTES) {
      throw new IllegalArgumentException(
          "an id must have at most " + MAX_BYTES + " bytes in UTF-8, but one has " + length);
    }
    if (used + length + HEADER_BYTES > CHUNK) {
      newChunk();
    }
    byte[] chunk = chunks[chunkCount - 1];
    int offset = ((chunkCount - 1) << SHIFT) | used;
    INTS.set(chunk, used, offsets.size());
    SHORTS.set(chunk, used + 4, (short) length);
    System.arraycopy(bytes, from, chunk, used + HEADER_BYTES, length);
    used += length + HEADER_BYTES;
    offsets.add(offset);
    return offsets.size() - 1;
  }

  int add(String id) {
    byte[] bytes = id.getBytes(StandardCharsets.UTF_8);
    return add(bytes, 0, bytes.length);
  }

  /** The number of this id, or -1. */
  int find(byte[] bytes, int from, int to) {
    if (to - from > MAX_BYTES) {
      return -1;
    }
    int slot = slotOf(bytes, from, to, hash(bytes, from, to));
    return slots[slot] == 0 ? -1 : numberAt((int) slots[slot] - 1);
  }

  int find(String id) {
    byte[] bytes = id.getBytes(StandardCharsets.UTF_8);
    return find(bytes, 0, bytes.length);
  }

  String get(int number) {
    int offset = offsets.get(number);
    byte[] chunk = chunks[offset >>> SHIFT];
    int at = offset & (CHUNK - 1);
    return new String(chunk, at + HEADER_BYTES, length(chunk, at), StandardCharsets.UTF_8);
  }

  /** Whether the id with this number consists of these bytes. */
  boolean same(int number, byte[] bytes, int from, int to) {
    return sameAt(offsets.get(number), bytes, from, to);
  }

  private boolean sameAt(int offset, byte[] bytes, int from, int to) {
    byte[] chunk = chunks[offset >>> SHIFT];
    int at = offset & (CHUNK - 1);
    int length = length(chunk, at);
    return length == to - from
        && Arrays.equals(chunk, at + HEADER_BYTES, at + HEADER_BYTES + length, bytes, from, to);
  }

  private int numberAt(int offset) {
    return (int) INTS.get(chunks[offset >>> SHIFT], offset & (CHUNK - 1));
  }

  /** Adds an id of another table and returns its number here. */
  int addFrom(IdTable that, int number) {
    int offset = that.offsets.get(number);
    byte[] chunk = that.chunks[offset >>> SHIFT];
    int at = offset & (CHUNK - 1);
    return add(chunk, at + HEADER_BYTES, at + HEADER_BYTES + length(chunk, at));
  }

  /** The number here of an id of another table, or -1. */
  int findFrom(IdTable that, int number) {
    int offset = that.offsets.get(number);
    byte[] chunk = that.chunks[offset >>> SHIFT];
    int at = offset & (CHUNK - 1);
    return find(chunk, at + HEADER_BYTES, at + HEADER_BYTES + length(chunk, at));
  }

  /** Releases the index; no id can be added or found afterwards. */
  void seal() {
    slots = new long[0];
  }

  private void newChunk() {
    if (chunkCount == 1 << (32 - SHIFT)) {
      throw new TooLargeException("distinct ids must have less than 4 GiB in total, as UTF-8");
    }
    if (chunkCount == chunks.length) {
      chunks = Arrays.copyOf(chunks, chunkCount * 2);
    }
    chunks[chunkCount++] = new byte[CHUNK];
    used = 0;
  }

  private static int length(byte[] chunk, int at) {
    return (short) SHORTS.get(chunk, at + 4);
  }

  private int slotOf(byte[] bytes, int from, int to, int hash) {
    int mask = slots.length - 1;
    int slot = hash & mask;
    while (true) {
      long entry = slots[slot];
      if (entry == 0
          || ((int) (entry >>> 32) == hash && sameAt((int) entry - 1, bytes, from, to))) {
        return slot;
      }
      slot = (slot + 1) & mask;
    }
  }

  private void grow() {
    if (slots.length > MAX_IDS) {
      throw new TooLargeException("there must be fewer than " + MAX_IDS + " distinct ids");
    }
    long[] wider = new long[slots.length * 2];
    int mask = wider.length - 1;
    for (long entry : slots) {
      if (entry != 0) {
        int slot = (int) (entry >>> 32) & mask;
        while (wider[slot] != 0) {
          slot = (slot + 1) & mask;
        }
        wider[slot] = entry;
      }
    }
    slots = wider;
  }

  private static int hash(byte[] bytes, int from, int to) {
    long hash = (long) to - from;
    int at = from;
    for (; at + 8 <= to; at += 8) {
      hash = (hash ^ (long) LONGS.get(bytes, at)) * 0x9E3779B97F4A7C15L;
      hash ^= hash >>> 29;
    }
    long rest = 0;
    for (; at < to; at++) {
      rest = (rest << 8) | (bytes[at] & 0xff);
    }
    hash = (hash ^ rest) * 0xBF58476D1CE4E5B9L;
    hash ^= hash >>> 32;
    hash *= 0x94D049BB133111EBL;
    return (int) (hash >>> 32);
  }
}
