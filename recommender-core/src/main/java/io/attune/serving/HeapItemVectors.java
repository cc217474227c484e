package io.attune.serving;

import io.attune.model.Tensor;

/** An item table in one array. */
final class HeapItemVectors extends ItemVectors {
  private final float[] table;

  HeapItemVectors(Tensor table) {
    super(size(table, 0), size(table, 1));
    this.table = table.values();
  }

  private static int size(Tensor table, int axis) {
    if (table.shape().length != 2) {
      throw new IllegalArgumentException("item vectors must be a matrix, not " + table);
    }
    return Math.toIntExact(table.shape()[axis]);
  }

  @Override
  void addTo(float[] sum, int row, float factor) {
    Arithmetic.addScaled(sum, 0, factor, table, row * sum.length, sum.length);
  }

  @Override
  float product(float[] query, int row) {
    return Arithmetic.dot(query, 0, table, row * query.length, query.length);
  }

  @Override
  void products(float[] query, int from, int count, float[] scores) {
    for (int i = 0; i < count; i++) {
      scores[i] = product(query, from + i);
    }
  }

  @Override
  void read(int from, int count, float[] into, int at) {
    System.arraycopy(table, from * dimension(), into, at, count * dimension());
  }
}
