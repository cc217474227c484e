package io.attune.session;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Distinct ids as UTF-8 bytes, numbered from 0 in order of first appearance.
 *
 * <p>An id costs its bytes, two of length, four of its number, four of its offset, and some 12
 * bytes of index: 20 million session ids fit where as many {@code String}s would need gigabytes.
 * {@link #seal()} gives the index back when only {@link #get(int)} is needed from then on.
 *
 * <p>Not safe for use by several threads while it grows; afterwards it is.
 */
final class IdTable {
  /** The longest id in bytes, the same as the longest term of a Lucene index. */
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

  /** The number and the length before each id. */
  private static final int HEAD = 6;

  private byte[][] chunks = new byte[4][];
  private int chunkCount;
  private int used = CHUNK;
  private final IntColumn offsets = new IntColumn();

  /**
   * Open addressing; a slot holds the hash in its upper half and the id's offset + 1 in its lower;
   * 0 is free. The number stands in the arena before the id: so a look-up that succeeds misses the
   * cache twice, not three times.
   */
  private long[] slots = new long[64];

  int size() {
    return offsets.size();
  }

  /** The number of this id, which is new when it was not there. */
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

  /** A new number for this id, which is neither looked up nor can be found later. */
  int append(byte[] bytes, int from, int to) {
    int length = to - from;
    if (length > MAX_BYTES) {
      throw new IllegalArgumentException(
          "an id must have at most " + MAX_BYTES + " bytes of UTF-8, but one has " + length);
    }
    if (used + length + HEAD > CHUNK) {
      newChunk();
    }
    byte[] chunk = chunks[chunkCount - 1];
    int offset = ((chunkCount - 1) << SHIFT) | used;
    INTS.set(chunk, used, offsets.size());
    SHORTS.set(chunk, used + 4, (short) length);
    System.arraycopy(bytes, from, chunk, used + HEAD, length);
    used += length + HEAD;
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
    return new String(chunk, at + HEAD, length(chunk, at), StandardCharsets.UTF_8);
  }

  /** Whether the id with this number has these bytes. */
  boolean same(int number, byte[] bytes, int from, int to) {
    return sameAt(offsets.get(number), bytes, from, to);
  }

  private boolean sameAt(int offset, byte[] bytes, int from, int to) {
    byte[] chunk = chunks[offset >>> SHIFT];
    int at = offset & (CHUNK - 1);
    int length = length(chunk, at);
    return length == to - from
        && Arrays.equals(chunk, at + HEAD, at + HEAD + length, bytes, from, to);
  }

  private int numberAt(int offset) {
    return (int) INTS.get(chunks[offset >>> SHIFT], offset & (CHUNK - 1));
  }

  /** The number in this table of that table's id. */
  int addFrom(IdTable that, int number) {
    int offset = that.offsets.get(number);
    byte[] chunk = that.chunks[offset >>> SHIFT];
    int at = offset & (CHUNK - 1);
    return add(chunk, at + HEAD, at + HEAD + length(chunk, at));
  }

  /** The number in this table of that table's id, or -1. */
  int findFrom(IdTable that, int number) {
    int offset = that.offsets.get(number);
    byte[] chunk = that.chunks[offset >>> SHIFT];
    int at = offset & (CHUNK - 1);
    return find(chunk, at + HEAD, at + HEAD + length(chunk, at));
  }

  /** Gives the index back; no id can be added or found afterwards. */
  void seal() {
    slots = new long[0];
  }

  private void newChunk() {
    if (chunkCount == 1 << (32 - SHIFT)) {
      throw new TooLargeException("all distinct ids together must have less than 4 GiB of UTF-8");
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
