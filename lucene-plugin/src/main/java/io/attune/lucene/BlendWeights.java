package io.attune.lucene;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The weights of a learned blend, and what they are made of.
 *
 * <p>The score of a hit is {@code a · first-pass score − r · log rank + s · session score}, where
 * a, r and s are the same for all hits of a query: each is {@code exp(w · c)} of what is known of
 * the query, c, and so never negative. Of two hits with equal session scores the one that was first
 * stays first, and a higher session score never lowers a hit.
 *
 * <p>c is, beside a constant: the logarithm of the number of words; the entropy of the first-pass
 * scores under a softmax, in nats; the logarithm of the number of hits; the drop of the first-pass
 * score from hit 1 to hit 10; the highest session score; and the standard deviation of the session
 * scores. Each is standardized by its mean and deviation in the queries that were learned from, and
 * clipped to {@value #MAX_DEVIATIONS} deviations, so that no unusual query gets unheard-of weights.
 */
final class BlendWeights {
  /** What a hit has: first-pass score, minus the logarithm of its rank, session score. */
  static final int PARTS = 3;

  private static final int FIRST_PASS = 0;
  private static final int RANK = 1;
  private static final int SESSION = 2;

  private static final List<String> PART_NAMES = List.of("first pass", "rank", "session");
  private static final List<String> CONTEXT_NAMES = List.of(
      "words", "entropy", "hits", "drop", "highest session score", "spread of session scores");

  /** The size of c, the constant included. */
  static final int CONTEXT = 1 + CONTEXT_NAMES.size();

  private static final int WORDS = 1; // the place of the number of words in c
  private static final int DROP_RANK = 10;
  private static final double MAX_DEVIATIONS = 3;
  private static final double MAX_EXPONENT = 20; // with any weights, scores stay finite

  private static final List<String> NAMES = names();
  private static final double[] LOG_RANKS = logarithms(1000);

  private final double[] weights; // (PARTS · CONTEXT), those of the first-pass score first
  private final double[] means; // (CONTEXT)
  private final double[] deviations; // (CONTEXT); 0 where all queries were alike

  BlendWeights(double[] weights, double[] means, double[] deviations) {
    this.weights = weights;
    this.means = means;
    this.deviations = deviations;
  }

  /** Other weights with the same means and deviations. */
  BlendWeights withWeights(double[] others) {
    return new BlendWeights(others, means, deviations);
  }

  private static List<String> names() {
    List<String> names = new ArrayList<>();
    for (String part : PART_NAMES) {
      names.add(part);
      CONTEXT_NAMES.forEach(context -> names.add(part + " × " + context));
    }
    CONTEXT_NAMES.forEach(context -> names.add("mean of " + context));
    CONTEXT_NAMES.forEach(context -> names.add("deviation of " + context));
    return names;
  }

  private static double[] logarithms(int count) {
    double[] logarithms = new double[count];
    Arrays.setAll(logarithms, i -> Math.log(i + 1));
    return logarithms;
  }

  /**
   * The weights of these names.
   *
   * @throws IllegalArgumentException if one is missing or unknown
   */
  static BlendWeights of(Map<String, Double> named) {
    double[] values = new double[NAMES.size()];
    for (int i = 0; i < values.length; i++) {
      Double value = named.get(NAMES.get(i));
      if (value == null) {
        throw new IllegalArgumentException("the learned blend has no weight '" + NAMES.get(i)
            + "'; learn it anew by attune blend");
      }
      values[i] = value;
    }
    if (named.size() > values.length) {
      String unknown = named.keySet().stream()
          .filter(name -> !NAMES.contains(name))
          .sorted()
          .findFirst()
          .orElseThrow();
      throw new IllegalArgumentException("the learned blend has a weight '" + unknown
          + "', which this version does not know; use a newer Attune, or learn the blend anew by"
          + " attune blend");
    }
    int split = PARTS * CONTEXT;
    double[] means = new double[CONTEXT];
    double[] deviations = new double[CONTEXT];
    System.arraycopy(values, split, means, 1, CONTEXT - 1);
    System.arraycopy(values, split + CONTEXT - 1, deviations, 1, CONTEXT - 1);
    return new BlendWeights(Arrays.copyOf(values, split), means, deviations);
  }

  /** The weights by name. */
  Map<String, Double> named() {
    Map<String, Double> named = new HashMap<>();
    int split = PARTS * CONTEXT;
    for (int i = 0; i < split; i++) {
      named.put(NAMES.get(i), weights[i]);
    }
    for (int i = 1; i < CONTEXT; i++) {
      named.put(NAMES.get(split + i - 1), means[i]);
      named.put(NAMES.get(split + CONTEXT - 1 + i - 1), deviations[i]);
    }
    return named;
  }

  /**
   * What is known of a query, not yet standardized.
   *
   * @param words number of words; 0 if it is not known, which counts as an average number
   * @param first first-pass scores, in first-pass order; NaN for hits without, of whose scores
   *     nothing is known, which counts as an average
   * @param session session scores of the same hits
   * @return (CONTEXT)
   */
  static double[] context(int words, float[] first, float[] session) {
    double[] context = new double[CONTEXT];
    int hits = first.length;
    context[0] = 1;
    context[WORDS] = words > 0 ? Math.log(words) : Double.NaN;
    boolean scored = areScored(first);
    context[2] = scored ? entropy(first) : Double.NaN;
    context[3] = Math.log(Math.max(1, hits));
    context[4] =
        !scored ? Double.NaN : hits == 0 ? 0 : first[0] - first[Math.min(DROP_RANK, hits) - 1];
    double highest = hits == 0 ? 0 : Double.NEGATIVE_INFINITY;
    for (float score : session) {
      highest = Math.max(highest, score);
    }
    context[5] = highest;
    context[6] = deviation(session);
    return context;
  }

  /** Whether all hits have a first-pass score. */
  static boolean areScored(float[] first) {
    for (float score : first) {
      if (Float.isNaN(score)) {
        return false;
      }
    }
    return true;
  }

  private static double entropy(float[] scores) {
    double highest = Double.NEGATIVE_INFINITY;
    for (float score : scores) {
      highest = Math.max(highest, score);
    }
    double sum = 0;
    double weighted = 0;
    for (float score : scores) {
      double below = score - highest;
      double share = Math.exp(below);
      sum += share;
      weighted += share * below;
    }
    return scores.length == 0 ? 0 : Math.log(sum) - weighted / sum;
  }

  private static double deviation(float[] values) {
    double sum = 0;
    double squares = 0;
    for (float value : values) {
      sum += value;
      squares += (double) value * value;
    }
    double mean = sum / values.length;
    return values.length == 0 ? 0 : Math.sqrt(Math.max(0, squares / values.length - mean * mean));
  }

  /** Standardizes what is known of a query. */
  double[] standardized(double[] context) {
    double[] standard = new double[CONTEXT];
    standard[0] = 1;
    for (int i = 1; i < CONTEXT; i++) {
      double away = (context[i] - means[i]) / deviations[i];
      standard[i] = deviations[i] > 0 && !Double.isNaN(away)
          ? Math.max(-MAX_DEVIATIONS, Math.min(MAX_DEVIATIONS, away))
          : 0;
    }
    return standard;
  }

  /**
   * What each part of a hit weighs in a query.
   *
   * @param standardized (CONTEXT)
   * @param weights as learned
   * @return (PARTS), positive
   */
  static double[] factors(double[] standardized, double[] weights) {
    double[] factors = new double[PARTS];
    for (int part = 0; part < PARTS; part++) {
      double exponent = 0;
      for (int i = 0; i < CONTEXT; i++) {
        exponent += weights[part * CONTEXT + i] * standardized[i];
      }
      factors[part] = Math.exp(Math.max(-MAX_EXPONENT, Math.min(MAX_EXPONENT, exponent)));
    }
    return factors;
  }

  private double[] factors(int words, float[] first, float[] session) {
    return factors(standardized(context(words, first, session)), weights);
  }

  /**
   * The same without first-pass scores: learned from hits that had none, their weight would be a
   * guess.
   */
  BlendWeights withoutScores() {
    double[] others = weights.clone();
    Arrays.fill(others, FIRST_PASS * CONTEXT, (FIRST_PASS + 1) * CONTEXT, 0);
    others[FIRST_PASS * CONTEXT] = -MAX_EXPONENT;
    return withWeights(others);
  }

  /** Whether first-pass scores count. */
  boolean usesScores() {
    return weights[FIRST_PASS * CONTEXT] > -MAX_EXPONENT;
  }

  /** Minus the logarithm of a hit's rank. */
  static double rank(int hit) {
    return -(hit < LOG_RANKS.length ? LOG_RANKS[hit] : Math.log(hit + 1));
  }

  /** The scores of hits. */
  float[] scores(int words, float[] first, float[] session) {
    double[] factors = factors(words, first, session);
    boolean byScore = usesScores();
    float[] scores = new float[first.length];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = (float) ((byScore ? factors[FIRST_PASS] * first[i] : 0)
          + factors[RANK] * rank(i)
          + factors[SESSION] * session[i]);
    }
    return scores;
  }

  /**
   * The share of the session in what tells the hits of a query apart: its part's standard deviation
   * over the hits, of the sum of both. 0 if nothing does.
   */
  double sessionShare(int words, float[] first, float[] session) {
    double[] factors = factors(words, first, session);
    boolean byScore = usesScores();
    float[] byWords = new float[first.length];
    for (int i = 0; i < byWords.length; i++) {
      byWords[i] =
          (float) ((byScore ? factors[FIRST_PASS] * first[i] : 0) + factors[RANK] * rank(i));
    }
    double ofWords = deviation(byWords);
    double ofSession = factors[SESSION] * deviation(session);
    return ofSession > 0 ? ofSession / (ofWords + ofSession) : 0;
  }
}
