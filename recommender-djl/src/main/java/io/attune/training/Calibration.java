package io.attune.training;

import io.attune.encoder.NeuralRecommender;
import io.attune.model.ClickedCorrection;
import io.attune.model.ComputeDevice;
import io.attune.model.Manifest;
import io.attune.model.Model;
import io.attune.recommender.Popularity;
import io.attune.session.DataHash;
import io.attune.session.Filters;
import io.attune.session.Filters.UnknownItems;
import io.attune.session.Holdout;
import io.attune.session.Sessions;
import io.attune.session.Split;
import io.attune.session.Vocabulary;
import io.attune.vector.Tensor;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * What a model learns from a log without a training of its vectors, such as a model of imported
 * ones: how often each item is clicked, and the correction of clicked items.
 *
 * <p>All sessions that are not held out teach the correction, which is judged on other sessions
 * than it is learned on. Where the vectors themselves were trained on them, they know these
 * sessions too well, and the correction may be too small.
 *
 * @param model the model with counts and, if it gains, a correction
 * @param gain what the correction gains
 * @param clicks number of clicks of the log on items of the model that were counted
 * @param unknown number of the log's items that the model does not have
 */
public record Calibration(Model model, ClickedGain gain, int clicks, int unknown) {

  /**
   * Calibrates a model.
   *
   * @param model without a correction
   * @param log unfiltered
   * @param holdout what of the log is not looked at
   * @throws IllegalArgumentException if the log has none of the model's items, or no session with
   *     two of them, or the holdout is one in time and the clicks have no times
   */
  public static Calibration of(Model model, Sessions log, Holdout holdout, ComputeDevice device) {
    Split split = holdout.split(log);
    Filters filters = new Filters(Filters.standard().minSessionLength(), 1);
    Sessions known = filters
        .test(
            split.trainable(),
            model.vocabulary(),
            UnknownItems.DROP,
            new Split.Targets.AfterFirst())
        .sessions();
    requireKnown(model, log, known);
    TrainingData data = new TrainingData(known, known, known, new Split.Targets.AfterFirst());
    ClickedGain gain;
    try (NeuralRecommender recommender = NeuralRecommender.load(model, "model", device)) {
      long drawn = Seeds.of(Trainer.DEFAULT_SEED, Seeds.Purpose.CLICKED, 0);
      gain = ClickedLearner.learn(data, recommender, drawn);
    }
    Map<String, Tensor> weights = new LinkedHashMap<>(model.weights());
    if (!gain.correction().isNone()) {
      weights.put(ClickedCorrection.TENSOR, gain.correction().tensor());
    }
    Model calibrated = new Model(
        manifest(model.manifest(), log, known, holdout, split),
        model.vocabulary(),
        Popularity.counts(known),
        weights);
    long unknown = IntStream.of(log.vocabulary().rowsIn(model.vocabulary()))
        .skip(1) // padding
        .filter(row -> row == Vocabulary.UNKNOWN)
        .count();
    return new Calibration(calibrated, gain, known.clicks(), (int) unknown);
  }

  private static void requireKnown(Model model, Sessions log, Sessions known) {
    if (known.size() == 0) {
      throw new IllegalArgumentException(String.format(
          Locale.ROOT,
          "no session of the log has two clicks on the %,d items of the model: their ids, such as"
              + " '%s', must be those of the log, such as '%s'",
          model.vocabulary().size(),
          model.vocabulary().id(1),
          log.vocabulary().size() == 0 ? "" : log.vocabulary().id(1)));
    }
  }

  private static Manifest manifest(
      Manifest made, Sessions log, Sessions known, Holdout holdout, Split split) {
    Manifest.Provenance from = made.provenance();
    Instant cut = split.cut();
    Instant last = PreparedData.newest(known);
    Manifest.Provenance provenance = new Manifest.Provenance(
        from.version(),
        DataHash.of(log),
        from.seed(),
        known.size(),
        known.clicks(),
        holdout.toString(),
        cut == null ? null : cut.toString(),
        last == null ? null : last.toString(),
        from.filters(),
        from.training(),
        from.growth(),
        from.imported());
    return new Manifest(
        made.format(), made.encoder(), made.items(), provenance, made.epochs(), made.files());
  }
}
