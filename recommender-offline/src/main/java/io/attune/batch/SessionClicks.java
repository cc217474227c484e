package io.attune.batch;

import io.attune.recommender.Prefix;
import io.attune.session.Sessions;
import io.attune.session.SingleSession;
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
 * @param times when each of them was made, in milliseconds; empty where that is not known
 */
public record SessionClicks(String session, int[] rows, long[] times) {
  private static final long[] NO_TIMES = {};

  /** Clicks of which it is not known when they were made. */
  public SessionClicks(String session, int[] rows) {
    this(session, rows, NO_TIMES);
  }

  /** A session by the ids of its items. */
  public static SessionClicks of(Vocabulary vocabulary, String session, List<String> items) {
    return new SessionClicks(session, items.stream().mapToInt(vocabulary::row).toArray());
  }

  /** A session that comes from elsewhere. */
  public static SessionClicks of(Vocabulary vocabulary, SingleSession session) {
    int[] rows = Arrays.stream(session.items()).mapToInt(vocabulary::row).toArray();
    return new SessionClicks(session.id(), rows, session.times());
  }

  /**
   * Some of many sessions, in their order.
   *
   * @param sessions whose rows are those of the recommender's vocabulary
   * @param from number of the first
   * @param to number behind the last
   */
  public static Iterator<SessionClicks> of(Sessions sessions, int from, int to) {
    return IntStream.range(from, to).mapToObj(session -> of(sessions, session)).iterator();
  }

  /** One of many sessions. */
  static SessionClicks of(Sessions sessions, int session) {
    long[] times = sessions.hasTimes()
        ? IntStream.range(sessions.start(session), sessions.end(session))
            .mapToLong(sessions::time)
            .toArray()
        : NO_TIMES;
    return new SessionClicks(sessions.id(session), sessions.items(session), times);
  }

  /** The clicks on known items. */
  Prefix known() {
    int[] known = IntStream.range(0, rows.length)
        .filter(click -> rows[click] != Vocabulary.UNKNOWN)
        .toArray();
    return new Prefix(
        IntStream.of(known).map(click -> rows[click]).toArray(),
        times.length == 0
            ? NO_TIMES
            : IntStream.of(known).mapToLong(click -> times[click]).toArray(),
        known.length);
  }
}
