package io.attune.baseline;

import io.attune.metric.Metric;
import io.attune.recommender.Prefix;
import io.attune.recommender.Recommender;
import io.attune.recommender.SessionPrefixes;
import io.attune.recommender.SparseRecommender;
import io.attune.recommender.SparseScores;
import io.attune.session.Sessions;
import io.attune.session.Split;
import io.attune.session.Vocabulary;
import io.attune.vector.NotFiniteException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * A weighted ensemble of a neural recommender and a session-based kNN, which tend to miss different
 * items.
 *
 * <p>Source: Jannach and Ludewig 2017, "When recurrent neural networks meet the neighborhood for
 * session-based recommendation", section 3.4.
 *
 * <p>Differs from the paper: the scores are normalized before they are added, as stated by
 * {@link Combination}.
 *
 * <p>As thread-safe as the neural recommender.
 */
public final class Ensemble implements Recommender {

  /** How the scores of the two recommenders are combined. */
  public sealed interface Combination {

    /** The weight of the kNN, relative to a weight of 1 for the neural model; at least 0. */
    double weight();

    /** The same combination with another weight. */
    Combination withWeight(double weight);

    /**
     * {@code softmax(neural) + weight · kNN}, where the best scores of the kNN are divided by their
     * sum and all others are 0.
     *
     * @param topK number of the kNN's best items that are added
     */
    record WeightedSum(double weight, int topK) implements Combination {
      public WeightedSum {
        check(weight, topK);
      }

      @Override
      public Combination withWeight(double other) {
        return new WeightedSum(other, topK);
      }
    }

    /**
     * {@code 1 / (offset + neural rank) + weight / (offset + kNN rank)}, where the second term is
     * added for the best items of the kNN only.
     *
     * <p>Source: Cormack, Clarke and Büttcher 2009, "Reciprocal rank fusion outperforms Condorcet
     * and individual rank learning methods", where the offset is 60.
     *
     * @param topK number of the kNN's best items that are added
     * @param offset at least 0; the larger it is, the less the first ranks differ
     */
    record ReciprocalRankFusion(double weight, int topK, double offset) implements Combination {
      public ReciprocalRankFusion {
        check(weight, topK);
        if (!(offset >= 0 && offset < 1e6)) {
          throw new IllegalArgumentException("offset must be from 0 to 1e6, not " + offset);
        }
      }

      @Override
      public Combination withWeight(double other) {
        return new ReciprocalRankFusion(other, topK, offset);
      }
    }

    private static void check(double weight, int topK) {
      if (!(weight >= 0 && weight < 1e6)) {
        throw new IllegalArgumentException("weight must be from 0 to 1e6, not " + weight);
      }
      if (topK < 1) {
        throw new IllegalArgumentException("topK must be 1 or more, not " + topK);
      }
    }
  }

  /** The default combination: a sum of equal weights with the best 200 items of the kNN. */
  public static final Combination DEFAULT = new Combination.WeightedSum(1, 200);

  /** Weights to choose from by {@link #chooseWeight}. */
  public static final List<Double> WEIGHTS = List.of(0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 4.0);

  private static final int BATCH = 128;

  private final String name;
  private final Recommender neural;
  private final SparseRecommender knn;
  private final Combination combination;

