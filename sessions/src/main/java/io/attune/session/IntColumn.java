package io.attune.session;

/** A growable column of ints. */
final class IntColumn extends Column<int[]> {
  IntColumn() {
    super(new int[8][]);
  }

  static IntColumn ofSize(int size) {
    IntColumn column = new IntColumn();
    column.reset(size);
    return column;
  }

  int get(int index) {
    return chunks[index >>> SHIFT][index & MASK];
  }

  void set(int index, int value) {
    chunks[index >>> SHIFT][index & MASK] = value;
  }

  void add(int value) {
    set(append(), value);
  }

  @Override
  int[] newChunk(int length) {
    return new int[length];
  }

  @Override
  void copy(int[] from, int index, int[] to, int target) {
    to[target] = from[index];
  }
}
