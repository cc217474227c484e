package io.attune.evaluation;

import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;

/** How well n foretold items agree with the rest of a session. */
public enum SequenceMeasure {
  /** The share of the items that are clicked in the rest, each once. */
  PRECISION("P"),
  /** The share of the distinct items of the rest that are foretold. */
  RECALL("R"),
  /** The longest part of both in the same order, gaps allowed, relative to the foretold items. */
  ORDERED_PRECISION("P in order"),
  /** The longest part of both in the same order, gaps allowed, relative to the rest. */
  ORDERED_RECALL("R in order");

  private final String label;

  SequenceMeasure(String label) {
    this.label = label;
  }

  /** Its name in tables. */
  public String label() {
    return label;
  }

  /**
   * Its value.
   *
   * @param foretold item rows
   * @param rest item rows of the clicks to come, at least one; 0 for an unknown item
   * @return in [0, 1]; 0 if nothing is foretold
   */
  double value(int[] foretold, int[] rest) {
    if (foretold.length == 0) {
      return 0;
    }
    return switch (this) {
      case PRECISION -> (double) common(foretold, rest) / foretold.length;
      case RECALL ->
        (double) common(foretold, rest) / Arrays.stream(rest).distinct().count();
      case ORDERED_PRECISION -> (double) ordered(foretold, rest) / foretold.length;
      case ORDERED_RECALL -> (double) ordered(foretold, rest) / rest.length;
    };
  }

  private static long common(int[] foretold, int[] rest) {
    Set<Integer> clicked = Arrays.stream(rest).boxed().collect(Collectors.toSet());
    return Arrays.stream(foretold).distinct().filter(clicked::contains).count();
  }

  /** The length of the longest common subsequence. */
  private static int ordered(int[] foretold, int[] rest) {
    int[] longest = new int[rest.length + 1]; // of the items so far and the first clicks
    for (int item : foretold) {
      int diagonal = 0;
      for (int i = 1; i <= rest.length; i++) {
        int above = longest[i];
        longest[i] = item == rest[i - 1] ? diagonal + 1 : Math.max(above, longest[i - 1]);
        diagonal = above;
      }
    }
    return longest[rest.length];
  }
}
