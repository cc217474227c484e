package io.attune.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Rows of text in columns: the first column to the left, the others, which are figures, to the
 * right.
 */
public final class TextTable {
  private final List<List<String>> rows = new ArrayList<>();

  public TextTable(List<String> header) {
    rows.add(List.copyOf(header));
  }

  public void add(List<String> row) {
    if (row.size() != rows.getFirst().size()) {
      throw new IllegalArgumentException(
          "a row must have " + rows.getFirst().size() + " cells, not " + row.size());
    }
    rows.add(List.copyOf(row));
  }

  /** The lines of the table, without blanks at their ends. */
  public List<String> lines() {
    int[] widths = new int[rows.getFirst().size()];
    for (List<String> row : rows) {
      Arrays.setAll(widths, i -> Math.max(widths[i], row.get(i).length()));
    }
    return rows.stream().map(row -> line(row, widths)).toList();
  }

  private static String line(List<String> row, int[] widths) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < widths.length; i++) {
      String blanks = " ".repeat(widths[i] - row.get(i).length());
      line.append(i == 0 ? row.get(i) + blanks : "  " + blanks + row.get(i));
    }
    return line.toString().stripTrailing();
  }
}
