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
 * A session to recommend items for.
 *
 * @param session the id of the session, repeated in its recommendations
 * @param rows item rows of its clicks, oldest first; 0 for unknown items
 * @param times time of each click in milliseconds; empty if times are unknown
 */
public record SessionClicks(String session, int[] rows, long[] times) {
  private static final long[] NO_TIMES = {};

  /** A session without times. */
  public SessionClicks(String session, int[] rows) {
    this(session, rows, NO_TIMES);
  }

  /** A session of items with these ids. */
  public static SessionClicks of(Vocabulary vocabulary, String session, List<String> items) {
    return new SessionClicks(session, items.stream().mapToInt(vocabulary::row).toArray());
  }

  /** A session in the rows of this vocabulary. */
  public static SessionClicks of(Vocabulary vocabulary, SingleSession session) {
    int[] rows = Arrays.stream(session.items()).mapToInt(vocabulary::row).toArray();
    return new SessionClicks(session.id(), rows, session.times());
  }

  /**
   * A range of sessions, in order.
   *
   * @param sessions sessions in the rows of the recommender's vocabulary
   * @param from index of the first session
   * @param to index after the last session
   */
  public static Iterator<SessionClicks> of(Sessions sessions, int from, int to) {
    return IntStream.range(from, to).mapToObj(session -> of(sessions, session)).iterator();
  }

  /** The session at this index. */
  static SessionClicks of(Sessions sessions, int session) {
    long[] times = sessions.hasTimes()
        ? IntStream.range(sessions.start(session), sessions.end(session))
            .mapToLong(sessions::time)
            .toArray()
        : NO_TIMES;
    return new SessionClicks(sessions.id(session), sessions.items(session), times);
  }

  /** The clicks on known items. */
  Prefix knownClicks() {
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
