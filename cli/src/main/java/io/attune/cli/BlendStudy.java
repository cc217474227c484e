package io.attune.cli;

import io.attune.evaluation.Bootstrap;
import io.attune.evaluation.Difference;
import io.attune.evaluation.Interval;
import io.attune.experiment.SearchExperiment;
import io.attune.experiment.SearchExperiment.KnownItemQuery;
import io.attune.lucene.Blend;
import io.attune.lucene.BlendLearner;
import io.attune.lucene.SessionRanking;
import io.attune.metric.Metric;
import io.attune.model.LearnedBlend;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.DoubleConsumer;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.lucene.search.Query;
import org.jspecify.annotations.Nullable;

/**
 * Learns a blend on one part of an experiment's queries and judges it on the other, beside words
 * alone, the session alone, and fixed weights. Rows are the numbers of words, and all queries.
 *
 * <p>Where items were shown, clicks depend on their positions. A row that is corrected for them
 * weighs each click by the inverse of how likely its position is looked at (inverse propensity
 * scoring, self-normalized; Joachims, Swaminathan and Schnabel, WSDM 2017).
 */
final class BlendStudy {
  /** How much worse than words alone a blend may be with a session unrelated to the query. */
  static final double HARMLESS = 0.005;

  /** What pairs with an unrelated session weigh in learning, from the least that is harmless. */
  private static final double[] UNRELATED = {0, 0.1, 0.2, 0.35, 0.6, 1};

  private static final float[] WEIGHTS = {0.1f, 0.2f, 0.3f, 0.4f, 0.5f, 0.6f, 0.7f, 0.8f, 0.9f};
  private static final Metric MRR = new Metric(Metric.Measure.MRR, SearchExperiment.WINDOW);

  /** Finds the hits of a query, and scores them by sessions. */
  @FunctionalInterface
  interface Search {
    Hits hits(KnownItemQuery query) throws IOException;
  }

  /**
   * The hits of a query.
   *
   * @param searched the query as the index sees it
   * @param first first-pass scores, in first-pass order; NaN for a list without
   * @param own scores by the session of the visitor
   * @param other scores by another visitor's session
   * @param baselines scores by each baseline
   * @param examination how likely a visitor looks at each hit, where they were shown; otherwise 1
   * @param wanted place of the wanted hit; -1 if it was not found
   */
  record Hits(
      KnownItemQuery query,
      Query searched,
      float[] first,
      float[] own,
      float[] other,
      float[][] baselines,
      double[] examination,
      int wanted) {
    double byWords() {
      return MRR.value(wanted < 0 ? Metric.MISS : wanted + 1);
    }

    double by(Blend blend, float[] session) {
      if (wanted < 0) {
        return 0;
      }
      Blend ofQuery = blend instanceof Blend.Learned learned ? learned.withQuery(searched) : blend;
      int[] before =
          SessionRanking.of(ofQuery, first, session).top(first.length).before();
      return MRR.value(1
          + IntStream.range(0, before.length)
              .filter(place -> before[place] == wanted)
              .findFirst()
              .orElseThrow());
    }

    /** Whether the session changes anything: it and any hit must be known to the model. */
    boolean isRanked() {
      return IntStream.range(0, own.length).anyMatch(i -> !Float.isNaN(own[i]));
    }

    private boolean isScored() {
      return first.length == 0 || !Float.isNaN(first[0]);
    }

    /** What the click counts, if clicks are to say what visitors want at any position. */
    private double inversePropensity() {
      return wanted < 0 ? 1 : 1 / examination[wanted];
    }
  }

  /** A mean reciprocal rank with its 95 % interval. */
  record Mean(double value, Interval interval) {}

  /**
   * The figures of a row.
   *
   * @param words number of words of its queries; 0 for all queries
   * @param corrected whether clicks count by the inverse of their position's examination
   * @param best the fixed blend that was best for such queries in the part to learn from
   * @param gain of the learned blend over this one
   * @param unrelated how much the learned blend changes words alone with an unrelated session
   * @param cost what learning from unrelated sessions too changes with the visitors' own
   * @param uncorrected a blend that was learned as if all positions were looked at
   */
  record Row(
      int words,
      boolean corrected,
      int queries,
      Mean byWords,
      Mean bySession,
      List<Mean> baselines,
      Blend best,
      Mean fixed,
      Mean learned,
      Difference gain,
      Difference unrelated,
      Difference cost,
      Mean uncorrected) {}

