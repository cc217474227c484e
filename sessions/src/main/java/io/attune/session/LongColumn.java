package io.attune.session;

/** A growable column of longs. */
final class LongColumn extends Column<long[]> {
  LongColumn() {
    super(new long[8][]);
  }

  long get(int index) {
    return chunks[index >>> SHIFT][index & MASK];
  }

  void set(int index, long value) {
    chunks[index >>> SHIFT][index & MASK] = value;
  }

  void add(long value) {
    set(append(), value);
  }

  @Override
  long[] newChunk(int length) {
    return new long[length];
  }

  @Override
  void copy(long[] from, int index, long[] to, int target) {
    to[target] = from[index];
  }
}
