package io.attune.evaluation;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Anybody's run, judged by relevance judgements. A query that the judgements have and the run lacks
 * is worth nothing.
 *
 * @param name of the run
 * @param queries in the order of the judgements; those without a relevant document are left out
 * @param hits for each query, whether the document at a rank is relevant
 * @param relevant how many documents are, for each query
 * @param tied how many queries have a relevant document of the very score of another one
 * @param missing how many queries the run lacks
 */
public record JudgedRun(
    String name, List<String> queries, List<BitSet> hits, int[] relevant, int tied, int missing)
    implements Judged {

  /**
   * Judges.
   *
   * @throws IllegalArgumentException when the run has a query that the judgements lack
   */
  public static JudgedRun of(
      String name, Map<String, List<TrecFile.Hit>> run, Map<String, Set<String>> qrels, Ties ties) {
    for (String query : run.keySet()) {
      if (!qrels.containsKey(query)) {
        throw new IllegalArgumentException(
            "%s has results for query %s, of which the qrels say nothing".formatted(name, query));
      }
    }
    List<String> queries = new ArrayList<>();
    List<BitSet> hits = new ArrayList<>();
    int tied = 0;
    int missing = 0;
    for (Map.Entry<String, Set<String>> judged : qrels.entrySet()) {
      if (judged.getValue().isEmpty()) {
        continue;
      }
      queries.add(judged.getKey());
      List<TrecFile.Hit> found = run.getOrDefault(judged.getKey(), List.of());
      missing += found.isEmpty() ? 1 : 0;
      BitSet of = new BitSet();
      tied += judge(found, judged.getValue(), ties, of) ? 1 : 0;
      hits.add(of);
    }
    int[] relevant =
        qrels.values().stream().mapToInt(Set::size).filter(count -> count > 0).toArray();
    return new JudgedRun(name, queries, hits, relevant, tied, missing);
  }

  private static boolean judge(
      List<TrecFile.Hit> found, Set<String> relevant, Ties ties, BitSet hits) {
    List<TrecFile.Hit> order = found.stream()
        .sorted(Comparator.comparingDouble(TrecFile.Hit::score).reversed())
        .toList();
    boolean touched = false;
    for (int from = 0; from < order.size(); ) {
      int to = from;
      int good = 0;
      while (to < order.size() && order.get(to).score() == order.get(from).score()) {
        good += relevant.contains(order.get(to++).document()) ? 1 : 0;
      }
      int others = to - from - good;
      touched |= good > 0 && others > 0;
      int first = from + ties.rank(0, others) - 1;
      hits.set(first, first + good);
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
    double[] values = new double[relevant.length];
    for (int query = 0; query < values.length; query++) {
      values[query] = metric.worth(hits.get(query), 0, relevant[query]);
    }
    return values;
  }
}
