package io.attune.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.metric.Metric;
import io.attune.recommender.Popularity;
import io.attune.recommender.Prefix;
import io.attune.recommender.Recommender;
import io.attune.session.Sessions;
import io.attune.session.Split.Targets;
import io.attune.session.Vocabulary;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RankerTest {
  private static final Vocabulary ABCDE = Vocabulary.of(List.of("a", "b", "c", "d", "e"));

  // a 9, b 7, c 7, d 3, e 1: b and c are tied.
  private final Recommender popularity = new Popularity(ABCDE, new long[] {9, 7, 7, 3, 1});

  @Test
  void everyClickAfterTheFirstIsRankedAmongAllItems() {
    assertThat(ranks(new Targets.AfterFirst(), false, "a b d e")).containsExactly(3, 4, 5);
  }

  @Test
  void aTieCountsAgainstTheTarget() {
    // b and c have the same score: each is ranked below the other, at rank three.
    assertThat(ranks(new Targets.AfterFirst(), false, "a b c")).containsExactly(3, 3);
  }

  @Test
  void onlyTheLastClickCanBeTheTarget() {
    assertThat(ranks(new Targets.Last(), false, "a b d", "e a")).containsExactly(4, 1);
  }

  @Test
  void clickedItemsCanBeExcluded() {
    // After a, b: only c is ranked above d.
    assertThat(ranks(new Targets.Last(), true, "a b d")).containsExactly(2);
    // A target that was clicked earlier is no candidate and is ranked last.
    assertThat(ranks(new Targets.Last(), true, "a b a")).containsExactly(5);
  }

  @Test
  void anUnknownTargetIsAMissAndAnUnknownClickIsSkipped() {
    Ranks ranks = evaluate(new Targets.AfterFirst(), false, "a x b", "y z a", "x a");
    assertThat(ranks.ranks())
        .containsExactly(Metric.MISS, 3, Metric.MISS, Metric.MISS, Metric.MISS);
    assertThat(ranks.unknownTargets()).isEqualTo(2); // x after a, z after y
    assertThat(ranks.unknownClicks()).isEqualTo(2); // a after y z, a after x
    assertThat(ranks.predictions().testedSessions()).isEqualTo(3);
    assertThat(ranks.predictions().size()).isEqualTo(5);
  }

  @Test
  void sessionsOfOneClickHaveNoPrediction() {
    Ranks ranks = evaluate(new Targets.AfterFirst(), false, "a", "b a");
    assertThat(ranks.predictions().testedSessions()).isEqualTo(1);
    assertThat(ranks.ranks()).containsExactly(1);
  }

  @Test
  void predictionsKeepTheirOrderAcrossBatches() {
    String[] sessions = new String[1500];
    for (int i = 0; i < sessions.length; i++) {
      sessions[i] = i % 3 == 0 ? "a a e" : i % 3 == 1 ? "b a" : "c x d";
    }
    int[] ranks = ranks(new Targets.AfterFirst(), false, sessions);
    assertThat(ranks).hasSize(2500);
    int at = 0;
    for (int i = 0; i < sessions.length; i++) {
      int[] expected =
          i % 3 == 0 ? new int[] {1, 5} : i % 3 == 1 ? new int[] {1} : new int[] {0, 4};
      for (int rank : expected) {
        assertThat(ranks[at++]).as("session %d", i).isEqualTo(rank);
      }
    }
  }

  @Test
  void aNanScoreIsAnError() {
    Recommender broken = new Recommender() {
      @Override
      public String name() {
        return "broken";
      }

      @Override
      public Vocabulary vocabulary() {
        return ABCDE;
      }

      @Override
      public void score(List<Prefix> prefixes, float[] scores) {
        scores[2] = Float.NaN;
      }
    };
    assertThatThrownBy(() -> Ranker.rank(broken, sessions("a b"), new Targets.Last()))
        .isInstanceOf(ArithmeticException.class)
        .hasMessageContaining("NaN");
  }

  @Test
  void progressEndsAtTheNumberOfPredictions() {
    List<Integer> told = new ArrayList<>();
    Predictions predictions = Predictions.of(sessions("a b c", "x y"), new Targets.AfterFirst());
    new Ranker(false, 0).rank(popularity, predictions, told::add);
    assertThat(told.getLast()).isEqualTo(3);
  }

  @Test
  void prefixesHaveTheTimesOfKnownClicks() {
    Vocabulary wider = Vocabulary.of(List.of("x", "b", "a"));
    List<int[]> rows = List.of(new int[] {3, 1, 2, 3});
    List<Prefix> asked = new ArrayList<>();
    Recommender listening = new Recommender() {
      @Override
      public String name() {
        return "listening";
      }

      @Override
      public Vocabulary vocabulary() {
        return ABCDE;
      }

      @Override
      public void score(List<Prefix> prefixes, float[] scores) {
        asked.addAll(prefixes);
      }
    };
    Ranker.rank(
        listening, Sessions.of(wider, rows, List.of(new long[] {5, 6, 7, 8})), new Targets.Last());
    assertThat(asked.getFirst().length()).isEqualTo(2);
    assertThat(asked.getFirst().time(0)).isEqualTo(5);
    assertThat(asked.getFirst().time(1)).isEqualTo(7);

    Ranker.rank(listening, Sessions.of(wider, rows), new Targets.Last());
    assertThat(asked.getLast().time(1)).isEqualTo(Sessions.NO_TIME);
  }

  private int[] ranks(Targets targets, boolean exclude, String... sessions) {
    return evaluate(targets, exclude, sessions).ranks();
  }

  private Ranks evaluate(Targets targets, boolean exclude, String... sessions) {
    return new Ranker(exclude, 5)
        .rank(popularity, Predictions.of(sessions(sessions), targets), done -> {});
  }

  /** Sessions with more items, and other rows, than the recommender's vocabulary. */
  private static Sessions sessions(String... sessions) {
    Vocabulary wider = Vocabulary.of(List.of("z", "y", "x", "e", "d", "c", "b", "a"));
    List<int[]> rows = new ArrayList<>();
    for (String session : sessions) {
      rows.add(session
          .chars()
          .filter(c -> c != ' ')
          .map(c -> wider.row("" + (char) c))
          .toArray());
    }
    return Sessions.of(wider, rows);
  }
}
