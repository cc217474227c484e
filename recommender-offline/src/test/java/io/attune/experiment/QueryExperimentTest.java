package io.attune.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.experiment.SearchExperiment.KnownItemQuery;
import io.attune.experiment.SearchExperiment.Part;
import io.attune.session.LoggedQuery;
import io.attune.session.Sessions;
import io.attune.session.SessionsBuilder;
import io.attune.session.Vocabulary;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class QueryExperimentTest {
  private static final Vocabulary ITEMS = Vocabulary.of(List.of("a", "b", "c", "d"));
  private static final Duration GAP = Duration.ofMillis(100);

  /** Sessions "0" to "2", with times. */
  private static final Sessions SESSIONS = Sessions.of(
      ITEMS,
      List.of(new int[] {1, 2, 3}, new int[] {2, 1}, new int[] {4}),
      List.of(new long[] {10, 20, 30}, new long[] {40, 50}, new long[] {60}));

  private static LoggedQuery query(
      int line, String session, long time, String clicked, String... shown) {
    return new LoggedQuery("", session, "red shoe", List.of(shown), clicked, time, line);
  }

  private static QueryExperiment join(
      Sessions sessions, @Nullable Instant trained, LoggedQuery... queries) {
    return QueryExperiment.of(sessions, List.of(queries), GAP, trained, false, 1);
  }

  @Test
  void aQueryHasTheClicksBeforeItAndTheLaterHalfIsTested() {
    QueryExperiment experiment = join(
        SESSIONS,
        null,
        query(2, "1", 50, "c", "c", "d"),
        query(3, "0", 30, "d", "c", "d"),
        query(4, "1", 99, "d", "d", "a"),
        query(5, "0", 25, "c", "a", "c"));
    assertThat(experiment.queries(Part.LEARN))
        .extracting(KnownItemQuery::clicks)
        .containsExactly(List.of("a", "b"), List.of("a", "b"));
    assertThat(experiment.queries(Part.TEST))
        .containsExactly(
            new KnownItemQuery(1, 2, "red shoe", List.of("b"), List.of(), "c", List.of("c", "d")),
            new KnownItemQuery(
                1, 2, "red shoe", List.of("b", "a"), List.of(), "d", List.of("d", "a")));
    assertThat(experiment.shownLists()).extracting(LoggedQuery::line).containsExactly(5L, 3L);
    assertThat(experiment.leftOut()).isEmpty();
  }

  @Test
  void theOtherVisitorIsOneOfAnotherSession() {
    QueryExperiment experiment = join(
        SESSIONS,
        null,
        query(2, "0", 25, "c", "a", "c"),
        query(3, "0", 26, "c", "a", "c"),
        query(4, "1", 45, "d", "a", "d"),
        query(5, "0", 46, "d", "d", "a"),
        query(6, "0", 47, "d", "d", "a"),
        query(7, "1", 48, "d", "d", "a"));
    assertThat(experiment.queries(Part.TEST))
        .extracting(KnownItemQuery::otherClicks)
        .containsExactly(List.of("b"), List.of("b"), List.of("a", "b", "c"));
  }

  @Test
  void whatCannotBeUsedIsCountedWithTheFirstLine() {
    QueryExperiment experiment = join(
        SESSIONS,
        Instant.ofEpochMilli(22),
        query(9, "x", 30, "c", "a", "c"),
        query(8, "y", 31, "c", "a", "c"),
        query(2, "0", 25, "c", "a", "b"),
        query(3, "1", 40, "c", "a", "c"),
        query(4, "0", 21, "c", "a", "c"),
        query(5, "0", 30, "c", "c"),
        query(6, "0", 30, "c"),
        query(7, "0", 31, "c", "a", "c"),
        query(10, "0", 32, "c", "a", "c"));
    assertThat(experiment.leftOut().stream().map(Object::toString))
        .containsExactlyInAnyOrder(
            "1 query from before the end of what the model was trained on, 1970-01-01T00:00:00.022Z"
                + "; train it with a --holdout in time to test on later ones (first: line 4, session '0')",
            "1 query whose clicked item was not shown (first: line 2, session '0')",
            "1 query that showed a single item (first: line 5, session '0')",
            "1 query without shown items (first: line 6, session '0')",
            "2 queries of sessions that are not in the log (first: line 8, session 'y')",
            "1 query with no earlier click in the session (first: line 3, session '1')");
    // Positions are learned from earlier ones too, but not from those beside the tested ones.
    assertThat(experiment.shownLists())
        .extracting(LoggedQuery::line)
        .containsExactly(4L, 9L, 8L, 7L);
  }

  @Test
  void withTooFewQueriesTheMessageSaysWhy() {
    assertThatThrownBy(() -> join(
            SESSIONS,
            null,
            query(2, "0", 25, "c", "a", "c"),
            query(3, "x", 25, "c", "a", "c"),
            query(4, "x", 25, "c", "a", "c")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "expected two queries or more, one to learn from and one to test on, but 1 of"
                + " 3 queries can be used: 2 queries of sessions that are not in the log (first: line 3, session 'x')");
  }

  @Test
  void withoutTimesTheClicksBeforeTheFirstOnTheClickedItemCount() {
    QueryExperiment experiment = join(
        SESSIONS,
        null,
        query(2, "0", Sessions.NO_TIME, "c", "a", "c"),
        query(3, "1", Sessions.NO_TIME, "a", "a", "c"),
        query(4, "1", Sessions.NO_TIME, "d", "a", "d"));
    assertThat(experiment.queries(Part.LEARN))
        .extracting(KnownItemQuery::clicks)
        .containsExactly(List.of("a", "b"));
    assertThat(experiment.queries(Part.TEST))
        .extracting(KnownItemQuery::clicks)
        .containsExactly(List.of("b"));
    assertThat(experiment.leftOut().getFirst().reason())
        .endsWith("those before its first click on the clicked item");
  }

  @Test
  void aVisitIsFoundByTheUserAndTheTime() {
    SessionsBuilder builder = new SessionsBuilder();
    for (long time : new long[] {0, 10, 500, 510}) {
      byte[] item = {(byte) (time < 100 ? 'a' : 'b')};
      builder.click(builder.key(new byte[] {'u'}, 0, 1), builder.item(item, 0, 1), time);
    }
    Sessions visits = builder.build(GAP);
    assertThat(IntStream.range(0, visits.size()).mapToObj(visits::id))
        .containsExactly("u/1", "u/2");
    QueryExperiment experiment = join(
        visits,
        null,
        query(2, "u", 20, "c", "a", "c"),
        query(3, "u", 505, "c", "a", "c"),
        query(4, "u", 499, "c", "a", "c"));
    assertThat(experiment.queries(Part.LEARN))
        .extracting(KnownItemQuery::clicks)
        .containsExactly(List.of("a", "a"));
    assertThat(experiment.queries(Part.TEST))
        .extracting(KnownItemQuery::clicks)
        .containsExactly(List.of("b"));
    assertThat(experiment.leftOut()).extracting(each -> each.first().line()).containsExactly(4L);
  }
}
