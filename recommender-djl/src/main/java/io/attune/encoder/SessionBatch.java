package io.attune.encoder;

import io.attune.model.TimeGaps;
import io.attune.session.Sessions;
import java.util.List;
import java.util.Locale;

/**
 * Sessions, or pieces of sessions, padded on the right with row 0, and the positions to encode.
 *
 * @param sessions B
 * @param length L, at least the length of the longest session
 * @param firsts int (B): the place, from 0, of each piece's first click in its session; 0 for whole
 *     sessions
 * @param rows int (B, L): item rows, oldest click first
 * @param times long (B, L): the time of each click in milliseconds, {@link Sessions#NO_TIME} where
 *     it is unknown and in padding
 * @param positions int (P): flat indices {@code session · L + click} of the last click of each
 *     prefix
 */
public record SessionBatch(
    int sessions, int length, int[] firsts, int[] rows, long[] times, int[] positions) {

  public SessionBatch {
    if (rows.length != Math.multiplyExact(sessions, length)
        || times.length != rows.length
        || firsts.length != sessions) {
      throw new IllegalArgumentException(String.format(
          Locale.ROOT,
          "a batch must hold %d x %d clicks, not %d with %d times and %d first places",
          sessions,
          length,
          rows.length,
          times.length,
          firsts.length));
    }
  }

  /** A batch of whole sessions. */
  public SessionBatch(int sessions, int length, int[] rows, long[] times, int[] positions) {
    this(sessions, length, new int[sessions], rows, times, positions);
  }

  /** A batch of whole sessions whose clicks have no times. */
  public SessionBatch(int sessions, int length, int[] rows, int[] positions) {
    this(sessions, length, rows, TimeGaps.noTimes(rows.length), positions);
  }

  /**
   * A batch of whole sessions without times, padded to the longest.
   *
   * @param clicks item rows of each session, oldest first, at least one
   * @param positions flat indices into the padded batch, as {@code session · L + click}
   */
  public static SessionBatch of(List<int[]> clicks, int length, int[] positions) {
    int[] rows = new int[Math.multiplyExact(clicks.size(), length)];
    for (int s = 0; s < clicks.size(); s++) {
      int[] session = clicks.get(s);
      System.arraycopy(session, 0, rows, s * length, session.length);
    }
    return new SessionBatch(clicks.size(), length, rows, positions);
  }

  /** How many clicks are shown before and at the position, in its session. */
  int clicksUpTo(int position) {
    return positions[position] % length + 1;
  }
}
