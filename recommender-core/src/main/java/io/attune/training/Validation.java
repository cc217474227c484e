package io.attune.training;

import ai.djl.Device;
import io.attune.encoder.NeuralRecommender;
import io.attune.evaluation.Evaluation;
import io.attune.evaluation.Metric;
import io.attune.evaluation.Ranks;
import io.attune.model.EncoderConfig;
import io.attune.model.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How good an epoch's model is on the validation part.
 *
 * @param encoder the model's, with a trend if it has one
 * @param device where it ranks
 */
record Validation(EncoderConfig encoder, TrainingData data, Device device) {
  private static final List<Metric> REPORTED =
      List.of(new Metric(Metric.Measure.HR, 20), Trainer.CRITERION);

  /**
   * The figures of a model.
   *
   * @param weights as {@link io.attune.model.Model} keeps them
   * @return values by the names of the metrics, as shares, and the mean depth where encoders halt
   */
  Map<String, Double> of(Map<String, Tensor> weights) {
    Map<String, Double> figures = new LinkedHashMap<>();
    try (NeuralRecommender recommender =
        NeuralRecommender.load(encoder, data.all().vocabulary(), weights, "validation", device)) {
      Ranks ranks = Evaluation.of(recommender, data.validation(), data.targets());
      REPORTED.forEach(metric -> figures.put(metric.name(), ranks.mean(metric)));
      recommender.meanDepth().ifPresent(depth -> figures.put("depth", depth));
    }
    return figures;
  }
}
