package io.attune.cli;

import io.attune.evaluation.Bootstrap;
import io.attune.evaluation.Difference;
import io.attune.evaluation.Interval;
import io.attune.experiment.SearchExperiment;
import io.attune.experiment.SearchExperiment.KnownItemQuery;
import io.attune.experiment.SearchExperiment.Part;
import io.attune.lucene.Blend;
import io.attune.lucene.BlendLearner;
import io.attune.lucene.SessionRanking;
import io.attune.metric.Metric;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleConsumer;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.apache.lucene.search.Query;

/**
 * Learns a blend on one part of an experiment's queries and judges it on the other, beside words
 * alone, the session alone, and fixed weights. Rows are the numbers of words, and all queries.
 */
final class BlendStudy {
  /** How much worse than words alone a blend may be with a session unrelated to the query. */
  static final double HARMLESS = 0.005;

  /** What pairs with an unrelated session weigh in learning, from the least that is harmless. */
  private static final double[] UNRELATED = {0, 0.1, 0.2, 0.35, 0.6, 1};

  private static final float[] WEIGHTS = {0.1f, 0.2f, 0.3f, 0.4f, 0.5f, 0.6f, 0.7f, 0.8f, 0.9f};
  private static final Metric MRR = new Metric(Metric.Measure.MRR, SearchExperiment.WINDOW);

  /** Searches by words, and scores the hits by sessions. */
  @FunctionalInterface
  interface Search {
    Hits hits(KnownItemQuery query) throws IOException;
  }

  /**
   * The hits of a query.
   *
   * @param searched the query as the index sees it
   * @param first first-pass scores, in first-pass order
   * @param own scores by the session of the visitor
   * @param other scores by another visitor's session
   * @param wanted place of the wanted hit; -1 if it was not found
   */
  record Hits(
      KnownItemQuery query, Query searched, float[] first, float[] own, float[] other, int wanted) {
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
  }

  /** A mean reciprocal rank with its 95 % interval. */
  record Mean(double value, Interval interval) {}

  /**
   * The figures of a row.
   *
   * @param words number of words of its queries; 0 for all queries
   * @param best the fixed blend that was best for such queries in the part to learn from
   * @param gain of the learned blend over this one
   * @param unrelated how much the learned blend changes words alone with an unrelated session
   * @param cost what learning from unrelated sessions too changes with the visitors' own
   */
  record Row(
      int words,
      int queries,
      Mean byWords,
      Mean bySession,
      Blend best,
      Mean fixed,
      Mean learned,
      Difference gain,
      Difference unrelated,
      Difference cost) {}

  /**
   * The results.
   *
   * @param blend the learned blend
   * @param learnedFrom number of queries that it was learned from
   * @param unrelatedWeight what pairs with an unrelated session weighed
   * @param rows numbers of words in ascending order, then all
   */
  record Result(Blend.Learned blend, int learnedFrom, double unrelatedWeight, List<Row> rows) {}

  private final SearchExperiment experiment;
  private final Search search;

  BlendStudy(SearchExperiment experiment, Search search) {
    this.experiment = experiment;
    this.search = search;
  }

