package io.attune.training;

import io.attune.metric.Metric;
import io.attune.model.ClickedCorrection;
import io.attune.model.ClickedFeatures;
import io.attune.recommender.Recommender;
import io.attune.training.ClickedSample.Prediction;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Learns the correction of clicked items on a sample of the validation part.
 *
 * <p>The weights of the highest likelihood calibrate, which is not yet what ranks best. So they are
 * multiplied by a scale, and a shift is added for all clicked items: the pair of the highest HR@20
 * and MRR@20, by the sum of both relative to those without a correction. Weights are judged on
 * sessions that they were not learned on, those of each half of the sample on the other half. Where
 * the gain is not clear, there is no correction.
 */
final class ClickedLearner {
  private static final Metric HR = new Metric(Metric.Measure.HR, ClickedSample.DEPTH);
  private static final Metric MRR = Trainer.CRITERION;

  private static final int SCALES = 10; // steps from 0 to 1
  private static final double SHIFT = 0.25; // in logits
  private static final int MIN_SHIFT = -8; // steps
  private static final int MAX_SHIFT = 12;

  /** All pairs of scale and shift, those nearest to the likelihood first: of equals it wins. */
  private static final List<Point> GRID = IntStream.rangeClosed(0, SCALES)
      .mapToObj(step -> 1 - (double) step / SCALES)
      .flatMap(scale -> IntStream.rangeClosed(MIN_SHIFT, MAX_SHIFT)
          .boxed()
          .sorted(Comparator.comparingInt(Math::abs))
          .map(shift -> new Point(scale, shift * SHIFT)))
      .toList();

  /** The gain must exceed so many of its standard errors. */
  private static final double CLEARLY = 2;

  /** Fewer sessions cannot tell a gain from chance. */
  private static final int MIN_SESSIONS = 10;

  private static final Point NONE = new Point(0, 0);

  private final ClickedSample sample;
  private final double[][] weights; // by which the sessions of each half are judged

  /** How weights become a correction: scale · weights, and the shift for every clicked item. */
  private record Point(double scale, double shift) {
    float addition(double likely) {
      return (float) (scale * likely + shift);
    }
  }

  /** Sums over predictions. */
  private record Sums(double hr, double mrr) {
    Sums plus(Sums other) {
      return new Sums(hr + other.hr, mrr + other.mrr);
    }

    /** The sum of both, each relative to that without a correction. */
    double relativeTo(Sums before) {
      return hr / before.hr + mrr / before.mrr;
    }
  }

  private ClickedLearner(ClickedSample sample) {
    this.sample = sample;
    this.weights = new double[2][];
    for (int half = 0; half < 2; half++) {
      weights[half] = new ClickedLikelihood(half(1 - half)).maximize();
    }
  }

  /**
   * Learns the correction of a model.
   *
   * @param recommender the model without a correction
   */
  static ClickedGain learn(TrainingData data, Recommender recommender, long seed) {
    return of(ClickedSample.of(data, recommender, seed));
  }

  /** Learns on a sample. */
  static ClickedGain of(ClickedSample sample) {
    return new ClickedLearner(sample).learn();
  }

  private List<List<Prediction>> half(int half) {
    return IntStream.range(0, sample.sessions().size())
        .filter(session -> session % 2 == half)
        .mapToObj(sample.sessions()::get)
        .toList();
  }

  private ClickedGain learn() {
    Sums before = sums(NONE);
    Point best = before.hr == 0 ? NONE : best(before);
    if (best.equals(NONE) || !isClear(best, before)) {
      return new ClickedGain("", ClickedCorrection.NONE, metrics(before), metrics(before));
    }
    double[] likely = new ClickedLikelihood(sample.sessions()).maximize();
    float[] corrected = new float[ClickedFeatures.COUNT];
    for (int i = 0; i < corrected.length; i++) {
      // One of the first features is always 1, so the shift is part of their weights.
      double shift = i < ClickedFeatures.AGES ? best.shift : 0;
      corrected[i] = (float) (best.scale * likely[i] + shift);
    }
    return new ClickedGain(
        "", new ClickedCorrection(corrected), metrics(before), metrics(sums(best)));
  }

  private Point best(Sums before) {
    Point best = NONE;
    double highest = before.relativeTo(before);
    for (Point point : GRID) {
      double value = sums(point).relativeTo(before);
      if (value > highest) {
        highest = value;
        best = point;
      }
    }
    return best;
  }

  /** Whether the gain over no correction is more than chance, sessions being independent. */
  private boolean isClear(Point point, Sums before) {
    int count = sample.sessions().size();
    double sum = 0;
    double squares = 0;
    for (int session = 0; session < count; session++) {
      double gain =
          sums(session, point).relativeTo(before) - sums(session, NONE).relativeTo(before);
      sum += gain;
      squares += gain * gain;
    }
    double variance = Math.max(0, squares / count - (sum / count) * (sum / count));
    return count >= MIN_SESSIONS && sum > CLEARLY * Math.sqrt(variance * count);
  }

  private Sums sums(Point point) {
    Sums all = new Sums(0, 0);
    for (int session = 0; session < sample.sessions().size(); session++) {
      all = all.plus(sums(session, point));
    }
    return all;
  }

  private Sums sums(int session, Point point) {
    double[] likely = weights[session % 2];
    double hr = 0;
    double mrr = 0;
    for (Prediction prediction : sample.sessions().get(session)) {
      float[][] features = prediction.clicked().values();
      float[] additions = new float[features.length];
      for (int item = 0; item < additions.length; item++) {
        additions[item] = point.addition(ClickedLikelihood.dot(likely, features[item]));
      }
      int rank = prediction.rank(additions);
      hr += HR.value(rank);
      mrr += MRR.value(rank);
    }
    return new Sums(hr, mrr);
  }

  private Map<String, Double> metrics(Sums sums) {
    Map<String, Double> metrics = new LinkedHashMap<>();
    metrics.put(HR.name(), sums.hr / sample.size());
    metrics.put(MRR.name(), sums.mrr / sample.size());
    return metrics;
  }
}
