package io.attune.encoder;

import java.util.List;

/**
 * Sessions side by side, padded on the right with row 0, and the positions that are wanted.
 *
 * @param sessions B
 * @param length L, the length of the longest session, or more
 * @param rows int (B, L): item rows, oldest click first
 * @param positions int (P): flat indices {@code session · L + click} of the last click of each
 *     wanted prefix
 */
public record SessionBatch(int sessions, int length, int[] rows, int[] positions) {

  public SessionBatch {
    if (rows.length != sessions * length) {
      throw new IllegalArgumentException(
          "rows must hold " + sessions + " x " + length + " items, not " + rows.length);
    }
  }

  /**
   * A batch of whole sessions, padded to the longest.
   *
   * @param clicks item rows of each session, oldest first, at least one
   * @param positions flat indices into the padded batch, as {@code session · L + click}
   */
  public static SessionBatch of(List<int[]> clicks, int length, int[] positions) {
    int[] rows = new int[clicks.size() * length];
    for (int s = 0; s < clicks.size(); s++) {
      int[] session = clicks.get(s);
      System.arraycopy(session, 0, rows, s * length, session.length);
    }
    return new SessionBatch(clicks.size(), length, rows, positions);
  }

  /** How many clicks stand before and at the position, in its session. */
  int clicksUpTo(int position) {
    return positions[position] % length + 1;
  }
}