  /**
   * Learns and judges.
   *
   * @param progress receives the completed fraction, 0 to 1, every now and then
   * @throws IllegalArgumentException if there is nothing to learn from
   */
  Result run(DoubleConsumer progress) throws IOException {
    List<Hits> learning = search(Part.LEARN, done -> progress.accept(done / 2));
    BlendLearner learner = new BlendLearner();
    for (Hits hits : learning) {
      learner.add(hits.searched, hits.first, hits.own, hits.wanted, true);
      learner.add(hits.searched, hits.first, hits.other, hits.wanted, false);
    }
    if (learner.size() == 0) {
      throw new IllegalArgumentException("nothing to learn from: of no query the wanted item is"
          + " among the first hits and known to the model");
    }
    Blend.Learned plain = learner.learn(0);
    Blend.Learned learned = plain;
    double weight = 0;
    for (int i = 1; i < UNRELATED.length && !isHarmless(learned, learning); i++) {
      weight = UNRELATED[i];
      learned = learner.learn(weight);
    }
    List<Blend> fixed = fixed();
    double[][] figures = fixed.stream()
        .map(blend -> values(learning, hits -> hits.by(blend, hits.own)))
        .toArray(double[][]::new);
    List<Hits> test = search(Part.TEST, done -> progress.accept(0.5 + done / 2));
    List<Row> rows = new ArrayList<>();
    for (int words : rows()) {
      int[] of = chosen(learning, words);
      int best = 0;
      for (int i = 1; i < figures.length; i++) {
        best = mean(figures[i], of) > mean(figures[best], of) ? i : best;
      }
      rows.add(row(words, select(test, words), fixed.get(best), learned, plain));
    }
    return new Result(learned, learner.size(), weight, rows);
  }

  private List<Integer> rows() {
    List<Integer> rows = new ArrayList<>(experiment.words());
    if (rows.size() > 1) {
      rows.add(0);
    }
    return rows;
  }

  private List<Hits> search(Part part, DoubleConsumer progress) throws IOException {
    List<KnownItemQuery> queries = experiment.queries(part);
    List<Hits> found = new ArrayList<>();
    for (KnownItemQuery query : queries) {
      found.add(search.hits(query));
      progress.accept((double) found.size() / queries.size());
    }
    return found;
  }

  private boolean isHarmless(Blend blend, List<Hits> queries) {
    double[] change = values(queries, hits -> hits.by(blend, hits.other) - hits.byWords());
    return rows().stream().allMatch(words -> mean(change, chosen(queries, words)) >= -HARMLESS);
  }

  private static Row row(
      int words, List<Hits> test, Blend best, Blend.Learned learned, Blend.Learned plain) {
    Bootstrap bootstrap =
        new Bootstrap(test.stream().mapToInt(hits -> hits.query.session()).toArray(), 1);
    double[] byWords = values(test, Hits::byWords);
    double[] fixed = values(test, hits -> hits.by(best, hits.own));
    double[] byLearned = values(test, hits -> hits.by(learned, hits.own));
    return new Row(
        words,
        test.size(),
        mean(bootstrap, byWords),
        mean(bootstrap, values(test, hits -> hits.by(new Blend.Replace(), hits.own))),
        best,
        mean(bootstrap, fixed),
        mean(bootstrap, byLearned),
        bootstrap.difference(byLearned, fixed),
        bootstrap.difference(values(test, hits -> hits.by(learned, hits.other)), byWords),
        bootstrap.difference(byLearned, values(test, hits -> hits.by(plain, hits.own))));
  }

  /** Every fixed blend that the learned one is compared with. */
  private static List<Blend> fixed() {
    List<Blend> all = new ArrayList<>();
    for (float weight : WEIGHTS) {
      all.add(new Blend.Weighted(weight, Blend.Normalization.MIN_MAX));
      all.add(new Blend.Weighted(weight, Blend.Normalization.Z_SCORE));
      all.add(new Blend.ReciprocalRankFusion(weight, 60));
    }
    return all;
  }

  private static double[] values(List<Hits> queries, ToDoubleFunction<Hits> value) {
    return queries.stream().mapToDouble(value).toArray();
  }

  private static int[] chosen(List<Hits> queries, int words) {
    return IntStream.range(0, queries.size())
        .filter(i -> words == 0 || queries.get(i).query.words() == words)
        .toArray();
  }

  private static List<Hits> select(List<Hits> queries, int words) {
    return Arrays.stream(chosen(queries, words)).mapToObj(queries::get).toList();
  }

  private static double mean(double[] values, int[] of) {
    return Arrays.stream(of).mapToDouble(i -> values[i]).average().orElse(0);
  }

  private static Mean mean(Bootstrap bootstrap, double[] values) {
    return new Mean(Arrays.stream(values).average().orElse(0), bootstrap.interval(values));
  }
}
