package io.attune.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A text table whose first column is aligned to the left and all others to the right.
 *
 * <p>Internal: shared with the command line.
 */
public final class TextTable {
  private final List<List<String>> rows = new ArrayList<>();

  /** Creates a table with this header. */
  public TextTable(List<String> header) {
    rows.add(List.copyOf(header));
  }

  /** Adds a row with as many cells as the header. */
  public void add(List<String> row) {
    if (row.size() != rows.getFirst().size()) {
      throw new IllegalArgumentException(
          "a row must have " + rows.getFirst().size() + " cells, not " + row.size());
    }
    rows.add(List.copyOf(row));
  }

  /** The lines of the table, without trailing spaces. */
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
      String padding = " ".repeat(widths[i] - row.get(i).length());
      line.append(i == 0 ? row.get(i) + padding : "  " + padding + row.get(i));
    }
    return line.toString().stripTrailing();
  }
}
