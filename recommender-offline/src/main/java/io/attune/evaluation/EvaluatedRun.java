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
 * A run produced by any tool, evaluated by relevance judgements. A judged query without results
 * scores 0; a query without judgements is ignored.
 *
 * @param name the name of the run
 * @param queries the judged queries with a relevant document, in the order of the judgements
 * @param gains for each query, the relevance of the document at each rank, 0 if not relevant
 * @param ideal for each query, the relevance of all relevant documents in descending order
 * @param tied number of queries with a relevant document that ties with a less relevant one
 * @param missing number of judged queries without results
 * @param unjudged queries without judgements, in the order of the run
 * @param irrelevant judged queries without a relevant document, which are ignored
 */
record EvaluatedRun(
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
   * Evaluates a run.
   *
   * @param qrels positive relevance by query and document
   * @param ties the rank of relevant documents among others with the same score; among themselves
   *     the more relevant one comes first if ties are optimistic, otherwise last
   * @throws IllegalArgumentException if no query of the run has judgements
   */
  static EvaluatedRun of(
      String name,
      Map<String, List<TrecFile.Hit>> run,
      Map<String, Map<String, Double>> qrels,
      Ties ties) {
    List<String> unjudged =
        run.keySet().stream().filter(query -> !qrels.containsKey(query)).toList();
    if (!run.isEmpty() && unjudged.size() == run.size()) {
      throw new IllegalArgumentException(
          "no query of %s has judgements: the run has %s, the qrels have %s"
              .formatted(
                  name, Figures.examples(unjudged), Figures.examples(List.copyOf(qrels.keySet()))));
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
      double[] gainByRank = new double[found.size()];
      tied += fillGains(found, judged.getValue(), ties, gainByRank) ? 1 : 0;
      gains.add(gainByRank);
      ideal.add(descending(judged.getValue()));
    }
    return new EvaluatedRun(name, queries, gains, ideal, tied, missing, unjudged, irrelevant);
  }

  private static double[] descending(Map<String, Double> relevance) {
    return relevance.values().stream()
        .sorted(Comparator.reverseOrder())
        .mapToDouble(Double::doubleValue)
        .toArray();
  }

  /** Sets the gain at each rank; returns whether ties affect it. */
  private static boolean fillGains(
      List<TrecFile.Hit> found, Map<String, Double> relevance, Ties ties, double[] gains) {
    List<TrecFile.Hit> order = found.stream()
        .sorted(Comparator.comparingDouble(TrecFile.Hit::score).reversed())
        .toList();
    boolean tied = false;
    List<Double> relevant = new ArrayList<>();
    for (int from = 0; from < order.size(); ) {
      int to = from;
      relevant.clear();
      while (to < order.size() && order.get(to).score() == order.get(from).score()) {
        double gain = relevance.getOrDefault(order.get(to++).document(), 0.0);
        if (gain > 0) {
          relevant.add(gain);
        }
      }
      Collections.sort(relevant);
      if (ties == Ties.OPTIMISTIC) {
        Collections.reverse(relevant);
      }
      int others = to - from - relevant.size();
      tied |=
          !relevant.isEmpty() && (others > 0 || !relevant.getFirst().equals(relevant.getLast()));
      int first = from + ties.rank(0, others) - 1;
      for (int i = 0; i < relevant.size(); i++) {
        gains[first + i] = relevant.get(i);
      }
      from = to;
    }
    return tied;
  }

  /**
   * The session of each query, for resampling: the part before the last @ if all queries are named
   * {@code session@clicks-before}, otherwise each query is its own.
   */
  int[] clusters() {
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
