package io.attune.training;

import io.attune.encoder.NeuralRecommender;
import io.attune.metric.Metric;
import io.attune.model.ComputeDevice;
import io.attune.model.EncoderConfig;
import io.attune.recommender.Prefix;
import io.attune.recommender.Recommender;
import io.attune.recommender.SessionPrefixes;
import io.attune.recommender.TargetRanks;
import io.attune.session.Sessions;
import io.attune.session.Vocabulary;
import io.attune.vector.Tensor;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;

/**
 * Evaluates the model of an epoch on the validation part.
 *
 * @param encoder the model's, with popularity drift if it has one
 * @param device where it ranks
 */
record Validation(EncoderConfig encoder, TrainingData data, ComputeDevice device) {
  private static final List<Metric> REPORTED =
      List.of(new Metric(Metric.Measure.HR, 20), Trainer.CRITERION);

  private static final int BATCH = 1024;

  /**
   * The figures of a model.
   *
   * @param weights as {@link io.attune.model.Model} keeps them
   * @return values by the names of the metrics, as shares, and the mean depth where encoders halt
   */
  Map<String, Double> of(Map<String, Tensor> weights) {
    try (NeuralRecommender recommender =
        NeuralRecommender.load(encoder, data.all().vocabulary(), weights, "validation", device)) {
      Map<String, Double> figures = new Ranking(recommender, target -> true).means();
      recommender.meanDepth().ifPresent(depth -> figures.put("depth", depth));
      return figures;
    }
  }

  /**
   * HR@20 of some of the targets, and of the others.
   *
   * @param some as a fraction
   * @param others as a fraction; unknown targets are of neither
   */
  record Hits(double some, double others) {}

  /**
   * The hits among some of the targets and among the others; 0 where there are none.
   *
   * @param weights as {@link io.attune.model.Model} keeps them
   * @param rows of some of the items
   */
  Hits hits(Map<String, Tensor> weights, BitSet rows) {
    try (NeuralRecommender recommender =
        NeuralRecommender.load(encoder, data.all().vocabulary(), weights, "validation", device)) {
      List<Ranking> both = List.of(
          new Ranking(recommender, rows::get),
          new Ranking(recommender, target -> target != Vocabulary.UNKNOWN && !rows.get(target)));
      String name = REPORTED.getFirst().name();
      return new Hits(
          both.getFirst().means().getOrDefault(name, 0.0),
          both.getLast().means().getOrDefault(name, 0.0));
    }
  }

  /** Ranks the targets in batches. One that cannot be ranked is a miss, as in an evaluation. */
  private final class Ranking {
    private final Recommender recommender;
    private final IntPredicate counted;
    private final List<Prefix> prefixes = new ArrayList<>(BATCH);
    private final int[] targets = new int[BATCH];
    private final double[] sums = new double[REPORTED.size()];
    private long predictions;

    Ranking(Recommender recommender, IntPredicate counted) {
      this.recommender = recommender;
      this.counted = counted;
    }

    /** By name. */
    Map<String, Double> means() {
      Sessions sessions = data.validation();
      for (int session = 0; session < sessions.size(); session++) {
        int first = data.targets().first(sessions, session);
        SessionPrefixes.visit(sessions, session, first, this::predict);
      }
      flush();
      Map<String, Double> means = new LinkedHashMap<>();
      for (int m = 0; m < sums.length; m++) {
        means.put(REPORTED.get(m).name(), sums[m] / Math.max(1, predictions));
      }
      return means;
    }

    private void predict(Prefix before, int target) {
      if (!counted.test(target)) {
        return;
      }
      predictions++;
      if (target == Vocabulary.UNKNOWN || before.length() == 0) {
        return;
      }
      targets[prefixes.size()] = target;
      prefixes.add(before);
      if (prefixes.size() == BATCH) {
        flush();
      }
    }

    private void flush() {
      if (prefixes.isEmpty()) {
        return;
      }
      TargetRanks ranked = recommender.rank(prefixes, targets, false, 0);
      for (int i = 0; i < ranked.size(); i++) {
        for (int m = 0; m < sums.length; m++) {
          sums[m] += REPORTED.get(m).value(ranked.rank(i));
        }
      }
      prefixes.clear();
    }
  }
}
