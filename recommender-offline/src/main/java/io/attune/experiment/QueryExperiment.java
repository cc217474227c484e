package io.attune.experiment;

import io.attune.experiment.SearchExperiment.KnownItemQuery;
import io.attune.experiment.SearchExperiment.Part;
import io.attune.session.Counts;
import io.attune.session.LoggedQuery;
import io.attune.session.Sessions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The real queries of an offline experiment on how much sessions improve search: each with the
 * clicks of its session before it. Sorted by time, the earlier half is learned from and the later
 * half is tested on; queries without times count in the order of their log.
 *
 * <p>A session's clicks before a query are those with an earlier time. Where query or clicks have
 * no time, they are those before the session's first click on the item that was clicked in the
 * query; if there is none, the query is left out.
 */
public final class QueryExperiment {
  /** More words than this count as this many when queries are grouped. */
  public static final int MAX_WORDS = 3;

  private static final Pattern PART = Pattern.compile("(.+)/[0-9]+");

  private final Map<Part, List<KnownItemQuery>> queries;
  private final List<LoggedQuery> lists;
  private final List<LeftOut> leftOut;

  private QueryExperiment(
      Map<Part, List<KnownItemQuery>> queries, List<LoggedQuery> lists, List<LeftOut> leftOut) {
    this.queries = queries;
    this.lists = lists;
    this.leftOut = leftOut;
  }

  /**
   * Queries that cannot be used.
   *
   * @param reason why, to follow a number of queries
   * @param count their number
   * @param first the first of them
   */
  public record LeftOut(String reason, long count, LoggedQuery first) {
    @Override
    public String toString() {
      return Counts.of(count, "query", "queries") + " " + reason + " (first: line " + first.line()
          + ", session '" + first.session() + "')";
    }
  }

  /** A query with the clicks before it. */
  private record Visit(LoggedQuery query, int session, List<String> clicks) {}

  /**
   * Joins queries with their sessions.
   *
   * @param sessions the click log; ids of visits, such as {@code user/2}, also go by the user's id
   * @param logged the queries, with a clicked item each
   * @param gap the longest pause between a visit's last click and a query of its user
   * @param trained the instant before which a model was trained; what is earlier is left out, and
   *     only positions are learned from it. Null if that is not known
   * @param words whether queries are searched, so that they need words
   * @param seed by which visitors for unrelated sessions are drawn
   * @throws IllegalArgumentException if there is nothing to learn from or nothing to test on; the
   *     message says what was left out and why
   */
  public static QueryExperiment of(
      Sessions sessions,
      List<LoggedQuery> logged,
      Duration gap,
      @Nullable Instant trained,
      boolean words,
      long seed) {
    Joining joining = new Joining(sessions, gap);
    List<LoggedQuery> sorted =
        logged.stream().sorted(Comparator.comparingLong(LoggedQuery::time)).toList();
    List<Visit> visits = new ArrayList<>();
    for (LoggedQuery query : sorted) {
      if (joining.keeps(
              query,
              words ? "without words" : "without shown items",
              each -> words ? !each.words().isBlank() : !each.shown().isEmpty())
          && joining.keeps(
              query,
              "whose clicked item was not shown",
              each -> each.shown().isEmpty() || each.shown().contains(each.clicked()))
          && joining.keeps(
              query, "that showed a single item", each -> each.shown().size() != 1)
          && joining.keeps(
              query,
              "from before the end of what the model was trained on, " + trained
                  + "; train it with a --holdout in time to test on later ones",
              each ->
                  trained == null || !each.hasTime() || each.time() >= trained.toEpochMilli())) {
        joining.visit(query).ifPresent(visits::add);
      }
    }
    int half = visits.size() / 2;
    if (half == 0) {
      String reasons =
          joining.leftOut().stream().map(LeftOut::toString).collect(Collectors.joining("; "));
      throw new IllegalArgumentException(
          "expected two queries or more, one to learn from and one to test on, but " + visits.size()
              + " of " + Counts.of(logged.size(), "query", "queries") + " can be used"
              + (reasons.isEmpty() ? "" : ": " + reasons));
    }
    LoggedQuery firstTested = visits.get(half).query;
    List<LoggedQuery> lists = sorted.stream()
        .takeWhile(query -> !query.equals(firstTested))
        .filter(query -> query.shown().size() > 1 && query.shown().contains(query.clicked()))
        .filter(query -> !query.hasTime() || query.time() < firstTested.time())
        .toList();
    return new QueryExperiment(
        Map.of(
            Part.LEARN, known(visits.subList(0, half), seed),
            Part.TEST, known(visits.subList(half, visits.size()), seed)),
        lists,
        joining.leftOut());
  }

