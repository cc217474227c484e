package io.attune.vector;

/** An item table in one array, or a range of its columns. */
final class HeapItemVectors extends ItemVectors {
  private final float[] table;
  private final int stride; // between rows
  private final int first; // first column

  HeapItemVectors(Tensor table) {
    this(table.values(), size(table, 0), size(table, 1), 0, size(table, 1));
  }

  private HeapItemVectors(float[] table, int rows, int stride, int first, int dimension) {
    super(rows, dimension);
    this.table = table;
    this.stride = stride;
    this.first = first;
  }

  private static int size(Tensor table, int axis) {
    if (table.shape().length != 2) {
      throw new IllegalArgumentException("item vectors must have two dimensions, not " + table);
    }
    return Math.toIntExact(table.shape()[axis]);
  }

  @Override
  public ItemVectors slice(int from, int count) {
    return new HeapItemVectors(table, size() + 1, stride, first + from, count);
  }

  @Override
  public void addTo(float[] sum, int row, float factor) {
    Arithmetic.addScaled(sum, 0, factor, table, at(row), sum.length);
  }

  @Override
  float dotUnchecked(float[] query, int row) {
    return Arithmetic.dot(query, 0, table, at(row), query.length);
  }

  @Override
  void dotsUnchecked(float[] query, int from, int count, float[] scores) {
    for (int i = 0; i < count; i++) {
      scores[i] = dotUnchecked(query, from + i);
    }
  }

  @Override
  void copyRows(int from, int count, float[] into, int at) {
    int rows = stride == dimension() ? count : 1; // copied at once
    for (int done = 0; done < count; done += rows) {
      System.arraycopy(table, at(from + done), into, at + done * dimension(), rows * dimension());
    }
  }

  private int at(int row) {
    return row * stride + first;
  }
}
