package io.attune.lucene;

import io.attune.vector.NewtonMethod;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.lucene.search.Query;

/**
 * Learns a {@link Blend.Learned} from queries of which the wanted hit is known: a conditional logit
 * (McFadden 1974), in which the wanted hit is chosen among all hits with a probability proportional
 * to the exponential of its score. Found by Fisher's scoring with a small penalty that draws what
 * the queries do not tell to a weight that is the same for all queries.
 *
 * <p>Visitors look at what stands on top. A click on a list that was shown says what they want
 * among what they looked at, so the logarithm of the examination of each place is added to the
 * score of its hit while learning, and not while serving.
 *
 * <p>A session may have nothing to do with a query. So that a blend notices, pairs of a query and
 * the session of another visitor are learned from too, with a weight of their own.
 *
 * <p>Not thread-safe.
 */
public final class BlendLearner {
  private static final int SIZE = BlendWeights.PARTS * BlendWeights.CONTEXT;
  private static final double PENALTY = 1e-3; // on half the squared distance from the start
  private static final double CONVERGED = 1e-7; // of the loss, in nats per query
  private static final double START = -1; // the logarithm of every part's weight

  private final List<Example> examples = new ArrayList<>();
  private boolean scored; // whether the hits of any query have first-pass scores

  /**
   * A query with its hits.
   *
   * @param context what is known of the query
   * @param first first-pass scores; 0 for hits without
   * @param looked logarithm of the examination of each hit
   */
  private record Example(
      double[] context,
      float[] first,
      float[] session,
      double[] looked,
      int wanted,
      boolean related) {}

  /** Creates a learner without any queries yet. */
  public BlendLearner() {}

  /**
   * Adds a query whose hits were all looked at.
   *
   * @param query the query of the first pass
   * @param first first-pass scores of its hits, in first-pass order; NaN for hits without
   * @param session session scores of the same hits; NaN for a hit without a vector
   * @param wanted the place of the wanted hit, from 0; a query whose wanted hit has no vector is
   *     left out, since its place does not depend on the blend
   * @param related whether the session is that of the visitor who searched
   */
  public void add(Query query, float[] first, float[] session, int wanted, boolean related) {
    double[] examination = new double[first.length];
    Arrays.fill(examination, 1);
    add(query, first, session, examination, wanted, related);
  }

  /**
   * Adds a query whose hits were shown to the visitor.
   *
   * @param query the query of the first pass
   * @param first first-pass scores of its hits, in the order in which they were shown; NaN for hits
   *     without
   * @param session session scores of the same hits; NaN for a hit without a vector
   * @param examination how likely a visitor looks at each hit, up to a common factor; positive
   * @param wanted the place of the clicked hit, from 0; a query whose clicked hit has no vector is
   *     left out, since its place does not depend on the blend
   * @param related whether the session is that of the visitor who searched
   */
  public void add(
      Query query,
      float[] first,
      float[] session,
      double[] examination,
      int wanted,
      boolean related) {
    if (wanted < 0 || Float.isNaN(session[wanted])) {
      return;
    }
    int[] known =
        IntStream.range(0, session.length).filter(i -> !Float.isNaN(session[i])).toArray();
    float[] knownFirst = new float[known.length];
    float[] knownSession = new float[known.length];
    double[] looked = new double[known.length];
    int place = 0;
    for (int i = 0; i < known.length; i++) {
      place = known[i] == wanted ? i : place;
      knownFirst[i] = first[known[i]];
      knownSession[i] = session[known[i]];
      looked[i] = Math.log(examination[known[i]]);
    }
    double[] context = BlendWeights.context(QueryWords.count(query), knownFirst, knownSession);
    if (BlendWeights.areScored(knownFirst)) {
      scored = true;
    } else {
      Arrays.fill(knownFirst, 0);
    }
    examples.add(new Example(context, knownFirst, knownSession, looked, place, related));
  }

  /** The number of queries that can be learned from, with the sessions of their own visitors. */
  public int size() {
    return (int) examples.stream().filter(Example::related).count();
  }

  /**
   * Learns from all queries.
   *
   * @param unrelated what a pair of a query and the session of another visitor weighs, where one
   *     with that of its own visitor weighs 1; from 0
   * @throws IllegalStateException if there is no query to learn from
   */
  public Blend.Learned learn(double unrelated) {
    if (size() == 0) {
      throw new IllegalStateException("a blend needs queries whose wanted hit has a vector");
    }
    BlendWeights scale = scale();
    double[][] contexts = new double[examples.size()][];
    double total = 0;
    for (int e = 0; e < contexts.length; e++) {
      contexts[e] = scale.standardized(examples.get(e).context);
      total += weight(examples.get(e), unrelated);
    }
    double[] start = new double[SIZE];
    for (int part = 0; part < BlendWeights.PARTS; part++) {
      start[part * BlendWeights.CONTEXT] = START;
    }
    double sum = total;
    double[] learned = NewtonMethod.minimize(
        start, CONVERGED, weights -> slope(weights, start, contexts, unrelated, sum));
    BlendWeights weights = scale.withWeights(learned);
    return new Blend.Learned((scored ? weights : weights.withoutScores()).named(), 0);
  }

