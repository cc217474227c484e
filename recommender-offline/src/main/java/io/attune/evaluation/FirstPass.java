package io.attune.evaluation;

import io.attune.metric.Metric;
import io.attune.metric.Metric.Relevant;
import io.attune.session.Vocabulary;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The candidates of each prediction in the order of a first pass, such as the hits of a search
 * engine. Recommenders rank these candidates only, and the order itself is evaluated too.
 *
 * @param predictions the predictions
 * @param lists (P): ids of items, best first
 */
record FirstPass(Predictions predictions, List<List<String>> lists)
    implements Ranker.Candidates, ScoredRun {

  /**
   * Reads a TREC run whose queries are named {@code session@clicks-before}, or {@code session} if
   * all predictions of the session have the same candidates.
   *
   * @throws IllegalArgumentException if a prediction has no candidates
   */
  static FirstPass read(Path file, Predictions predictions) throws IOException {
    Map<String, List<TrecFile.Hit>> run = TrecFile.readRun(file);
    run.replaceAll((query, hits) -> hits.stream()
        .sorted(Comparator.comparingDouble(TrecFile.Hit::score).reversed())
        .toList());
    List<List<String>> lists = new ArrayList<>(predictions.size());
    for (int p = 0; p < predictions.size(); p++) {
      String query = TrecExport.queryId(predictions, p);
      List<TrecFile.Hit> hits = run.get(query);
      if (hits == null) {
        hits = run.get(query.substring(0, query.lastIndexOf('@')));
      }
      if (hits == null) {
        throw new IllegalArgumentException(
            "%s: no candidates for query %s or for its session".formatted(file, query));
      }
      lists.add(hits.stream().map(hit -> TrecFile.unescape(hit.document())).toList());
    }
    return new FirstPass(predictions, lists);
  }

  @Override
  public List<String> of(int prediction) {
    return lists.get(prediction);
  }

  @Override
  public String name() {
    return "first pass";
  }

  @Override
  public double[] values(Metric metric) {
    double[] values = new double[lists.size()];
    Set<String> relevant = new HashSet<>();
    for (int p = 0; p < values.length; p++) {
      relevant.clear();
      int first = predictions.click(p);
      int end = metric.measure().relevant() == Relevant.NEXT
          ? first + 1
          : predictions.test().end(predictions.session(p));
      int unknown = 0;
      for (int click = first; click < end; click++) {
        int row = predictions.test().item(click);
        if (row == Vocabulary.UNKNOWN) {
          unknown++;
        } else {
          relevant.add(predictions.test().vocabulary().id(row));
        }
      }
      BitSet hits = new BitSet();
      for (int i = 0; i < lists.get(p).size(); i++) {
        hits.set(i, relevant.contains(lists.get(p).get(i)));
      }
      values[p] = metric.value(hits, 0, relevant.size() + unknown);
    }
    return values;
  }
}
