package io.attune.baseline;

import io.attune.metric.Metric;
import io.attune.recommender.Prefix;
import io.attune.recommender.Recommender;
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
import java.util.stream.IntStream;

/**
 * A neural recommender and a session-kNN together: what one of them misses the other often finds.
 *
 * <p>Source: Jannach and Ludewig 2017, "When recurrent neural networks meet the neighborhood for
 * session-based recommendation", section 3.4, a weighted sum of both.
 *
 * <p>Differs from the paper: the scores are normalised before they are added, by one of the ways of
 * {@link Combination}.
 *
 * <p>Safe for use by as many threads as the neural recommender is.
 */
public final class Ensemble implements Recommender {

  /** How two lists of scores become one. */
  public sealed interface Combination {

    /** How much the kNN counts beside the neural model, which counts 1; 0 or more. */
    double weight();

    /** The same with another weight. */
    Combination withWeight(double weight);

    /**
     * {@code softmax(neural) + weight · kNN}, the kNN's best scores divided by their sum.
     *
     * @param best how many of the kNN's items count
     */
    record Scores(double weight, int best) implements Combination {
      public Scores {
        check(weight, best);
      }

      @Override
      public Combination withWeight(double other) {
        return new Scores(other, best);
      }
    }

    /**
     * {@code 1 / (offset + neural rank) + weight / (offset + kNN rank)}, nothing beyond the kNN's
     * best.
     *
     * <p>Source: Cormack, Clarke and Büttcher 2009, "Reciprocal rank fusion outperforms Condorcet
     * and individual rank learning methods", where the offset is 60.
     *
     * @param best how many of the kNN's items count
     * @param offset 0 or more: how little the first places differ
     */
    record Ranks(double weight, int best, double offset) implements Combination {
      public Ranks {
        check(weight, best);
        if (!(offset >= 0 && offset < 1e6)) {
          throw new IllegalArgumentException("offset must be from 0 to 1e6, not " + offset);
        }
      }

      @Override
      public Combination withWeight(double other) {
        return new Ranks(other, best, offset);
      }
    }

    private static void check(double weight, int best) {
      if (!(weight >= 0 && weight < 1e6)) {
        throw new IllegalArgumentException("weight must be from 0 to 1e6, not " + weight);
      }
      if (best < 1) {
        throw new IllegalArgumentException("best must be 1 or more, not " + best);
      }
    }
  }

  /** The usual combination: normalised scores of equal weight, the kNN's best 200. */
  public static final Combination USUAL = new Combination.Scores(1, 200);

  /** Weights that are tried by {@link #chooseWeight}. */
  public static final List<Double> WEIGHTS = List.of(0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 4.0);

  private static final int BATCH = 128;

  private final String name;
  private final Recommender neural;
  private final SparseRecommender knn;
  private final Combination combination;

