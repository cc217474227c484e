package io.attune.recommender;

import io.attune.session.Sessions;
import io.attune.session.Vocabulary;

/** The prefixes of a session after which its next items are to be predicted. */
public final class SessionPrefixes {
  private SessionPrefixes() {}

  /** Takes what is to be predicted. */
  @FunctionalInterface
  public interface Visitor {
    /**
     * A click to be predicted.
     *
     * @param before the known clicks before it; may be none
     * @param target its row, {@link Vocabulary#UNKNOWN} where the recommender does not know it
     */
    void visit(Prefix before, int target);
  }

  /**
   * Goes over the clicks of a session, oldest first.
   *
   * @param sessions in the recommender's rows; clicks on unknown items are skipped in prefixes
   * @param first the place, from 0, of the first click to be predicted
   */
  public static void visit(Sessions sessions, int session, int first, Visitor visitor) {
    int[] rows = sessions.items(session);
    int[] known = new int[rows.length];
    long[] times = new long[sessions.hasTimes() ? rows.length : 0];
    int length = 0;
    for (int place = 0; place < rows.length; place++) {
      if (place >= first) {
        visitor.visit(new Prefix(known, times, length), rows[place]);
      }
      if (rows[place] != Vocabulary.UNKNOWN) {
        if (times.length > 0) {
          times[length] = sessions.time(sessions.start(session) + place);
        }
        known[length++] = rows[place];
      }
    }
  }
}
