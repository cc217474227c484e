package io.attune.evaluation;

import io.attune.session.Vocabulary;

/** Translates rows of one vocabulary to rows of another. */
final class RowMapping {
  private RowMapping() {}

  /**
   * Returns, by row of {@code from}, the row of the same item in {@code to};
   * {@link Vocabulary#UNKNOWN} for row 0 and for unknown items.
   */
  static int[] of(Vocabulary from, Vocabulary to) {
    int[] rows = new int[from.size() + 1];
    for (int row = 1; row < rows.length; row++) {
      rows[row] = to.row(from.id(row));
    }
    return rows;
  }
}
