package io.attune.batch;

import io.attune.session.Sessions;
import io.attune.session.Vocabulary;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A session that is to get recommendations.
 *
 * @param session its id, which comes out again as it is
 * @param rows item rows of its clicks, oldest first; 0 where the item is unknown
 */
public record SessionClicks(String session, int[] rows) {

  /** A session by the ids of its items. */
  public static SessionClicks of(Vocabulary vocabulary, String session, List<String> items) {
    return new SessionClicks(session, items.stream().mapToInt(vocabulary::row).toArray());
  }

  /**
   * Some of many sessions, in their order.
   *
   * @param sessions whose rows are those of the recommender's vocabulary
   * @param from number of the first
   * @param to number behind the last
   */
  public static Iterator<SessionClicks> of(Sessions sessions, int from, int to) {
    return IntStream.range(from, to)
        .mapToObj(session -> new SessionClicks(sessions.id(session), sessions.items(session)))
        .iterator();
  }

  /** The rows of known items, oldest first. */
  int[] known() {
    return Arrays.stream(rows).filter(row -> row != Vocabulary.UNKNOWN).toArray();
  }
}
