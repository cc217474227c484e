package io.attune.baseline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.attune.model.ModelDirectory;
import io.attune.model.ModelException;
import io.attune.recommender.Prefix;
import io.attune.recommender.Recommender;
import io.attune.session.Sessions;
import io.attune.session.Vocabulary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BaselineTest {
  private static final Vocabulary FIVE = Vocabulary.of(List.of("a", "b", "c", "d", "e"));
  private static final List<int[]> ROWS =
      List.of(new int[] {1, 2, 3}, new int[] {1, 3, 2, 1}, new int[] {4, 1, 2}, new int[] {3, 5});
  private static final Sessions SESSIONS = Sessions.of(FIVE, ROWS);

  @TempDir
  private Path folder;

  @Test
  void sequentialRulesWeighByDistance() {
    // After item 1: 2 at distances 1, 2, 1; 3 at 2, 1; 1 itself at 3.
    assertScores("sr", new int[] {5, 1}, 1 / 3.0, 2.5, 1.5, 0, 0);
    assertScores("sr:steps=1", new int[] {1}, 0, 2, 1, 0, 0);
    assertScores("markov", new int[] {1}, 0, 2, 1, 0, 0);
  }

  @Test
  void associationRulesCountPairsInBothDirections() {
    // Item 3 occurs with 1 (once in the first session, twice in the second), with 2 twice, with 5.
    assertScores("ar", new int[] {3}, 3, 2, 0, 0, 1);
  }

  @Test
  void itemKnnIsTheCosineOverSessions() {
    double root = Math.sqrt(3);
    assertScores("item-knn:damping=0", new int[] {4}, 1 / root, 1 / root, 0, 0, 0);
    assertScores("item-knn:damping=0", new int[] {1}, 0, 1, 2.0 / 3, 1 / root, 0);
  }

  @Test
  void sessionPopularityRanksItemsOfTheSessionFirst() {
    assertScores("s-pop", new int[] {5, 5, 4}, 4 / 5.0, 3 / 5.0, 3 / 5.0, 1.2, 2.2);
  }

  @Test
  void vSknnSumsTheSimilaritiesOfNeighbours() {
    // Of 4, 1 with weights by position: session 2 shares both, 1.5; sessions 0 and 1 share 1, 1.
    String settings = "v-sknn:clicks=position,match=same,idf=none,k=";
    assertScores(settings + 9, new int[] {4, 1}, 3.5, 3.5, 2, 1.5, 0);
    // Of equal neighbours the newer one votes.
    assertScores(settings + 2, new int[] {4, 1}, 2.5, 2.5, 1, 1.5, 0);
  }

  @Test
  void stanPrefersItemsCloseToTheSharedItem() {
    double cosine = 1 / Math.sqrt(2);
    assertScores("stan:age=Infinity,near=1", new int[] {5}, 0, 0, cosine * Math.exp(-1), 0, cosine);
  }

  @Test
  void stanMeasuresDistancesWithRepeatedClicksFromTheLastSharedItem() {
    Baseline stan = Baseline.parse("stan:clicks=1,age=Infinity,near=10");
    // Of 2, 1, 1, 1, 3 the last click on 1 is three after 2, and 3 is four after it.
    float[] repeats =
        scores(stan.train(Sessions.of(FIVE, List.of(new int[] {2, 1, 1, 1, 3}))), new int[] {2});
    double cosine = 1 / Math.sqrt(3);
    assertClose(repeats, cosine * Math.exp(-0.3), cosine, cosine * Math.exp(-0.4), 0, 0);
    // 2, 3, 4, 1 shares 2 and 1, and 1 is the last of them: 3 is two clicks before it.
    float[] last =
        scores(stan.train(Sessions.of(FIVE, List.of(new int[] {2, 3, 4, 1}))), new int[] {1, 2});
    double both = (1 + Math.exp(-1)) / Math.sqrt(4);
    assertClose(last, both, both * Math.exp(-0.3), both * Math.exp(-0.2), both * Math.exp(-0.1), 0);
  }

  @Test
  void stanMeasuresDistancesInLongSessions() {
    Vocabulary many =
        Vocabulary.of(IntStream.range(0, 201).mapToObj(i -> "i" + i).toList());
    Sessions walk = Sessions.of(many, List.of(IntStream.rangeClosed(1, 201).toArray()));
    float[] scores = scores(Baseline.parse("stan:age=Infinity,near=50").train(walk), new int[] {1});
    assertThat((double) scores[201])
        .isCloseTo(Math.exp(-200 / 50.0) / Math.sqrt(201), within(1e-6));
  }

  @Test
  void vmisKnnWeightsVotesLinearly() {
    Sessions two = Sessions.of(FIVE, List.of(new int[] {1, 2}, new int[] {3, 4}));
    // After 1, 3 the session with 3 has similarity 2 / 2 and vote .9, that with 1 has 1 / 2 and .8.
    float[] scores = scores(Baseline.parse("vmis-knn").train(two), new int[] {1, 3});
    double rare = Math.log(2);
    assertClose(scores, 0.5 * 0.8 * rare, 0.5 * 0.8 * rare, 0.9 * rare, 0.9 * rare, 0);
    // A click ten clicks back has no vote.
    float[] far =
        scores(Baseline.parse("vmis-knn").train(two), new int[] {1, 5, 5, 5, 5, 5, 5, 5, 5, 5});
    assertClose(far, 0, 0, 0, 0, 0);
  }

  @Test
  void aLongSessionFindsTheNeighboursOfAllItsItems() {
    Vocabulary many =
        Vocabulary.of(IntStream.range(0, 300).mapToObj(i -> "i" + i).toList());
    List<int[]> pairs =
        IntStream.range(0, 150).mapToObj(i -> new int[] {1 + i, 151 + i}).toList();
    int[] clicks = IntStream.range(0, 3000).map(i -> 1 + i % 150).toArray();
    float[] scores = scores(
        Baseline.parse("v-sknn:k=150,clicks=same,match=same,idf=none")
            .train(Sessions.of(many, pairs)),
        clicks);
    for (int row = 151; row <= 300; row++) {
      assertThat((double) scores[row]).isCloseTo(1, within(2e-4));
    }
  }

  @Test
  void votesDecayFromTheNewestClickAndSimilaritiesFromTheOneBefore() {
    // As in session-rec, for the newest click, the one before it, and the tenth before it.
    assertThat(Decay.LINEAR.weight(0, 20)).isEqualTo(1);
    assertThat(Decay.LINEAR.voteWeight(0, 20)).isEqualTo(0.9);
    assertThat(Decay.LINEAR.voteWeight(1, 20)).isEqualTo(0.8);
    assertThat(Decay.LINEAR.voteWeight(9, 20)).isZero();
    assertThat(Decay.LINEAR.voteWeight(10, 20)).isZero();
    assertThat(Decay.LOG.weight(0, 20)).isCloseTo(1 / Math.log10(1.7), within(1e-12));
    assertThat(Decay.LOG.voteWeight(0, 20)).isCloseTo(1 / Math.log10(2.7), within(1e-12));
    assertThat(Decay.QUADRATIC.weight(1, 4)).isEqualTo(9 / 16.0);
    assertThat(Decay.QUADRATIC.voteWeight(1, 4)).isEqualTo(1 / 4.0);
    assertThat(Decay.HARMONIC.voteWeight(1, 4)).isEqualTo(1 / 2.0);
    assertThat(Decay.POSITION.weight(1, 4)).isEqualTo(3 / 4.0);
    assertThat(Decay.CONSTANT.voteWeight(7, 20)).isEqualTo(1);
  }

  private static void assertClose(float[] scores, double... expected) {
    for (int row = 1; row <= expected.length; row++) {
      assertThat((double) scores[row]).as("row %d", row).isCloseTo(expected[row - 1], within(2e-4));
    }
  }

  @Test
  void recentPopularityNeedsTimes() {
    assertThatThrownBy(() -> Baseline.parse("recent-pop").train(SESSIONS))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("the training sessions have none");
    long day = 86_400_000;
    TrainingSessions timed = new TrainingSessions(
        FIVE, new int[] {0, 2, 4}, new int[] {1, 1, 2, 3}, new long[] {0, 8 * day});
    float[] scores = new float[6];
    BaselineTraining.train(Baseline.parse("recent-pop"), timed)
        .score(List.of(new Prefix(new int[0], 0)), scores);
    assertThat(scores).containsExactly(Float.NEGATIVE_INFINITY, 0, 1, 1, 0, 0);
  }

  @Test
  void aNewerSessionBreaksTiesOfVotes() {
    Sessions twice = Sessions.of(FIVE, List.of(new int[] {1, 2}, new int[] {1, 3}));
    float[] scores = scores(Baseline.parse("v-sknn").train(twice), new int[] {1});
    assertThat(scores[3]).isGreaterThan(scores[2]).isCloseTo(scores[2], within(1e-3f));
  }

  /** Compares the search with its definition, with samples smaller than the number of sessions. */
  @Test
  void neighboursMatchTheDefinition() {
    SplittableRandom random = new SplittableRandom(3);
    for (int round = 0; round < 200; round++) {
      int items = 3 + random.nextInt(12);
      Vocabulary vocabulary =
          Vocabulary.of(IntStream.range(0, items).mapToObj(i -> "i" + i).toList());
      List<int[]> rows = new ArrayList<>();
      for (int s = 0; s < 60; s++) {
        rows.add(random.ints(1 + random.nextInt(6), 1, items + 1).toArray());
      }
      int k = 1 + random.nextInt(8);
      int sample = 1 + random.nextInt(30);
      String text = String.format(
          Locale.ROOT, "v-sknn:k=%d,sample=%d,clicks=position,match=harmonic,idf=log", k, sample);
      Recommender recommender = Baseline.parse(text).train(Sessions.of(vocabulary, rows));
      int[] clicks = random.ints(1 + random.nextInt(6), 1, items + 1).toArray();
      float[] scores = new float[items + 1];
      recommender.score(List.of(new Prefix(clicks, clicks.length)), scores);
      double[] expected = byDefinition(rows, clicks, items, k, sample);
      for (int row = 1; row <= items; row++) {
        assertThat((double) scores[row])
            .as("%s, round %d, row %d", text, round, row)
            .isCloseTo(expected[row], within(1e-4));
      }
    }
  }

  private static double[] byDefinition(
      List<int[]> rows, int[] clicks, int items, int k, int sample) {
    record Neighbour(int session, float similarity, int steps) {}
    List<Neighbour> neighbours = new ArrayList<>();
    for (int s = rows.size() - 1; s >= 0 && neighbours.size() < sample; s--) {
      float similarity = 0;
      int steps = -1;
      for (int back = 0; back < clicks.length; back++) {
        int item = clicks[clicks.length - 1 - back];
        boolean newest = Arrays.stream(clicks, clicks.length - back, clicks.length)
            .noneMatch(later -> later == item);
        if (newest && Arrays.stream(rows.get(s)).anyMatch(row -> row == item)) {
          similarity += (float) (clicks.length - back) / clicks.length;
          steps = steps < 0 ? back : steps;
        }
      }
      if (steps >= 0) {
        double age = (rows.size() - 1.0 - s) / rows.size();
        neighbours.add(new Neighbour(s, similarity * (float) Math.exp(-age / 1e4), steps));
      }
    }
    neighbours.sort(Comparator.comparingDouble(Neighbour::similarity)
        .thenComparingInt(Neighbour::session)
        .reversed());
    double[] scores = new double[items + 1];
    for (Neighbour each : neighbours.subList(0, Math.min(k, neighbours.size()))) {
      for (int row : Arrays.stream(rows.get(each.session())).distinct().toArray()) {
        long with = rows.stream()
            .filter(session -> Arrays.stream(session).anyMatch(i -> i == row))
            .count();
        scores[row] +=
            each.similarity() / (each.steps() + 1) * Math.log((double) rows.size() / with);
      }
    }
    return scores;
  }

  @Test
  void aBaselineIsParsedFromItsText() {
    for (Baseline baseline : Baseline.all()) {
      assertThat(Baseline.parse(baseline.text())).isEqualTo(baseline);
      assertThat(Baseline.parse(baseline.name())).isEqualTo(baseline);
      assertThat(baseline.label()).isEqualTo(baseline.name());
    }
    assertThat(Baseline.all().stream().map(Baseline::name).collect(Collectors.joining(" ")))
        .isEqualTo("pop recent-pop s-pop item-knn ar sr markov v-sknn vmis-knn stan");
    assertThat(
            Baseline.parseAll("pop,v-sknn:k=7,sample=9,idf=log,stan").stream().map(Baseline::label))
        .containsExactly("pop", "v-sknn:k=7,sample=9,idf=log", "stan");
  }

  @Test
  void invalidBaselinesAreRejected() {
    assertRefused("knn", "one of pop, recent-pop,", "but is 'knn'");
    assertRefused("pop:k=1", "it has no settings");
    assertRefused("sr:k=1", "'k=1' is not a SETTING=VALUE; its settings are keep, steps");
    assertRefused("sr:keep=many", "keep must be a whole number, but is 'many'");
    assertRefused("v-sknn:idf=x", "idf must be one of none, plus-one, log, but is 'x'");
    assertRefused("v-sknn:k=0", "v-sknn: k must be 1 or more, not 0");
    assertRefused("stan:age=NaN", "age must be from");
  }

  private static void assertRefused(String text, String... parts) {
    assertThatThrownBy(() -> Baseline.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(parts);
  }

  @Test
  void aSavedBaselineHasTheSameScores() throws IOException {
    Path directory = folder.resolve("knn");
    Baseline baseline = Baseline.parse("stan:k=2");
    BaselineModel.of(baseline, SESSIONS).save(directory);
    BaselineModel loaded = BaselineModel.load(directory);

    assertThat(ModelDirectory.isBaseline(directory)).isTrue();
    assertThat(loaded.baseline()).isEqualTo(baseline);
    assertThat(scores(loaded.recommender(), new int[] {1, 3}))
        .containsExactly(scores(baseline.train(SESSIONS), new int[] {1, 3}));
  }

  @Test
  void aDamagedBaselineIsRejected() throws IOException {
    Path directory = folder.resolve("damaged");
    BaselineModel.of(Baseline.parse("sr"), SESSIONS).save(directory);
    Path sessions = directory.resolve("sessions.bin");
    byte[] bytes = Files.readAllBytes(sessions);
    bytes[bytes.length - 1] ^= 1;
    Files.write(sessions, bytes);
    assertThatThrownBy(() -> BaselineModel.load(directory))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("SHA-256");
    Files.write(sessions, Arrays.copyOf(bytes, 20));
    assertThatThrownBy(() -> BaselineModel.load(directory))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("truncated");
    Path foreign = Files.createDirectory(folder.resolve("foreign"));
    Files.writeString(foreign.resolve("thesis.txt"), "years of work");
    assertThatThrownBy(() -> BaselineModel.of(Baseline.parse("sr"), SESSIONS).save(foreign))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("is not a model");
  }

  private static void assertScores(String text, int[] clicks, double... expected) {
    float[] scores = scores(Baseline.parse(text).train(SESSIONS), clicks);
    for (int row = 1; row <= expected.length; row++) {
      assertThat((double) scores[row])
          .as("%s, row %d", text, row)
          .isCloseTo(expected[row - 1], within(2e-4));
    }
  }

  private static float[] scores(Recommender recommender, int[] clicks) {
    float[] scores = new float[recommender.vocabulary().size() + 1];
    recommender.score(List.of(new Prefix(clicks, clicks.length)), scores);
    return scores;
  }
}
