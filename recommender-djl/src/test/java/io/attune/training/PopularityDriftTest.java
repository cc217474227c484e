package io.attune.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.attune.encoder.NeuralRecommender;
import io.attune.model.ComputeDevice;
import io.attune.model.DriftConfig;
import io.attune.model.EncoderConfig;
import io.attune.model.EnsembleConfig;
import io.attune.model.GruConfig;
import io.attune.model.Similarity;
import io.attune.model.StampConfig;
import io.attune.recommender.Popularity;
import io.attune.recommender.Prefix;
import io.attune.recommender.TrainedModels;
import io.attune.serving.ServingModel;
import io.attune.session.Filters;
import io.attune.session.Holdout;
import io.attune.session.Sessions;
import io.attune.session.Vocabulary;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PopularityDriftTest {
  private static final GruConfig ENCODER = GruConfig.builder()
      .dimension(8)
      .hidden(8)
      .similarity(new Similarity(true, 16, false))
      .inputDropout(0.1f)
      .stateDropout(0.1f)
      .build();
  private static final TrainingConfig DRIFT = TrainedModels.training(0.3);

  /** Eight sessions of the items 1 and 2, then two of 3 and 2, with times by their places. */
  private static Sessions sessions(boolean newestFirst) {
    List<int[]> rows = new ArrayList<>();
    List<long[]> times = new ArrayList<>();
    for (int session = 0; session < 10; session++) {
      rows.add(new int[] {session < 8 ? 1 : 3, 2});
      long time = newestFirst ? -session : session;
      times.add(new long[] {1000 + 10 * time, 1001 + 10 * time});
    }
    return Sessions.of(Vocabulary.of(List.of("old", "steady", "new")), rows, times);
  }

  @Test
  void itIsTheLogarithmOfClicksOfLateOverThoseExpected() {
    // Of 20 clicks 4 are in the newest sessions: of 8 of the first item 1.6 are expected there.
    assertThat(drift(sessions(false), 0.5)).containsExactly(new float[] {
      0, (float) (0.5 * Math.log(0.5 / 2.1)), 0, (float) (0.5 * Math.log(2.5 / 0.9))
    });
  }

  @Test
  void timesSayWhatIsNew() {
    float[] drift = drift(sessions(true), 0.5);
    assertThat(drift[1]).isPositive();
    assertThat(drift[3]).isNegative();
  }

  @Test
  void aForecastTakesThePlaceOfTheClicksOfLate() {
    Sessions news = News.sessions();
    TrainingConfig training = TrainedModels.training(0.5).toBuilder()
        .driftEstimate(DriftEstimate.FORECAST)
        .build();
    long[] clicks = Popularity.counts(news);
    double[] forecast = new PopularityForecast(news).logarithms();

    float[] drift = PopularityDrift.of(news, clicks, news.size(), training);

    double sum = 0;
    for (int row = 1; row < forecast.length; row++) {
      sum += Math.exp(forecast[row]);
    }
    for (int row = 1; row < forecast.length; row++) {
      double expected = Math.exp(forecast[row]) / sum * news.clicks();
      assertThat((double) drift[row])
          .isCloseTo(0.5 * Math.log((expected + 0.5) / (clicks[row - 1] + 0.5)), within(1e-6));
    }
    assertThat(drift[News.ARTICLES]).isPositive();
    assertThat(drift[10]).isNegative();
  }

  @Test
  void aForecastNeedsTimes() {
    TrainingConfig training = TrainedModels.training(0.5).toBuilder()
        .driftEstimate(DriftEstimate.FORECAST)
        .build();
    Sessions all = Chains.sessions(20, 1);

    assertThatThrownBy(() -> PopularityDrift.of(all, Popularity.counts(all), all.size(), training))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("driftEstimate must be recent, since the clicks have no times");
  }

  @Test
  void aModelAddsItToEachScore() throws IOException {
    Sessions all = Chains.sessions(100, 1);
    List<Prefix> prefixes = List.of(
        new Prefix(all.items(3), 2), new Prefix(all.items(4), 1), new Prefix(all.items(5), 3));
    float[] without = scores(TrainedModels.training(0), all, prefixes);

    float[] with = scores(DRIFT, all, prefixes);

    float[] drift = drift(all, DRIFT.popularityDrift());
    assertThat(drift).isNotEqualTo(new float[drift.length]);
    for (int i = 0; i < with.length; i++) {
      int row = i % drift.length;
      if (row > 0) {
        assertThat(with[i] - without[i]).as("score %d", i).isCloseTo(drift[row], within(1e-4f));
      }
    }
  }

  private static float[] scores(TrainingConfig training, Sessions all, List<Prefix> prefixes)
      throws IOException {
    Trainer.Trained trained = train(training, all);
    try (NeuralRecommender recommender = NeuralRecommender.load(
        trained.encoder(), all.vocabulary(), trained.weights(), "", ComputeDevice.CPU)) {
      float[] scores = new float[prefixes.size() * (all.vocabulary().size() + 1)];
      recommender.score(prefixes, scores);
      return scores;
    }
  }

  @ParameterizedTest
  @MethodSource
  void aServedModelTellsIt(EncoderConfig encoder) throws IOException {
    Sessions all = Chains.sessions(100, 1);
    Trainer trainer = TrainedModels.trainer(encoder, DRIFT);
    PreparedData prepared = prepared(all, DRIFT);
    ServingModel model =
        ServingModel.of(prepared.model(trainer, trainer.train(prepared.data()), "", ""));
    float[] drift = drift(all, DRIFT.popularityDrift());
    for (int row = 1; row < drift.length; row++) {
      assertThat(model.drift(row)).isCloseTo(drift[row], within(1e-6f));
    }
  }

  static List<EncoderConfig> aServedModelTellsIt() {
    return List.of(ENCODER, new EnsembleConfig(StampConfig.defaults(), ENCODER));
  }

  @Test
  void whatHasADriftIsTrainedAgainToTheSameNumbers() throws IOException {
    Sessions all = Chains.sessions(100, 1);
    Trainer.Trained once = train(DRIFT, all);
    assertThat(once.encoder()).isEqualTo(new DriftConfig(ENCODER));
    Trainer again = TrainedModels.trainer(once.encoder(), DRIFT);
    assertThat(again.encoder()).isEqualTo(ENCODER);
    assertThat(again.train(data(all, DRIFT)).weights()).isEqualTo(once.weights());
  }

  private static Trainer.Trained train(TrainingConfig training, Sessions all) throws IOException {
    return TrainedModels.trainer(ENCODER, training).train(data(all, training));
  }

  private static TrainingData data(Sessions all, TrainingConfig training) {
    return prepared(all, training).data();
  }

  private static PreparedData prepared(Sessions all, TrainingConfig training) {
    return PreparedData.of(all, new Holdout.None(), Filters.none(), training.validation());
  }

  private static float[] drift(Sessions sessions, double weight) {
    return PopularityDrift.of(
        sessions, Popularity.counts(sessions), sessions.size(), TrainedModels.training(weight));
  }
}