  /**
   * Combines two recommenders, which stay the caller's: closing this closes neither.
   *
   * @throws IllegalArgumentException when they do not know the same items
   */
  public Ensemble(String name, Recommender neural, SparseRecommender knn, Combination combination) {
    if (neural.vocabulary() != knn.vocabulary()
        && !neural.vocabulary().ids().equals(knn.vocabulary().ids())) {
      throw new IllegalArgumentException(String.format(
          Locale.ROOT,
          "an ensemble's parts must know the same items in the same rows, but %s knows %d and %s %d",
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

  /** How the two are combined. */
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
   * The weight that does best on validation sessions, of equals the smallest. The parts must not
   * have been trained on them. Clicks on unknown items are left out, and where the last click of a
   * session is the target, sessions that end with one.
   *
   * @param weights to try
   * @param targets which clicks of a session are to be predicted
   * @param metric what is to be best
   * @throws IllegalArgumentException when there is nothing to try or to predict
   */
  public Ensemble chooseWeight(
      List<Double> weights, Sessions validation, Split.Targets targets, Metric metric) {
    Sessions sessions = validation.recode(vocabulary());
    List<Prefix> prefixes = new ArrayList<>();
    List<Integer> next = new ArrayList<>();
    for (int s = 0; s < sessions.size(); s++) {
      if (targets == Split.Targets.LAST && !endsKnown(sessions, s)) {
        continue; // The click before it may have been trained.
      }
      int[] clicks = IntStream.range(sessions.start(s), sessions.end(s))
          .filter(click -> sessions.item(click) != Vocabulary.UNKNOWN)
          .toArray();
      int[] known = Arrays.stream(clicks).map(sessions::item).toArray();
      long[] times = sessions.hasTimes()
          ? Arrays.stream(clicks).mapToLong(sessions::time).toArray()
          : new long[0];
      for (int length = targets.first(known.length); length < known.length; length++) {
        prefixes.add(new Prefix(known, times, length));
        next.add(known[length]);
      }
    }
    int[] rows = next.stream().mapToInt(Integer::intValue).toArray();
    return chooseWeight(weights, prefixes, rows, metric);
  }

  private static boolean endsKnown(Sessions sessions, int session) {
    return sessions.length(session) > 0
        && sessions.item(sessions.end(session) - 1) != Vocabulary.UNKNOWN;
  }

  private Ensemble chooseWeight(
      List<Double> weights, List<Prefix> prefixes, int[] targets, Metric metric) {
    if (weights.isEmpty() || prefixes.isEmpty()) {
      throw new IllegalArgumentException("choosing a weight needs weights and predictions, not "
          + weights.size() + " and " + prefixes.size());
    }
    List<Combination> tried =
        weights.stream().sorted().map(combination::withWeight).toList();
    double[] worth = new double[tried.size()];
    int stride = vocabulary().size() + 1;
    float[] scores = new float[Math.multiplyExact(Math.min(BATCH, prefixes.size()), stride)];
    float[] sum = new float[stride];
    for (int from = 0; from < prefixes.size(); from += BATCH) {
      List<Prefix> part = prefixes.subList(from, Math.min(prefixes.size(), from + BATCH));
      neural.score(part, scores);
      for (int i = 0; i < part.size(); i++) {
        normalize(scores, i * stride, stride, combination);
        for (int w = 0; w < worth.length; w++) {
          System.arraycopy(scores, i * stride, sum, 0, stride);
          addVotes(part.get(i), sum, 0, tried.get(w));
          worth[w] += metric.value(rank(sum, targets[from + i]));
        }
      }
    }
    int best = 0;
    for (int w = 1; w < worth.length; w++) {
      best = worth[w] > worth[best] ? w : best;
    }
    return new Ensemble(name, neural, knn, tried.get(best));
  }

  private static int rank(float[] scores, int target) {
    int rank = 0;
    for (int row = 1; row < scores.length; row++) {
      rank += scores[row] >= scores[target] ? 1 : 0;
    }
    return rank;
  }

  /** Turns the neural scores of one prefix into what the votes are added to. */
  private static void normalize(float[] scores, int start, int stride, Combination combination) {
    switch (combination) {
      case Combination.Scores each -> softmax(scores, start + 1, start + stride);
      case Combination.Ranks ranks ->
        reciprocalRanks(scores, start + 1, start + stride, ranks.offset());
    }
  }

  private void addVotes(Prefix prefix, float[] scores, int start, Combination how) {
    if (how.weight() > 0) {
      knn.withScores(prefix, votes -> {
        addVotes(votes, scores, start, how);
        return votes;
      });
    }
  }

  private static void addVotes(
      SparseScores votes, float[] scores, int start, Combination combination) {
    switch (combination) {
      case Combination.Scores how -> {
        int[] rows = votes.top(how.best());
        double sum = 0;
        for (int row : rows) {
          sum += votes.get(row);
        }
        for (int row : rows) {
          scores[start + row] += (float) (how.weight() * votes.get(row) / sum);
        }
      }
      case Combination.Ranks how -> {
        int[] rows = votes.top(how.best());
        int rank = rows.length;
        for (int i = rows.length - 1; i >= 0; i--) {
          // Equals share the worst of their ranks.
          rank = i < rows.length - 1 && votes.get(rows[i]) > votes.get(rows[i + 1]) ? i + 1 : rank;
          scores[start + rows[i]] += (float) (how.weight() / (how.offset() + rank));
        }
      }
    }
  }

  private static void softmax(float[] scores, int from, int to) {
    float most = Float.NEGATIVE_INFINITY;
    for (int i = from; i < to; i++) {
      most = Math.max(most, scores[i]);
    }
    double sum = 0;
    for (int i = from; i < to; i++) {
      scores[i] = (float) Math.exp(scores[i] - most);
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
      int at = firstNotBelow(sorted, scores[i]); // Equals share the worst of their ranks.
      scores[i] = (float) (1 / (offset + sorted.length - at));
    }
  }

  private static int firstNotBelow(float[] sorted, float value) {
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
