package io.attune.session;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Distinct ids as UTF-8 bytes, numbered from 0 in order of first appearance.
 *
 * <p>An id costs its bytes, one to three bytes of length, four bytes of offset and some 12 bytes of index: 20 million session
 * ids fit where as many {@code String}s would need gigabytes. {@link #seal()} gives the index back when only {@link
 * #get(int)} is needed from then on.
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

  private byte[][] chunks = new byte[4][];
  private int chunkCount;
  private int used = CHUNK;
  private final IntColumn offsets = new IntColumn();

  /** Open addressing; a slot holds the hash in its upper half and the number + 1 in its lower; 0 is free. */
  private long[] slots = new long[64];

  int size() {
    return offsets.size();
  }

  /** The number of this id, which is new when it was not there. */
  int add(byte[] bytes, int from, int to) {
    int hash = hash(bytes, from, to);
    int slot = slotOf(bytes, from, to, hash);
    if (slots[slot] != 0) {
      return (int) slots[slot] - 1;
    }
    int number = store(bytes, from, to);
    slots[slot] = entry(hash, number);
    if (offsets.size() * 3L > slots.length * 2L) {
      grow();
    }
    return number;
  }

  /** A new number for this id, which is neither looked up nor can be found later. */
  int append(byte[] bytes, int from, int to) {
    return store(bytes, from, to);
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
    return (int) slots[slot] - 1;
  }

  int find(String id) {
    byte[] bytes = id.getBytes(StandardCharsets.UTF_8);
    return find(bytes, 0, bytes.length);
  }

  String get(int number) {
    int offset = offsets.get(number);
    byte[] chunk = chunks[offset >>> SHIFT];
    int at = offset & (CHUNK - 1);
    return new String(chunk, at + 2, length(chunk, at), StandardCharsets.UTF_8);
  }

  /** Whether the id with this number has these bytes. */
  boolean same(int number, byte[] bytes, int from, int to) {
    int offset = offsets.get(number);
    byte[] chunk = chunks[offset >>> SHIFT];
    int at = offset & (CHUNK - 1);
    int length = length(chunk, at);
    return length == to - from
        && Arrays.equals(chunk, at + 2, at + 2 + length, bytes, from, to);
  }

  /** The number in this table of that table's id. */
  int addFrom(IdTable that, int number) {
    int offset = that.offsets.get(number);
    byte[] chunk = that.chunks[offset >>> SHIFT];
    int at = offset & (CHUNK - 1);
    return add(chunk, at + 2, at + 2 + length(chunk, at));
  }

  /** The number in this table of that table's id, or -1. */
  int findFrom(IdTable that, int number) {
    int offset = that.offsets.get(number);
    byte[] chunk = that.chunks[offset >>> SHIFT];
    int at = offset & (CHUNK - 1);
    return find(chunk, at + 2, at + 2 + length(chunk, at));
  }

  /** Gives the index back; no id can be added or found afterwards. */
  void seal() {
    slots = new long[0];
  }

  private int store(byte[] bytes, int from, int to) {
    int length = to - from;
    if (length > MAX_BYTES) {
      throw new IllegalArgumentException(
          "an id must have at most " + MAX_BYTES + " bytes of UTF-8, but one has " + length);
    }
    if (used + length + 2 > CHUNK) {
      newChunk();
    }
    byte[] chunk = chunks[chunkCount - 1];
    int offset = ((chunkCount - 1) << SHIFT) | used;
    chunk[used] = (byte) (length >>> 8);
    chunk[used + 1] = (byte) length;
    System.arraycopy(bytes, from, chunk, used + 2, length);
    used += length + 2;
    offsets.add(offset);
    return offsets.size() - 1;
  }

  private void newChunk() {
    if (chunkCount == 1 << (32 - SHIFT)) {
      throw new IllegalStateException("all distinct ids together must have less than 4 GiB of UTF-8");
    }
    if (chunkCount == chunks.length) {
      chunks = Arrays.copyOf(chunks, chunkCount * 2);
    }
    chunks[chunkCount++] = new byte[CHUNK];
    used = 0;
  }

  private static int length(byte[] chunk, int at) {
    return ((chunk[at] & 0xff) << 8) | (chunk[at + 1] & 0xff);
  }

  private int slotOf(byte[] bytes, int from, int to, int hash) {
    int mask = slots.length - 1;
    int slot = hash & mask;
    while (true) {
      long entry = slots[slot];
      if (entry == 0
          || ((int) (entry >>> 32) == hash && same((int) entry - 1, bytes, from, to))) {
        return slot;
      }
      slot = (slot + 1) & mask;
    }
  }

  private void grow() {
    if (slots.length > MAX_IDS) {
      throw new IllegalStateException("there must be fewer than " + MAX_IDS + " distinct ids");
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

  private static long entry(int hash, int number) {
    return ((long) hash << 32) | (number + 1);
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