  private static double weight(Example example, double unrelated) {
    return example.related ? 1 : unrelated;
  }

  /** The means and deviations of what is known of the queries. */
  private BlendWeights scale() {
    double[] means = new double[BlendWeights.CONTEXT];
    double[] deviations = new double[BlendWeights.CONTEXT];
    for (int i = 1; i < BlendWeights.CONTEXT; i++) {
      int at = i;
      double[] values = examples.stream()
          .mapToDouble(example -> example.context[at])
          .filter(value -> !Double.isNaN(value))
          .toArray();
      double mean = Arrays.stream(values).average().orElse(0);
      double squares = Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum();
      means[i] = mean;
      double deviation = Math.sqrt(squares / Math.max(1, values.length));
      // What differs by rounding only does not differ.
      deviations[i] = deviation > 1e-6 * (1 + Math.abs(mean)) ? deviation : 0;
    }
    return new BlendWeights(new double[SIZE], means, deviations);
  }

  /**
   * The mean loss of the queries with its derivatives. The curvature is Fisher's information, which
   * is positive definite where the second derivatives may not be.
   */
  private NewtonMethod.Slope slope(
      double[] weights, double[] start, double[][] contexts, double unrelated, double total) {
    double[] gradient = new double[SIZE];
    double[][] curvature = new double[SIZE][SIZE];
    double loss = 0;
    for (int e = 0; e < contexts.length; e++) {
      double weight = weight(examples.get(e), unrelated) / total;
      if (weight > 0) {
        loss += add(examples.get(e), contexts[e], weight, weights, gradient, curvature);
      }
    }
    for (int i = 0; i < SIZE; i++) {
      double away = weights[i] - start[i];
      loss += PENALTY * away * away / 2;
      gradient[i] += PENALTY * away;
      curvature[i][i] += PENALTY;
    }
    return new NewtonMethod.Slope(loss, gradient, curvature);
  }

  private static double add(
      Example example,
      double[] context,
      double weight,
      double[] weights,
      double[] gradient,
      double[][] curvature) {
    int parts = BlendWeights.PARTS;
    double[] factors = BlendWeights.factors(context, weights);
    int hits = example.first.length;
    double[] scores = new double[hits];
    double highest = Double.NEGATIVE_INFINITY;
    double[] values = new double[parts];
    for (int i = 0; i < hits; i++) {
      scores[i] = example.looked[i];
      values(example, i, factors, values);
      for (double value : values) {
        scores[i] += value;
      }
      highest = Math.max(highest, scores[i]);
    }
    double sum = 0;
    double[] means = new double[parts];
    double[][] products = new double[parts][parts];
    for (int i = 0; i < hits; i++) {
      double share = Math.exp(scores[i] - highest);
      sum += share;
      values(example, i, factors, values);
      for (int a = 0; a < parts; a++) {
        means[a] += share * values[a];
        for (int b = 0; b <= a; b++) {
          products[a][b] += share * values[a] * values[b];
        }
      }
    }
    double[] wanted = new double[parts];
    values(example, example.wanted, factors, wanted);
    for (int a = 0; a < parts; a++) {
      means[a] /= sum;
    }
    for (int a = 0; a < parts; a++) {
      // The derivative of a part's weight by its exponent is the weight, which is in the values.
      double slope = weight * (means[a] - wanted[a]);
      for (int i = 0; i < context.length; i++) {
        gradient[a * context.length + i] += slope * context[i];
      }
      for (int b = 0; b < parts; b++) {
        double product = a >= b ? products[a][b] : products[b][a];
        double covariance = weight * (product / sum - means[a] * means[b]);
        for (int i = 0; i < context.length; i++) {
          for (int j = 0; j < context.length; j++) {
            curvature[a * context.length + i][b * context.length + j] +=
                covariance * context[i] * context[j];
          }
        }
      }
    }
    return weight * (highest + Math.log(sum) - scores[example.wanted]);
  }

  /**
   * The parts of a hit's score, each relative to the first hit's, so that they do not lose digits.
   */
  private static void values(Example example, int hit, double[] factors, double[] values) {
    values[0] = factors[0] * (example.first[hit] - example.first[0]);
    values[1] = factors[1] * BlendWeights.rank(hit);
    values[2] = factors[2] * (example.session[hit] - example.session[0]);
  }
}
