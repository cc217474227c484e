package io.attune.serving;

import java.nio.FloatBuffer;

/**
 * Inner products in one fixed order: eight sums of every eighth product, added in pairs, and what
 * is left at the end one by one. So a score is the same on every machine and by every method.
 */
final class InnerProduct {
  private InnerProduct() {}

  /** The query times the row of {@code table} that starts at {@code at}. */
  static float of(float[] q, float[] table, int at) {
    int whole = q.length & -8;
    float a = 0;
    float b = 0;
    float c = 0;
    float d = 0;
    float e = 0;
    float f = 0;
    float g = 0;
    float h = 0;
    for (int i = 0; i < whole; i += 8) {
      a += q[i] * table[at + i];
      b += q[i + 1] * table[at + i + 1];
      c += q[i + 2] * table[at + i + 2];
      d += q[i + 3] * table[at + i + 3];
      e += q[i + 4] * table[at + i + 4];
      f += q[i + 5] * table[at + i + 5];
      g += q[i + 6] * table[at + i + 6];
      h += q[i + 7] * table[at + i + 7];
    }
    float sum = ((a + e) + (b + f)) + ((c + g) + (d + h));
    for (int i = whole; i < q.length; i++) {
      sum += q[i] * table[at + i];
    }
    return sum;
  }

  /** The same from a buffer. */
  static float of(float[] q, FloatBuffer table, int at) {
    int whole = q.length & -8;
    float a = 0;
    float b = 0;
    float c = 0;
    float d = 0;
    float e = 0;
    float f = 0;
    float g = 0;
    float h = 0;
    for (int i = 0; i < whole; i += 8) {
      a += q[i] * table.get(at + i);
      b += q[i + 1] * table.get(at + i + 1);
      c += q[i + 2] * table.get(at + i + 2);
      d += q[i + 3] * table.get(at + i + 3);
      e += q[i + 4] * table.get(at + i + 4);
      f += q[i + 5] * table.get(at + i + 5);
      g += q[i + 6] * table.get(at + i + 6);
      h += q[i + 7] * table.get(at + i + 7);
    }
    float sum = ((a + e) + (b + f)) + ((c + g) + (d + h));
    for (int i = whole; i < q.length; i++) {
      sum += q[i] * table.get(at + i);
    }
    return sum;
  }

  /** The query times {@code count} rows, the first of which starts at {@code at}. */
  static void ofRows(float[] q, float[] table, int at, int count, float[] scores, int to) {
    for (int row = 0; row < count; row++) {
      scores[to + row] = of(q, table, at + row * q.length);
    }
  }
}
