package io.attune.session;

import java.util.Arrays;

/**
 * A growable column of primitive values, stored in chunks: growing it copies no value, and no chunk
 * is large enough to be a humongous object of the garbage collector, which would waste up to half a
 * region each.
 *
 * @param <C> a chunk: an array of primitives
 */
abstract sealed class Column<C> permits IntColumn, LongColumn {
  static final int SHIFT = 15;
  static final int MASK = (1 << SHIFT) - 1;

  private static final int CHUNK = 1 << SHIFT;

  C[] chunks;
  private int size;

  Column(C[] chunks) {
    this.chunks = chunks;
  }

  abstract C newChunk(int length);

  /** Copies one value from a chunk to another. */
  abstract void copy(C from, int index, C to, int target);

  final int size() {
    return size;
  }

  /** Appends an unset value and returns its index. */
  final int append() {
    if (size == Integer.MAX_VALUE) {
      throw new TooLargeException("a column holds at most " + Integer.MAX_VALUE + " values");
    }
    if ((size & MASK) == 0) {
      int chunk = size >>> SHIFT;
      if (chunk == chunks.length) {
        chunks = Arrays.copyOf(chunks, chunk * 2);
      }
      chunks[chunk] = newChunk(CHUNK);
    }
    return size++;
  }

  /** Makes this a column of so many zeros. */
  final void reset(int newSize) {
    chunks = allocate(newSize);
    size = newSize;
  }

  private C[] allocate(int values) {
    C[] allocated = Arrays.copyOf(chunks, (int) (((long) values + MASK) >>> SHIFT));
    for (int i = 0; i < allocated.length; i++) {
      allocated[i] = newChunk(Math.min(CHUNK, values - (i << SHIFT)));
    }
    return allocated;
  }

  /**
   * Moves the value at each index to {@code targets.get(index)}, which must be a permutation,
   * releasing memory on the way.
   */
  final void scatter(IntColumn targets) {
    C[] moved = allocate(size);
    for (int index = 0; index < size; index++) {
      int target = targets.get(index);
      copy(chunks[index >>> SHIFT], index & MASK, moved[target >>> SHIFT], target & MASK);
      if ((index & MASK) == MASK) {
        chunks[index >>> SHIFT] = newChunk(0);
      }
    }
    chunks = moved;
  }
}