  /** The queries of a part, by time. */
  public List<KnownItemQuery> queries(Part part) {
    return queries.getOrDefault(part, List.of());
  }

  /**
   * All queries that showed items before those that are tested on: also those without a session, of
   * which positions can be learned.
   */
  public List<LoggedQuery> shownLists() {
    return lists;
  }

  /** What was left out. */
  public List<LeftOut> leftOut() {
    return leftOut;
  }

  private static List<KnownItemQuery> known(List<Visit> visits, long seed) {
    List<KnownItemQuery> queries = new ArrayList<>();
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < visits.size(); i++) {
      Visit visit = visits.get(i);
      String text = visit.query.words().strip();
      queries.add(new KnownItemQuery(
          visit.session,
          text.isEmpty() ? 0 : Math.min(MAX_WORDS, text.split("\\s+", -1).length),
          text,
          visit.clicks,
          other(visits, i, random),
          visit.query.clicked(),
          visit.query.shown()));
    }
    return queries;
  }

  /** The clicks before a query of another session; none if there is no other. */
  private static List<String> other(List<Visit> visits, int than, SplittableRandom random) {
    int from = random.nextInt(visits.size());
    for (int i = 0; i < visits.size(); i++) {
      Visit other = visits.get((from + i) % visits.size());
      if (other.session != visits.get(than).session) {
        return other.clicks;
      }
    }
    return List.of();
  }

  /** Finds sessions, and counts what is left out. */
  private static final class Joining {
    private final Sessions sessions;
    private final Duration gap;
    private final Map<String, Integer> byId = new HashMap<>();
    private final Map<String, List<Integer>> byUser = new HashMap<>();
    private final Map<String, LeftOut> leftOut = new LinkedHashMap<>();

    Joining(Sessions sessions, Duration gap) {
      this.sessions = sessions;
      this.gap = gap;
      for (int session = 0; session < sessions.size(); session++) {
        String id = sessions.id(session);
        byId.put(id, session);
        Matcher part = PART.matcher(id);
        if (part.matches()) {
          byUser.computeIfAbsent(part.group(1), key -> new ArrayList<>()).add(session);
        }
      }
    }

    boolean keeps(LoggedQuery query, String reason, Predicate<LoggedQuery> rule) {
      if (!rule.test(query)) {
        leftOut.merge(
            reason,
            new LeftOut(reason, 1, query),
            (one, more) -> new LeftOut(
                reason, one.count + 1, one.first.line() < query.line() ? one.first : query));
        return false;
      }
      return true;
    }

    List<LeftOut> leftOut() {
      return List.copyOf(leftOut.values());
    }

    Optional<Visit> visit(LoggedQuery query) {
      Integer exact = byId.get(query.session());
      List<Integer> candidates =
          exact != null ? List.of(exact) : byUser.getOrDefault(query.session(), List.of());
      if (!keeps(query, "of sessions that are not in the log", each -> !candidates.isEmpty())) {
        return Optional.empty();
      }
      boolean timed = query.hasTime() && sessions.hasTimes();
      int session = -1;
      int clicks = 0;
      for (int candidate : candidates) {
        int before = timed ? before(candidate, query.time()) : beforeItem(candidate, query);
        boolean recent = exact != null
            || !timed
            || (before > 0
                && query.time() - sessions.time(sessions.start(candidate) + before - 1)
                    <= gap.toMillis());
        if (before > 0 && recent) {
          session = candidate;
          clicks = before;
        }
      }
      int known = clicks;
      String reason = timed
          ? "with no earlier click in the session"
          : "with no earlier click in the session, which without times are those before its first"
              + " click on the clicked item";
      if (!keeps(query, reason, each -> known > 0)) {
        return Optional.empty();
      }
      List<String> ids = new ArrayList<>();
      for (int click = 0; click < clicks; click++) {
        ids.add(sessions.vocabulary().id(sessions.item(sessions.start(session) + click)));
      }
      return Optional.of(new Visit(query, session, ids));
    }

    private int before(int session, long time) {
      int clicks = 0;
      while (clicks < sessions.length(session)
          && sessions.time(sessions.start(session) + clicks) < time) {
        clicks++;
      }
      return clicks;
    }

    /** The number of clicks before the first on the clicked item; 0 if there is none on it. */
    private int beforeItem(int session, LoggedQuery query) {
      int row = sessions.vocabulary().row(query.clicked());
      for (int click = 0; click < sessions.length(session); click++) {
        if (sessions.item(sessions.start(session) + click) == row) {
          return click;
        }
      }
      return 0;
    }
  }
}
