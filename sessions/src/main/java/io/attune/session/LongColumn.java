package io.attune.session;

import java.util.Arrays;

/**
 * A growing column of longs in chunks: growth copies no value, and no chunk is large enough to be a
 * humongous object of the collector, which would waste up to half a region each.
 */
final class LongColumn {
  private static final int SHIFT = 15;
  private static final int CHUNK = 1 << SHIFT;
  private static final int MASK = CHUNK - 1;

  private long[][] chunks = new long[8][];
  private int size;

  static LongColumn ofSize(int size) {
    LongColumn column = new LongColumn();
    column.chunks = new long[(int) (((long) size + MASK) >>> SHIFT)][];
    for (int i = 0; i < column.chunks.length; i++) {
      column.chunks[i] = new long[Math.min(CHUNK, size - (i << SHIFT))];
    }
    column.size = size;
    return column;
  }

  int size() {
    return size;
  }

  long get(int index) {
    return chunks[index >>> SHIFT][index & MASK];
  }

  void set(int index, long value) {
    chunks[index >>> SHIFT][index & MASK] = value;
  }

  void add(long value) {
    if (size == Integer.MAX_VALUE) {
      throw new TooLargeException("a column holds at most " + Integer.MAX_VALUE + " values");
    }
    int chunk = size >>> SHIFT;
    if ((size & MASK) == 0) {
      if (chunk == chunks.length) {
        chunks = Arrays.copyOf(chunks, chunk * 2);
      }
      chunks[chunk] = new long[CHUNK];
    }
    chunks[chunk][size & MASK] = value;
    size++;
  }

  /**
   * Moves the value at each index to {@code target.get(index)}, which must be a permutation, giving
   * memory back on the way.
   */
  void scatter(IntColumn target) {
    LongColumn moved = ofSize(size);
    for (int index = 0; index < size; index++) {
      moved.set(target.get(index), get(index));
      if ((index & MASK) == MASK) {
        chunks[index >>> SHIFT] = new long[0];
      }
    }
    chunks = moved.chunks;
  }
}
