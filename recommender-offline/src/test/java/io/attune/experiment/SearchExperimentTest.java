package io.attune.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.attune.experiment.SearchExperiment.Family;
import io.attune.experiment.SearchExperiment.Outcome;
import io.attune.experiment.SearchExperiment.Result;
import io.attune.metric.Metric;
import io.attune.session.Sessions;
import io.attune.session.Vocabulary;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SearchExperimentTest {
  private static final Vocabulary ITEMS = Vocabulary.of(List.of("a", "b", "c", "d"));
  private static final Map<String, String> TITLES =
      Map.of("a", "alpha", "b", "beta", "c", "gamma", "d", "delta");
  private static final Sessions SESSIONS =
      Sessions.of(ITEMS, List.of(new int[] {1, 2, 3}, new int[] {2, 3, 4}));

  /** Ranks by text alone, and by blends whose value is a weight; on validation and test targets. */
  private static final class Ranking implements SearchExperiment.Search<Integer> {
    private final List<String> searches = new ArrayList<>();

    @Override
    public int[] ranks(String query, List<String> clicks, String target, List<Integer> blends) {
      searches.add(query + " " + clicks + " " + target);
      boolean validation = clicks.size() == 1;
      int[] ranks = new int[blends.size() + 1];
      ranks[0] = target.equals("d") ? Metric.MISS : 4;
      for (int i = 0; i < blends.size(); i++) {
        ranks[i + 1] = switch (blends.get(i)) {
          case 1 -> validation ? 4 : 1;
          case 2 -> validation ? 1 : 2;
          case 3 -> validation ? 2 : 1;
          default -> Metric.MISS;
        };
      }
      return ranks;
    }
  }

  @Test
  void theBestBlendOfEachFamilyOnTheSecondToLastItemsIsTestedOnTheLastItems() throws IOException {
    Ranking ranking = new Ranking();
    List<Double> progress = new ArrayList<>();
    Result<Integer> result = new SearchExperiment(SESSIONS, TITLES, 1, 2, 7)
        .run(
            List.of(new Family<>("weighted", List.of(1, 2, 3)), new Family<>("alone", List.of(0))),
            ranking,
            progress::add);

    assertThat(result.sessions()).isEqualTo(2);
    assertThat(result.textMrr()).isCloseTo((1 / 4.0 + 0) / 2, within(1e-12));
    assertThat(result.outcomes()).extracting(Outcome::family).containsExactly("weighted", "alone");
    Outcome<Integer> weighted = result.outcomes().getFirst();
    assertThat(weighted.blend()).isEqualTo(2);
    assertThat(weighted.mrr()).isCloseTo(1 / 2.0, within(1e-12));
    assertThat(weighted.gain().mean()).isCloseTo((1 / 4.0 + 1 / 2.0) / 2, within(1e-12));
    Outcome<Integer> alone = result.outcomes().getLast();
    assertThat(alone.mrr()).isZero();
    assertThat(alone.gain().mean()).isCloseTo(-1 / 8.0, within(1e-12));
    assertThat(ranking.searches)
        .containsExactly("beta [a] b", "gamma [b] c", "gamma [a, b] c", "delta [b, c] d");
    assertThat(progress).isSorted().allMatch(done -> done >= 0 && done <= 1);
  }

  @Test
  void aQueryHasDistinctWordsOfTheTitleThatAreLongEnough() throws IOException {
    Ranking ranking = new Ranking();
    Map<String, String> titles = Map.of("c", "a red, Red shoe of red", "d", "xy tea");
    new SearchExperiment(SESSIONS, titles, 5, 2, 7)
        .run(List.of(new Family<>("weighted", List.of(1))), ranking, done -> {});

    // Item b has no title, so the first session has no validation target.
    assertThat(ranking.searches).hasSize(3);
    assertThat(ranking.searches.getFirst().split(" "))
        .contains("red", "Red", "shoe")
        .hasSize(5);
    assertThat(ranking.searches.getLast()).isEqualTo("tea [b, c] d");
  }

  @Test
  void aSampleTakesEvenlySpacedSessions() throws IOException {
    Ranking ranking = new Ranking();
    Result<Integer> result = new SearchExperiment(SESSIONS, TITLES, 1, 1, 7)
        .run(List.of(new Family<>("weighted", List.of(1))), ranking, done -> {});

    assertThat(result.sessions()).isEqualTo(1);
    assertThat(ranking.searches).containsExactly("beta [a] b", "gamma [a, b] c");
  }

  @Test
  void itemsWithoutTitlesAreAnError() {
    SearchExperiment experiment =
        new SearchExperiment(SESSIONS, Map.of("other", "a long title"), 1, 2, 7);

    assertThatThrownBy(() -> experiment.run(
            List.of(new Family<>("weighted", List.of(1))), new Ranking(), done -> {}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no target item of the log has a title");
  }
}
