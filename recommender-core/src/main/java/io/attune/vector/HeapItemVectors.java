package io.attune.vector;

/** An item table in one array, or some columns of one. */
final class HeapItemVectors extends ItemVectors {
  private final float[] table;
  private final int stride; // from a row to the next
  private final int first; // column

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
      throw new IllegalArgumentException("item vectors must be a matrix, not " + table);
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
  float product(float[] query, int row) {
    return Arithmetic.dot(query, 0, table, at(row), query.length);
  }

  @Override
  void products(float[] query, int from, int count, float[] scores) {
    for (int i = 0; i < count; i++) {
      scores[i] = product(query, from + i);
    }
  }

  @Override
  void read(int from, int count, float[] into, int at) {
    int rows = stride == dimension() ? count : 1; // copied at a time
    for (int done = 0; done < count; done += rows) {
      System.arraycopy(table, at(from + done), into, at + done * dimension(), rows * dimension());
    }
  }

  private int at(int row) {
    return row * stride + first;
  }
}