  /**
   * Combines two recommenders. The caller still owns them: closing the ensemble closes neither.
   *
   * @throws IllegalArgumentException if they do not have the same vocabulary
   */
  public Ensemble(String name, Recommender neural, SparseRecommender knn, Combination combination) {
    if (neural.vocabulary() != knn.vocabulary()
        && !neural.vocabulary().ids().equals(knn.vocabulary().ids())) {
      throw new IllegalArgumentException(String.format(
          Locale.ROOT,
          "both recommenders of an ensemble must know the same items in the same rows, but %s knows"
              + " %d and %s %d",
          neural.name(),
          neural.vocabulary().size(),
          knn.name(),
          knn.vocabulary().size()));
    }
    this.name = name;
    this.neural = neural;
    this.knn = knn;
    this.combination = combination;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Vocabulary vocabulary() {
    return neural.vocabulary();
  }

  /** How the two recommenders are combined. */
  public Combination combination() {
    return combination;
  }

  @Override
  public void score(List<Prefix> prefixes, float[] scores) {
    int stride = vocabulary().size() + 1;
    neural.score(prefixes, scores);
    for (int i = 0; i < prefixes.size(); i++) {
      int start = i * stride;
      normalize(scores, start, stride, combination);
      addVotes(prefixes.get(i), scores, start, combination);
      scores[start] = Float.NEGATIVE_INFINITY;
    }
  }

  /**
   * Returns the ensemble with the weight that has the best mean on validation sessions, of equally
   * good weights the smallest. Neither recommender may have been trained on these sessions. Clicks
   * on unknown items are ignored, and with {@link Split.Targets.Last} also sessions that end with
   * such a click.
   *
   * @param weights the weights to choose from
   * @param targets the clicks of a session to predict
   * @param metric the metric to maximize
   * @throws IllegalArgumentException if there are no weights, or nothing to predict
   */
  public Ensemble chooseWeight(
      List<Double> weights, Sessions validation, Split.Targets targets, Metric metric) {
    Sessions sessions = validation.recode(vocabulary());
    List<Prefix> prefixes = new ArrayList<>();
    List<Integer> rows = new ArrayList<>();
    for (int s = 0; s < sessions.size(); s++) {
      SessionPrefixes.visit(sessions, s, targets.first(sessions, s), (prefix, row) -> {
        if (prefix.length() > 0 && row != Vocabulary.UNKNOWN) {
          prefixes.add(prefix);
          rows.add(row);
        }
      });
    }
    int[] targetRows = rows.stream().mapToInt(Integer::intValue).toArray();
    return chooseWeight(weights, prefixes, targetRows, metric);
  }

  private Ensemble chooseWeight(
      List<Double> weights, List<Prefix> prefixes, int[] targets, Metric metric) {
    if (weights.isEmpty() || prefixes.isEmpty()) {
      throw new IllegalArgumentException("choosing a weight needs weights and predictions, not "
          + weights.size() + " and " + prefixes.size());
    }
    List<Combination> candidates =
        weights.stream().sorted().map(combination::withWeight).toList();
    double[] sums = new double[candidates.size()];
    int stride = vocabulary().size() + 1;
    float[] scores = new float[Math.multiplyExact(Math.min(BATCH, prefixes.size()), stride)];
    float[] combined = new float[stride];
    for (int from = 0; from < prefixes.size(); from += BATCH) {
      List<Prefix> part = prefixes.subList(from, Math.min(prefixes.size(), from + BATCH));
      neural.score(part, scores);
      for (int i = 0; i < part.size(); i++) {
        normalize(scores, i * stride, stride, combination);
        for (int w = 0; w < sums.length; w++) {
          System.arraycopy(scores, i * stride, combined, 0, stride);
          addVotes(part.get(i), combined, 0, candidates.get(w));
          sums[w] += metric.value(rank(combined, targets[from + i]));
        }
      }
    }
    int best = 0;
    for (int w = 1; w < sums.length; w++) {
      best = sums[w] > sums[best] ? w : best;
    }
    return new Ensemble(name, neural, knn, candidates.get(best));
  }

  private static int rank(float[] scores, int target) {
    int rank = 0;
    for (int row = 1; row < scores.length; row++) {
      rank += scores[row] >= scores[target] ? 1 : 0;
    }
    return rank;
  }

  /** Normalizes the neural scores of one prefix in place. */
  private static void normalize(float[] scores, int start, int stride, Combination combination) {
    switch (combination) {
      case Combination.WeightedSum sum -> softmax(scores, start + 1, start + stride);
      case Combination.ReciprocalRankFusion fusion ->
        reciprocalRanks(scores, start + 1, start + stride, fusion.offset());
    }
  }

  private void addVotes(Prefix prefix, float[] scores, int start, Combination combination) {
    if (combination.weight() > 0) {
      knn.withScores(prefix, votes -> {
        addVotes(votes, scores, start, combination);
        return votes;
      });
    }
  }

  private static void addVotes(
      SparseScores votes, float[] scores, int start, Combination combination) {
    switch (combination) {
      case Combination.WeightedSum sum -> {
        int[] rows = votes.top(sum.topK());
        double total = 0;
        for (int row : rows) {
          total += votes.get(row);
        }
        for (int row : rows) {
          scores[start + row] += (float) (sum.weight() * votes.get(row) / total);
        }
      }
      case Combination.ReciprocalRankFusion fusion -> {
        int[] rows = votes.top(fusion.topK());
        int rank = rows.length;
        for (int i = rows.length - 1; i >= 0; i--) {
          // Ties share the worst of their ranks.
          rank = i < rows.length - 1 && votes.get(rows[i]) > votes.get(rows[i + 1]) ? i + 1 : rank;
          scores[start + rows[i]] += (float) (fusion.weight() / (fusion.offset() + rank));
        }
      }
    }
  }

  private static void softmax(float[] scores, int from, int to) {
    float max = Float.NEGATIVE_INFINITY;
    for (int i = from; i < to; i++) {
      max = Math.max(max, scores[i]);
    }
    double sum = 0;
    for (int i = from; i < to; i++) {
      scores[i] = (float) Math.exp(scores[i] - max);
      sum += scores[i];
    }
    float scale = (float) (1 / sum);
    for (int i = from; i < to; i++) {
      scores[i] *= scale;
    }
  }

  private static void reciprocalRanks(float[] scores, int from, int to, double offset) {
    float[] sorted = Arrays.copyOfRange(scores, from, to);
    Arrays.sort(sorted);
    if (Float.isNaN(sorted[sorted.length - 1])) {
      throw new NotFiniteException("a score is not a number (NaN)");
    }
    for (int i = from; i < to; i++) {
      int below = lowerBound(sorted, scores[i]); // Ties share the worst of their ranks.
      scores[i] = (float) (1 / (offset + sorted.length - below));
    }
  }

  /** The first index with at least this value; Arrays.binarySearch returns any of several. */
  private static int lowerBound(float[] sorted, float value) {
    int low = 0;
    int high = sorted.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (sorted[middle] < value) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
