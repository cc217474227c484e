package io.attune.recommender;

import io.attune.session.Sessions;
import io.attune.session.Vocabulary;

/**
 * Enumerates the prefixes of a session with the items to predict after them.
 *
 * <p>Internal: used by training and evaluation.
 */
public final class SessionPrefixes {
  private SessionPrefixes() {}

  /** Receives predictions. */
  @FunctionalInterface
  public interface Visitor {
    /**
     * Called for each click to predict.
     *
     * @param before the known clicks before it; may be empty
     * @param target its row, {@link Vocabulary#UNKNOWN} if the recommender does not know the item
     */
    void visit(Prefix before, int target);
  }

  /**
   * Visits the clicks of a session, oldest first.
   *
   * @param sessions in the recommender's rows; clicks on unknown items are skipped in prefixes
   * @param first position, from 0, of the first click to predict
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

  /**
   * The known clicks before a click.
   *
   * @param sessions in the recommender's rows
   * @param position of the click, from 0
   */
  public static Prefix before(Sessions sessions, int session, int position) {
    Prefix[] before = new Prefix[1];
    visit(sessions, session, position, (prefix, target) -> {
      if (before[0] == null) {
        before[0] = prefix;
      }
    });
    return before[0];
  }
}