  /**
   * The results.
   *
   * @param blend the learned blend
   * @param learnedFrom number of queries that it was learned from
   * @param unranked number of queries whose order no session changes, as the model knows none of
   *     their clicks or none of their hits
   * @param unrelatedWeight what pairs with an unrelated session weighed
   * @param rows numbers of words in ascending order, then all, then all corrected for positions
   * @param unclicked the queries for items that nobody had clicked in training; null if there are
   *     none
   */
  record Result(
      Blend.Learned blend,
      int learnedFrom,
      int unranked,
      double unrelatedWeight,
      List<Row> rows,
      @Nullable Row unclicked) {
    /**
     * The blend as a model keeps it.
     *
     * @param dataHash of the log
     * @param seed by which queries were drawn
     */
    LearnedBlend learned(String dataHash, Instant now, long seed) {
      return new LearnedBlend(
          blend.weights(),
          new LearnedBlend.Origin(
              Attune.Version.number(),
              dataHash,
              now.truncatedTo(ChronoUnit.SECONDS).toString(),
              seed,
              learnedFrom,
              BlendTable.figures(rows.getLast())));
    }
  }

  /** The blends of a result: the learned one, and those that it is compared with. */
  private record Blends(Blend.Learned learned, Blend.Learned plain, Blend.Learned uncorrected) {}

  private final List<KnownItemQuery> learning;
  private final List<KnownItemQuery> testing;
  private final Search search;
  private final boolean corrected;
  private final Predicate<String> fromWords;

  /**
   * A study.
   *
   * @param corrected whether positions are corrected for
   * @param fromWords whether the vector of an item, by id, is made of its words alone
   */
  BlendStudy(
      List<KnownItemQuery> learning,
      List<KnownItemQuery> testing,
      Search search,
      boolean corrected,
      Predicate<String> fromWords) {
    this.learning = learning;
    this.testing = testing;
    this.search = search;
    this.corrected = corrected;
    this.fromWords = fromWords;
  }

  /**
   * Learns and judges.
   *
   * @param progress receives the completed fraction, 0 to 1, every now and then
   * @throws IllegalArgumentException if there is nothing to learn from
   */
  Result run(DoubleConsumer progress) throws IOException {
    List<Hits> learned = search(learning, done -> progress.accept(done / 2));
    BlendLearner learner = learner(learned, true);
    if (learner.size() == 0) {
      throw new IllegalArgumentException("nothing to learn from: of no query the wanted item is"
          + " among the first hits and known to the model");
    }
    List<Integer> rows = rows();
    Blend.Learned plain = learner.learn(0);
    Blend.Learned blend = plain;
    double weight = 0;
    for (int i = 1; i < UNRELATED.length && !isHarmless(blend, learned, rows); i++) {
      weight = UNRELATED[i];
      blend = learner.learn(weight);
    }
    Blends blends =
        new Blends(blend, plain, corrected ? learner(learned, false).learn(weight) : blend);
    List<Blend> fixed = fixed(learned.getFirst().isScored());
    double[][] figures = fixed.stream()
        .map(each -> values(learned, hits -> hits.by(each, hits.own)))
        .toArray(double[][]::new);
    List<Hits> test = search(testing, done -> progress.accept(0.5 + done / 2));
    List<Row> judged = new ArrayList<>();
    for (int words : rows) {
      Blend best = fixed.get(best(figures, learned, chosen(learned, words), false));
      judged.add(row(words, select(test, words), best, blends, false));
    }
    if (corrected) {
      Blend best = fixed.get(best(figures, learned, chosen(learned, 0), true));
      judged.add(row(0, test, best, blends, true));
    }
    List<Hits> unclicked =
        test.stream().filter(hits -> fromWords.test(hits.query.wanted())).toList();
    Blend bestOfAll = fixed.get(best(figures, learned, chosen(learned, 0), false));
    int unranked = (int) Stream.concat(learned.stream(), test.stream())
        .filter(hits -> !hits.isRanked())
        .count();
    return new Result(
        blend,
        learner.size(),
        unranked,
        weight,
        judged,
        unclicked.isEmpty() ? null : row(0, unclicked, bestOfAll, blends, false));
  }

  private static BlendLearner learner(List<Hits> queries, boolean corrected) {
    BlendLearner learner = new BlendLearner();
    for (Hits hits : queries) {
      double[] looked = hits.examination.clone();
      if (!corrected) {
        Arrays.fill(looked, 1);
      }
      learner.add(hits.searched, hits.first, hits.own, looked, hits.wanted, true);
      learner.add(hits.searched, hits.first, hits.other, looked, hits.wanted, false);
    }
    return learner;
  }

  /** The numbers of words that both parts have, if there are several, and 0 for all. */
  private List<Integer> rows() {
    Set<Integer> tested = testing.stream().map(KnownItemQuery::words).collect(Collectors.toSet());
    List<Integer> rows = learning.stream()
        .map(KnownItemQuery::words)
        .filter(words -> words > 0 && tested.contains(words))
        .distinct()
        .sorted()
        .collect(Collectors.toCollection(ArrayList::new));
    boolean same = rows.size() == 1
        && Stream.concat(learning.stream(), testing.stream())
            .allMatch(query -> rows.contains(query.words()));
    if (!same) {
      rows.add(0);
    }
    return rows;
  }

