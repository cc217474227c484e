package io.attune.serving;

/** An item table in one array. */
final class HeapItemVectors extends ItemVectors {
  private final float[] table;

  HeapItemVectors(float[] table, int dimension) {
    super(rows(table, dimension), dimension);
    this.table = table;
  }

  private static int rows(float[] table, int dimension) {
    if (dimension < 1 || table.length % dimension != 0) {
      throw new IllegalArgumentException(
          "a table of " + table.length + " elements has no rows of " + dimension);
    }
    return table.length / dimension;
  }

  @Override
  float product(float[] query, int row) {
    return InnerProduct.of(query, table, row * query.length);
  }

  @Override
  void products(float[] query, int from, int count, float[] scores) {
    InnerProduct.ofRows(query, table, from * query.length, count, scores, 0);
  }

  @Override
  void read(int from, int count, float[] into) {
    System.arraycopy(table, from * dimension(), into, 0, count * dimension());
  }
}
