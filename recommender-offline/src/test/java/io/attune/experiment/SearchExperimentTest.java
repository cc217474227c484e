package io.attune.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.experiment.SearchExperiment.KnownItemQuery;
import io.attune.experiment.SearchExperiment.Part;
import io.attune.session.Sessions;
import io.attune.session.Vocabulary;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SearchExperimentTest {
  private static final Vocabulary ITEMS = Vocabulary.of(List.of("a", "b", "c", "d"));
  private static final Map<String, String> TITLES =
      Map.of("a", "alpha", "b", "beta", "c", "gamma", "d", "delta");
  private static final Sessions SESSIONS =
      Sessions.of(ITEMS, List.of(new int[] {1, 2, 3}, new int[] {2, 3, 4}));

  @Test
  void theSecondToLastItemsAreToLearnFromAndTheLastOnesToTestOn() {
    SearchExperiment experiment = new SearchExperiment(SESSIONS, TITLES, List.of(1), 2, 7);
    assertThat(experiment.queries(Part.LEARN))
        .containsExactly(
            new KnownItemQuery(0, 1, "beta", List.of("a"), List.of("b"), "b"),
            new KnownItemQuery(1, 1, "gamma", List.of("b"), List.of("a"), "c"));
    assertThat(experiment.queries(Part.TEST))
        .containsExactly(
            new KnownItemQuery(0, 1, "gamma", List.of("a", "b"), List.of("b", "c"), "c"),
            new KnownItemQuery(1, 1, "delta", List.of("b", "c"), List.of("a", "b"), "d"));
  }

  @Test
  void aQueryHasDistinctWordsOfTheTitleThatAreLongEnough() {
    Map<String, String> titles = Map.of("c", "a red, Red shoe of red", "d", "xy tea");
    List<KnownItemQuery> queries =
        new SearchExperiment(SESSIONS, titles, List.of(3, 1, 3), 2, 7).queries(Part.TEST);

    assertThat(queries).extracting(KnownItemQuery::words).containsExactly(1, 3, 1);
    assertThat(queries.get(1).text().split(" ")).containsExactlyInAnyOrder("red", "Red", "shoe");
    assertThat(queries.get(1).text()).startsWith(queries.get(0).text() + " ");
    assertThat(queries.get(2).text()).isEqualTo("tea");
  }

  @Test
  void aSampleTakesEvenlySpacedSessions() {
    assertThat(new SearchExperiment(SESSIONS, TITLES, List.of(1), 1, 7).queries(Part.TEST))
        .extracting(KnownItemQuery::session)
        .containsExactly(0);
  }

  @Test
  void itemsWithoutTitlesAreAnError() {
    SearchExperiment experiment =
        new SearchExperiment(SESSIONS, Map.of("other", "a long title"), List.of(1), 2, 7);
    assertThatThrownBy(() -> experiment.queries(Part.LEARN))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no wanted item of the log has a title");
  }

  @Test
  void moreWordsThanAnyTitleHasAreAnError() {
    SearchExperiment experiment = new SearchExperiment(SESSIONS, TITLES, List.of(1, 2), 2, 7);
    assertThatThrownBy(() -> experiment.queries(Part.LEARN))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no wanted item has a title of 2 words");
  }

  @Test
  void numbersOfWordsBelowOneAreAnError() {
    assertThatThrownBy(() -> new SearchExperiment(SESSIONS, TITLES, List.of(0, 1), 2, 7))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("must be 1 or more, not [0, 1]");
  }
}