  private List<Hits> search(List<KnownItemQuery> queries, DoubleConsumer progress)
      throws IOException {
    List<Hits> found = new ArrayList<>();
    for (KnownItemQuery query : queries) {
      found.add(search.hits(query));
      progress.accept((double) found.size() / queries.size());
    }
    return found;
  }

  private boolean isHarmless(Blend blend, List<Hits> queries, List<Integer> rows) {
    double[] change = values(queries, hits -> hits.by(blend, hits.other) - hits.byWords());
    double[] counts = counts(queries, corrected);
    return rows.stream()
        .allMatch(words -> mean(change, counts, chosen(queries, words)) >= -HARMLESS);
  }

  /** The index of the best of some figures. */
  private static int best(double[][] figures, List<Hits> queries, int[] of, boolean corrected) {
    double[] counts = counts(queries, corrected);
    int best = 0;
    for (int i = 1; i < figures.length; i++) {
      best = mean(figures[i], counts, of) > mean(figures[best], counts, of) ? i : best;
    }
    return best;
  }

  private static Row row(int words, List<Hits> test, Blend best, Blends blends, boolean corrected) {
    Judge judge = new Judge(test, corrected);
    double[] byWords = values(test, Hits::byWords);
    double[] fixed = values(test, hits -> hits.by(best, hits.own));
    double[] learned = values(test, hits -> hits.by(blends.learned, hits.own));
    double[] unrelated = values(test, hits -> hits.by(blends.learned, hits.other));
    int baselines = test.getFirst().baselines.length;
    return new Row(
        words,
        corrected,
        test.size(),
        judge.mean(byWords),
        judge.mean(values(test, hits -> hits.by(new Blend.Replace(), hits.own))),
        IntStream.range(0, baselines)
            .mapToObj(b ->
                judge.mean(values(test, hits -> hits.by(new Blend.Replace(), hits.baselines[b]))))
            .toList(),
        best,
        judge.mean(fixed),
        judge.mean(learned),
        judge.difference(learned, fixed),
        judge.difference(unrelated, byWords),
        judge.difference(learned, values(test, hits -> hits.by(blends.plain, hits.own))),
        judge.mean(values(test, hits -> hits.by(blends.uncorrected, hits.own))));
  }

  /** Means over queries, in which a query counts by its click. */
  private static final class Judge {
    private final Bootstrap bootstrap;
    private final double[] counts;
    private final double total;

    Judge(List<Hits> test, boolean corrected) {
      this.bootstrap =
          new Bootstrap(test.stream().mapToInt(hits -> hits.query.session()).toArray(), 1);
      this.counts = counts(test, corrected);
      this.total = Arrays.stream(counts).sum();
    }

    Mean mean(double[] values) {
      double[] linear = linear(values);
      return new Mean(Arrays.stream(linear).average().orElse(0), bootstrap.interval(linear));
    }

    Difference difference(double[] a, double[] b) {
      return bootstrap.difference(linear(a), linear(b));
    }

    /**
     * Values whose plain mean is the weighted mean of these, and varies over samples as it does, to
     * the first order: a ratio of two sums is no mean that could be resampled.
     */
    private double[] linear(double[] values) {
      double mean =
          BlendStudy.mean(values, counts, IntStream.range(0, values.length).toArray());
      double[] linear = new double[values.length];
      Arrays.setAll(linear, i -> mean + counts[i] * (values[i] - mean) * values.length / total);
      return linear;
    }
  }

  /** Every fixed blend that the learned one is compared with; lists without scores have ranks. */
  private static List<Blend> fixed(boolean scored) {
    List<Blend> all = new ArrayList<>();
    for (float weight : WEIGHTS) {
      if (scored) {
        all.add(new Blend.Weighted(weight, Blend.Normalization.MIN_MAX));
        all.add(new Blend.Weighted(weight, Blend.Normalization.Z_SCORE));
      }
      all.add(new Blend.ReciprocalRankFusion(weight, 60));
    }
    return all;
  }

  private static double[] values(List<Hits> queries, ToDoubleFunction<Hits> value) {
    return queries.stream().mapToDouble(value).toArray();
  }

  private static double[] counts(List<Hits> queries, boolean corrected) {
    return values(queries, hits -> corrected ? hits.inversePropensity() : 1);
  }

  private static int[] chosen(List<Hits> queries, int words) {
    return IntStream.range(0, queries.size())
        .filter(i -> words == 0 || queries.get(i).query.words() == words)
        .toArray();
  }

  private static List<Hits> select(List<Hits> queries, int words) {
    return Arrays.stream(chosen(queries, words)).mapToObj(queries::get).toList();
  }

  private static double mean(double[] values, double[] counts, int[] of) {
    double total = Arrays.stream(of).mapToDouble(i -> counts[i]).sum();
    return total == 0
        ? 0
        : Arrays.stream(of).mapToDouble(i -> counts[i] * values[i]).sum() / total;
  }
}
