package io.attune.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.attune.metric.Metric;
import io.attune.metric.Metric.Measure;
import io.attune.metric.Ties;
import io.attune.recommender.Popularity;
import io.attune.session.Sessions;
import io.attune.session.Split.Targets;
import io.attune.session.Vocabulary;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RanksTest {
  private static final Vocabulary ABCDE = Vocabulary.of(List.of("a", "b", "c", "d", "e"));

  // a 9, b 7, c 7, d 7, e 1: b, c and d are tied.
  private final Popularity popularity = new Popularity(ABCDE, new long[] {9, 7, 7, 7, 1});

  @Test
  void ranksAndListsDependOnTheRuleForTies() {
    Ranks ranks = ranks(4, "a c");
    assertThat(ranks.rank(0, Ties.CONSERVATIVE)).isEqualTo(4);
    assertThat(ranks.rank(0, Ties.MEDIAN)).isEqualTo(3);
    assertThat(ranks.rank(0, Ties.OPTIMISTIC)).isEqualTo(2);
    assertThat(ranks.list(0, Ties.CONSERVATIVE)).containsExactly(1, 2, 4, 3);
    assertThat(ranks.list(0, Ties.MEDIAN)).containsExactly(1, 2, 3, 4);
    assertThat(ranks.list(0, Ties.OPTIMISTIC)).containsExactly(1, 3, 2, 4);
    assertThat(ranks.tied()).isEqualTo(1);
  }

  @Test
  void aTargetBelowTheDepthBecauseOfTiesIsNotInTheList() {
    Ranks ranks = ranks(3, "a b");
    assertThat(ranks.rank(0, Ties.CONSERVATIVE)).isEqualTo(4);
    assertThat(ranks.list(0, Ties.CONSERVATIVE)).containsExactly(1, 3);
    assertThat(ranks.list(0, Ties.OPTIMISTIC)).containsExactly(1, 2, 3);
  }

  @Test
  void anUnknownTargetHasAListAndAnUnknownPrefixHasNone() {
    Ranks ranks = ranks(2, "a x", "x a");
    assertThat(ranks.list(0, Ties.CONSERVATIVE)).containsExactly(1, 2);
    assertThat(ranks.list(1, Ties.CONSERVATIVE)).isEmpty();
    assertThat(ranks.ranks()).containsExactly(Metric.MISS, Metric.MISS);
  }

  @Test
  void remainingItemsAreRelevantOnceEach() {
    // After a: b, a, e and the unknown x remain, four items; of the list a, b, c two are relevant.
    Ranks ranks = ranks(3, "a b a x e e", "e e");
    assertThat(ranks.predictions().size()).isEqualTo(6);
    double[] recall = ranks.values(new Metric(Measure.R, 3), Ties.OPTIMISTIC);
    assertThat(recall[0]).isCloseTo(2 / 4.0, within(1e-12));
    assertThat(recall[1]).isCloseTo(1 / 3.0, within(1e-12)); // a, x, e remain: a
    assertThat(recall[2]).isZero(); // x, e remain
    assertThat(recall[5]).isZero(); // e remains, at rank five
    assertThat(ranks.values(new Metric(Measure.MAP, 3), Ties.OPTIMISTIC)[0])
        .isCloseTo((1 + 2 / 2.0) / 4, within(1e-12));
    assertThatThrownBy(() -> ranks.values(new Metric(Measure.P, 4), Ties.MEDIAN))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("the best 4 items, but 3 were kept");
  }

  @Test
  void listMetricsMatchAPlainComputation() {
    SplittableRandom random = new SplittableRandom(3);
    String[] sessions = new String[200];
    for (int s = 0; s < sessions.length; s++) {
      StringBuilder clicks = new StringBuilder();
      for (int i = 0; i < 1 + random.nextInt(7); i++) {
        clicks.append("abcdex".charAt(random.nextInt(6)));
      }
      sessions[s] = clicks.toString();
    }
    Ranks ranks = ranks(4, sessions);
    Predictions predictions = ranks.predictions();
    double[] precision = ranks.values(new Metric(Measure.P, 4), Ties.CONSERVATIVE);
    double[] hits = ranks.values(new Metric(Measure.HR, 4), Ties.CONSERVATIVE);
    for (int p = 0; p < predictions.size(); p++) {
      String session = sessions[predictions.session(p)];
      Set<Character> left = new HashSet<>();
      session.substring(predictions.clicksBefore(p)).chars().forEach(c -> left.add((char) c));
      String list = "";
      for (int row : ranks.list(p, Ties.CONSERVATIVE)) {
        list += ABCDE.id(row);
      }
      long found = list.chars().filter(c -> left.contains((char) c)).count();
      assertThat(precision[p]).as(session).isCloseTo(found / 4.0, within(1e-12));
      int place = list.indexOf(session.charAt(predictions.clicksBefore(p)));
      assertThat(hits[p]).as(session).isEqualTo(place >= 0 ? 1 : 0);
    }
  }

  @Test
  void beyondAccuracyMetricsMatchHandArithmetic() {
    ItemCounts counts = new ItemCounts(ABCDE, new long[] {9, 7, 7, 7, 1});
    BeyondAccuracy two = BeyondAccuracy.of(ranks(2, "e a", "e a"), 2, Ties.CONSERVATIVE, counts);
    assertThat(two.coverage()).isCloseTo(2 / 5.0, within(1e-12)); // a and b
    // Fractions 0, 0, 0, 1/2, 1/2 of the positions.
    assertThat(two.gini()).isCloseTo((2 * 0.5 + 4 * 0.5) / 5, within(1e-12));
    // All four others have fewer clicks than a; of the others of b one has fewer and two tie.
    assertThat(two.popularity()).isCloseTo((1 + (1 + 1) / 4.0) / 2, within(1e-12));
    assertThat(two.novelty())
        .isCloseTo(-(Math.log(9 / 31.0) + Math.log(7 / 31.0)) / 2 / Math.log(2), within(1e-12));
  }

  @Test
  void everyPredictionIsInASlice() {
    Ranks ranks = ranks(2, "a b a x", "b c", "e d e d e d e d");
    ItemCounts counts = new ItemCounts(ABCDE, new long[] {9, 7, 7, 7, 1});
    List<Slicing> all = Slicing.all(ranks.predictions(), counts, counts, 1);
    assertThat(all)
        .extracting(Slicing::name)
        .containsExactly("clicks before", "next item", "popularity decile");
    assertThat(all.get(0).labels())
        .containsExactly("1", "2", "3", "4 to 5", "6 to 10", "11 to 20", "21 or more");
    assertThat(all.get(0).sizes()).containsExactly(3, 2, 2, 2, 2, 0, 0);
    assertThat(all.get(1).sizes()).containsExactly(4, 7);
    assertThat(all.get(2).sizes()[10]).isEqualTo(1); // x
    double[] hits = ranks.values(new Metric(Measure.HR, 1), Ties.CONSERVATIVE);
    double[] means = all.get(1).means(hits);
    assertThat(means[1]).isCloseTo(1 / 7.0, within(1e-12)); // the repeated a
    assertThat(means[0]).isZero();
  }

  @Test
  void itemsThatAModelKnowsByTheirWordsAloneHaveASlice() {
    Ranks ranks = ranks(2, "a b a x", "b c");
    ItemCounts counts = new ItemCounts(ABCDE, new long[] {9, 7, 7, 7, 1});
    ItemCounts model = new ItemCounts(ABCDE, new long[] {9, 7, 0, 0, 1});
    Slicing known = Slicing.all(ranks.predictions(), counts, model, 1).get(3);
    assertThat(known.name()).isEqualTo("item in the model");
    assertThat(known.labels()).containsExactly("by its clicks", "by its words alone", "unknown");
    assertThat(known.sliceOf()).containsExactly(0, 0, 2, 1); // b, a, x and c
  }

  @Test
  void aHistoryIsSlicedByItsVisits() {
    long hour = 3_600_000;
    Sessions histories = Sessions.of(
            ABCDE,
            List.of(new int[] {1, 2, 3, 4, 5, 1}, new int[] {1, 2}),
            List.of(
                new long[] {0, 1, 2 * hour, 2 * hour + 1, 2 * hour + 2, 9 * hour},
                new long[] {0, hour / 2}))
        .asHistories(Duration.ofMinutes(30));
    Predictions predictions = Predictions.of(histories, new Targets.AfterFirst());
    ItemCounts counts = new ItemCounts(ABCDE, new long[] {9, 7, 7, 7, 1});
    Slicing visits = Slicing.all(predictions, counts, counts, 1).stream()
        .filter(slicing -> slicing.name().equals("visit"))
        .findFirst()
        .orElseThrow();
    assertThat(visits.labels())
        .containsExactly("first", "returning: first click", "returning: later clicks");
    assertThat(visits.sliceOf()).containsExactly(0, 1, 2, 2, 1, 0);
  }

  private Ranks ranks(int depth, String... sessions) {
    Vocabulary wider = Vocabulary.of(List.of("z", "y", "x", "e", "d", "c", "b", "a"));
    List<int[]> rows = new ArrayList<>();
    for (String session : sessions) {
      rows.add(session
          .chars()
          .filter(c -> c != ' ')
          .map(c -> wider.row("" + (char) c))
          .toArray());
    }
    return new Ranker(false, depth)
        .rank(
            popularity,
            Predictions.of(Sessions.of(wider, rows), new Targets.AfterFirst()),
            done -> {});
  }
}
