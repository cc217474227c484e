package io.attune.training;

import java.util.SplittableRandom;

/** Tables of item vectors, (V + 1, D), row 0 being padding. */
record Rows(int dimension) {
  /** Drawn as a training draws them. */
  float[] random(int items, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] vectors = new float[(items + 1) * dimension];
    for (int i = dimension; i < vectors.length; i++) {
      vectors[i] = (random.nextFloat() * 2 - 1) * 0.1f;
    }
    return vectors;
  }

  double norm(float[] vectors, int row) {
    return Math.sqrt(dot(vectors, row, vectors, row));
  }

  double cosine(float[] one, int a, float[] other, int b) {
    return dot(one, a, other, b) / norm(one, a) / norm(other, b);
  }

  private double dot(float[] one, int a, float[] other, int b) {
    double sum = 0;
    for (int i = 0; i < dimension; i++) {
      sum += (double) one[a * dimension + i] * other[b * dimension + i];
    }
    return sum;
  }
}
