package io.attune.session;

import java.util.Arrays;

/**
 * A growing column of ints in chunks: growth copies no value, and no chunk is large enough to be a
 * humongous object of the collector, which would waste up to half a region each.
 */
final class IntColumn {
  private static final int SHIFT = 15;
  private static final int CHUNK = 1 << SHIFT;
  private static final int MASK = CHUNK - 1;

  private int[][] chunks = new int[8][];
  private int size;

  static IntColumn ofSize(int size) {
    IntColumn column = new IntColumn();
    column.chunks = new int[(int) (((long) size + MASK) >>> SHIFT)][];
    for (int i = 0; i < column.chunks.length; i++) {
      column.chunks[i] = new int[Math.min(CHUNK, size - (i << SHIFT))];
    }
    column.size = size;
    return column;
  }

  int size() {
    return size;
  }

  int get(int index) {
    return chunks[index >>> SHIFT][index & MASK];
  }

  void set(int index, int value) {
    chunks[index >>> SHIFT][index & MASK] = value;
  }

  void add(int value) {
    if (size == Integer.MAX_VALUE) {
      throw new TooLargeException("a column holds at most " + Integer.MAX_VALUE + " values");
    }
    int chunk = size >>> SHIFT;
    if ((size & MASK) == 0) {
      if (chunk == chunks.length) {
        chunks = Arrays.copyOf(chunks, chunk * 2);
      }
      chunks[chunk] = new int[CHUNK];
    }
    chunks[chunk][size & MASK] = value;
    size++;
  }

  /**
   * Moves the value at each index to {@code target.get(index)}, which must be a permutation, giving
   * memory back on the way.
   */
  void scatter(IntColumn target) {
    IntColumn moved = ofSize(size);
    for (int index = 0; index < size; index++) {
      moved.set(target.get(index), get(index));
      if ((index & MASK) == MASK) {
        chunks[index >>> SHIFT] = new int[0];
      }
    }
    chunks = moved.chunks;
  }
}
