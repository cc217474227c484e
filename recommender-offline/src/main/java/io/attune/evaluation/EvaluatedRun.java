package io.attune.evaluation;

import io.attune.metric.Metric;
import io.attune.metric.Ties;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Anybody's run, judged by relevance judgements. A query that the judgements have and the run lacks
 * is worth nothing; one that the run has and the judgements lack is left out.
 *
 * @param name of the run
 * @param queries in the order of the judgements; those without a relevant document are left out
 * @param gains for each query, the relevance of the document at each place, 0 where it has none
 * @param ideal for each query, the relevance of all relevant documents, the highest first
 * @param tied how many queries have a relevant document of the very score of one that is less so
 * @param missing how many queries the run lacks
 * @param unjudged the queries that the judgements lack, in the order of the run
 * @param irrelevant the queries that were left out since no document is relevant to them
 */
public record EvaluatedRun(
    String name,
    List<String> queries,
    List<double[]> gains,
    List<double[]> ideal,
    int tied,
    int missing,
    List<String> unjudged,
    List<String> irrelevant)
    implements ScoredRun {

  /**
   * Judges.
   *
   * @param qrels relevance above zero, by query and document
   * @param ties where relevant documents stand among others of their very score; among themselves
   *     the more relevant one is first where ties are optimistic, else last
   * @throws IllegalArgumentException when the judgements lack every query of the run
   */
  public static EvaluatedRun of(
      String name,
      Map<String, List<TrecFile.Hit>> run,
      Map<String, Map<String, Double>> qrels,
      Ties ties) {
    List<String> unjudged =
        run.keySet().stream().filter(query -> !qrels.containsKey(query)).toList();
    if (!run.isEmpty() && unjudged.size() == run.size()) {
      throw new IllegalArgumentException(
          "no query of %s is judged: it has %s, and the qrels have %s"
              .formatted(name, Examples.of(unjudged), Examples.of(List.copyOf(qrels.keySet()))));
    }
    List<String> queries = new ArrayList<>();
    List<double[]> gains = new ArrayList<>();
    List<double[]> ideal = new ArrayList<>();
    List<String> irrelevant = new ArrayList<>();
    int tied = 0;
    int missing = 0;
    for (Map.Entry<String, Map<String, Double>> judged : qrels.entrySet()) {
      if (judged.getValue().isEmpty()) {
        irrelevant.add(judged.getKey());
        continue;
      }
      queries.add(judged.getKey());
      List<TrecFile.Hit> found = run.getOrDefault(judged.getKey(), List.of());
      missing += found.isEmpty() ? 1 : 0;
      double[] of = new double[found.size()];
      tied += judge(found, judged.getValue(), ties, of) ? 1 : 0;
      gains.add(of);
      ideal.add(highestFirst(judged.getValue()));
    }
    return new EvaluatedRun(name, queries, gains, ideal, tied, missing, unjudged, irrelevant);
  }

  private static double[] highestFirst(Map<String, Double> relevance) {
    return relevance.values().stream()
        .sorted(Comparator.reverseOrder())
        .mapToDouble(Double::doubleValue)
        .toArray();
  }

  /** Fills in the gain of each place; returns whether a tie had to be broken. */
  private static boolean judge(
      List<TrecFile.Hit> found, Map<String, Double> relevance, Ties ties, double[] gains) {
    List<TrecFile.Hit> order = found.stream()
        .sorted(Comparator.comparingDouble(TrecFile.Hit::score).reversed())
        .toList();
    boolean touched = false;
    List<Double> good = new ArrayList<>();
    for (int from = 0; from < order.size(); ) {
      int to = from;
      good.clear();
      while (to < order.size() && order.get(to).score() == order.get(from).score()) {
        double gain = relevance.getOrDefault(order.get(to++).document(), 0.0);
        if (gain > 0) {
          good.add(gain);
        }
      }
      Collections.sort(good);
      if (ties == Ties.OPTIMISTIC) {
        Collections.reverse(good);
      }
      int others = to - from - good.size();
      touched |= !good.isEmpty() && (others > 0 || !good.getFirst().equals(good.getLast()));
      int first = from + ties.rank(0, others) - 1;
      for (int i = 0; i < good.size(); i++) {
        gains[first + i] = good.get(i);
      }
      from = to;
    }
    return touched;
  }

  /**
   * Whose query each is, for drawing: what stands before the last @ where all queries are written
   * so, else each for itself.
   */
  public int[] clusters() {
    boolean sessions = queries.stream().allMatch(query -> query.matches(".+@\\d+"));
    Map<String, Integer> numbers = new HashMap<>();
    return queries.stream()
        .map(query -> sessions ? query.substring(0, query.lastIndexOf('@')) : query)
        .mapToInt(cluster -> numbers.computeIfAbsent(cluster, each -> numbers.size()))
        .toArray();
  }

  @Override
  public double[] values(Metric metric) {
    double[] values = new double[queries.size()];
    for (int query = 0; query < values.length; query++) {
      values[query] = metric.value(gains.get(query), ideal.get(query));
    }
    return values;
  }
}
