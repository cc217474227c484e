package io.attune.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.attune.baseline.Baseline;
import io.attune.baseline.BaselineModel;
import io.attune.evaluation.EvaluationReport.Row;
import io.attune.metric.Metric;
import io.attune.model.GruConfig;
import io.attune.model.Manifest;
import io.attune.model.Model;
import io.attune.model.Similarity;
import io.attune.saved.SavedModel;
import io.attune.serving.ServingModel;
import io.attune.serving.ServingRecommender;
import io.attune.session.Holdout;
import io.attune.session.Sessions;
import io.attune.session.Vocabulary;
import io.attune.vector.Tensor;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class EvaluatorTest {
  private static final int ITEMS = 12;
  private static final int CLICKS = 4;
  private static final Duration HOUR = Duration.ofHours(1);
  private static final Holdout THREE_DAYS = new Holdout.Last(Duration.ofDays(3));
  private static final Metric HR = new Metric(Metric.Measure.HR, 1);
  private static final Vocabulary VOCABULARY =
      Vocabulary.of(IntStream.range(0, ITEMS).mapToObj(i -> "i" + i).toList());

  /** Ten days of visitors who walk around a circle of items: a Markov chain is always right. */
  private static final Sessions LOG = circle(240);

  private final AtomicLong clock = new AtomicLong();

  @Test
  void aModelIsComparedWithBaselinesAndTheVerdictNamesTheWinner() throws IOException {
    EvaluationResult result = evaluator(LOG)
        .holdout(THREE_DAYS)
        .model("gru", randomModel())
        .baselines(Baseline.parseAll("pop,markov"))
        .cutoffs(List.of(1))
        .run();

    EvaluationReport report = result.report();
    assertThat(report.rows()).extracting(Row::name).containsExactly("gru", "pop", "markov");
    assertThat(report.predictions()).isEqualTo(3 * 24 * (CLICKS - 1));
    assertThat(report.rows().getLast().figure(HR).mean()).isEqualTo(1);
    assertThat(report.rows().getFirst().figure(HR).mean()).isLessThan(0.5);
    assertThat(report.verdict())
        .hasValueSatisfying(verdict -> assertThat(verdict)
            .startsWith(
                "No model significantly beats the best baseline: markov beats gru at HR@1"));
    assertThat(report.findings()).isEmpty();
    assertThat(report.conditions())
        .containsEntry("holdout", "3d")
        .containsEntry("retrained", false);
    assertThat(result.ranks())
        .extracting(Ranks::recommender)
        .containsExactly("gru", "pop", "markov");
    assertThat(result.ranks().getLast().mean(HR)).isEqualTo(1);
  }

  @Test
  void aSavedBaselineIsNotComparedAsAModel() throws IOException {
    EvaluationReport report = evaluator(LOG)
        .holdout(THREE_DAYS)
        .model("saved", BaselineModel.of(Baseline.parse("markov"), circle(100)).open())
        .baselines(Baseline.parseAll("pop"))
        .run()
        .report();

    assertThat(report.rows()).extracting(Row::kind).containsOnly(EvaluationReport.Kind.BASELINE);
    assertThat(report.verdict()).isEmpty();
  }

  @Test
  void popularityCanUseTheCountsOfAModel() throws IOException {
    EvaluationReport report = evaluator(LOG)
        .model("gru", randomModel())
        .baselines(Baseline.parseAll("pop"))
        .run()
        .report();

    assertThat(report.rows()).extracting(Row::name).containsExactly("gru", "pop");
    assertThat(report.predictions()).isEqualTo(240 * (CLICKS - 1));
  }

  @Test
  void baselinesAreRetrainedBeforeEachWindow() throws IOException {
    List<String> windows = new ArrayList<>();
    EvaluationReport report = evaluator(LOG)
        .holdout(THREE_DAYS)
        .baselines(Baseline.parseAll("markov"))
        .windows(2)
        .retrain((name, model, sessions) -> {
          throw new AssertionError("there is no model");
        })
        .listener(new EvaluationListener() {
          @Override
          public void onWindow(String recommender, int window, int count, Instant start) {
            windows.add(recommender + " " + window + "/" + count + " from " + start);
          }
        })
        .run()
        .report();

    // Hours 168 to 239 are tested: 71 hours and a millisecond, cut in two and rounded up.
    assertThat(windows)
        .containsExactly(
            "markov 1/2 from 1970-01-08T00:00:00Z", "markov 2/2 from 1970-01-09T11:30:00.001Z");
    assertThat(report.conditions()).containsEntry("retrained", true);
    assertThat(report.rows().getFirst().figure(new Metric(Metric.Measure.HR, 5)).mean())
        .isEqualTo(1);
  }

  @Test
  void somethingToEvaluateIsRequired() {
    assertRefused("nothing to evaluate: there must be a model", evaluator -> evaluator);
    assertRefused(
        "nothing to evaluate: there must be a model, or baselines with training sessions",
        evaluator -> evaluator.baselines(Baseline.parseAll("pop")));
  }

  @Test
  void aBaselineWithoutTrainingSessionsIsRefused() {
    assertRefused(
        "stan needs training sessions, from a holdout or a log of their own",
        evaluator ->
            evaluator.model("gru", randomModel()).baselines(Baseline.parseAll("pop,stan")));
    assertRefused(
        "an ensemble needs training sessions for its baseline",
        evaluator -> evaluator
            .model("gru", randomModel())
            .ensemble(new BaselineEnsemble(Baseline.parse("v-sknn"), 1, null)));
  }

  @Test
  void retrainingNeedsWindowsAndAHoldoutByTime() {
    Retrainer retrainer = (name, model, sessions) -> model;
    String message = "retraining needs at least 2 windows and a holdout by time";
    assertRefused(
        message,
        evaluator ->
            evaluator.holdout(THREE_DAYS).baselines(Baseline.parseAll("pop")).retrain(retrainer));
    assertRefused(
        message,
        evaluator -> evaluator
            .holdout(new Holdout.LastClick())
            .baselines(Baseline.parseAll("pop"))
            .windows(2)
            .retrain(retrainer));
    assertRefused(
        "gru was opened without the engine, so it cannot be retrained",
        evaluator -> evaluator
            .holdout(THREE_DAYS)
            .model("gru", randomModel())
            .windows(2)
            .retrain(retrainer));
  }

  @Test
  void aTestWithoutPredictionsIsRefused() {
    Sessions singles = Sessions.of(VOCABULARY, List.of(new int[] {1}, new int[] {2}));
    assertThatThrownBy(() -> evaluator(singles).model("gru", randomModel()).run())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("nothing to predict: no test session has two clicks");
  }

  @Test
  void cutoffsAreRequired() {
    assertThatThrownBy(() -> evaluator(LOG).cutoffs(List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("cutoffs must not be empty");
  }

  private void assertRefused(String message, Function<Evaluator, Evaluator> settings) {
    assertThatThrownBy(() -> settings.apply(evaluator(LOG)).run())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  private Evaluator evaluator(Sessions log) {
    return Evaluator.of(log, clock::incrementAndGet);
  }

  /** Sessions an hour apart, with a minute between their clicks. */
  private static Sessions circle(int sessions) {
    return Sessions.of(
        VOCABULARY,
        IntStream.range(0, sessions)
            .mapToObj(s ->
                IntStream.range(0, CLICKS).map(c -> 1 + (s * 5 + c) % ITEMS).toArray())
            .toList(),
        IntStream.range(0, sessions)
            .mapToObj(s -> LongStream.range(0, CLICKS)
                .map(c -> s * HOUR.toMillis() + c * 60_000)
                .toArray())
            .toList());
  }

  private static SavedModel randomModel() {
    Random random = new Random(7);
    int hidden = 4;
    int dimension = 4;
    Manifest.Provenance provenance = new Manifest.Provenance(
        "test",
        "",
        7,
        0,
        0,
        "none",
        null,
        null,
        JsonNodeFactory.instance.objectNode(),
        JsonNodeFactory.instance.objectNode());
    GruConfig config = new GruConfig(dimension, hidden, Similarity.cosine(16), 0, 0);
    long[] counts = new long[ITEMS];
    Arrays.fill(counts, 1);
    Model model = new Model(
        new Manifest(Manifest.FORMAT, config, ITEMS, provenance, List.of(), Map.of()),
        VOCABULARY,
        counts,
        Map.of(
            Model.ITEMS,
            tensor(random, ITEMS + 1, dimension),
            "gru.w_ih",
            tensor(random, 3 * hidden, dimension),
            "gru.w_hh",
            tensor(random, 3 * hidden, hidden),
            "gru.b_ih",
            tensor(random, 3 * hidden),
            "gru.b_hh",
            tensor(random, 3 * hidden),
            "decoder.b",
            tensor(random, hidden, dimension)));
    return new SavedModel.Incremental(
        new ServingRecommender("gru", ServingModel.of(model)), counts);
  }

  private static Tensor tensor(Random random, int... shape) {
    float[] values = new float[Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return new Tensor(Arrays.stream(shape).asLongStream().toArray(), values);
  }
}
