package io.attune.serving;

/** Some elements of the vectors of another table, which lie side by side. */
final class ColumnVectors extends ItemVectors {
  private final ItemVectors whole;
  private final int first;

  /**
   * Elements of a table.
   *
   * @param first of them
   * @param dimension how many
   */
  ColumnVectors(ItemVectors whole, int first, int dimension) {
    super(whole.size() + 1, dimension);
    this.whole = whole;
    this.first = first;
  }

  @Override
  void addTo(float[] sum, int row, float factor) {
    Arithmetic.addScaled(sum, 0, factor, row(row), first, sum.length);
  }

  @Override
  float product(float[] query, int row) {
    return Arithmetic.dot(query, 0, row(row), first, query.length);
  }

  @Override
  void products(float[] query, int from, int count, float[] scores) {
    for (int i = 0; i < count; i++) {
      scores[i] = product(query, from + i);
    }
  }

  @Override
  void read(int from, int count, float[] into, int at) {
    for (int i = 0; i < count; i++) {
      System.arraycopy(row(from + i), first, into, at + i * dimension(), dimension());
    }
  }

  private float[] row(int row) {
    float[] vector = new float[whole.dimension()];
    whole.read(row, 1, vector, 0);
    return vector;
  }
}
