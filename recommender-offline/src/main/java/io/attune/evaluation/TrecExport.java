package io.attune.evaluation;

import io.attune.metric.Metric.Relevant;
import io.attune.metric.Ties;
import io.attune.session.Sessions;
import io.attune.session.Vocabulary;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;

/**
 * Writes TREC runs and qrels of an evaluation. Queries are named {@code session@clicks-before}.
 * Scores only encode the order, so that no tool breaks ties differently.
 *
 * <p>Internal: used by the export of evaluations.
 */
public final class TrecExport {
  private TrecExport() {}

  /** The id of the query of a prediction. */
  static String queryId(Predictions predictions, int prediction) {
    return TrecFile.escape(predictions.test().id(predictions.session(prediction)))
        + "@"
        + predictions.clicksBefore(prediction);
  }

  /**
   * Writes the best items of each prediction; there are none if no click of the prefix is known.
   */
  public static void writeRun(Ranks ranks, Ties ties, Appendable to) throws IOException {
    String tag = TrecFile.escape(ranks.recommender());
    for (int p = 0; p < ranks.predictions().size(); p++) {
      String query = queryId(ranks.predictions(), p);
      int rank = 0;
      for (int row : ranks.list(p, ties)) {
        rank++;
        to.append(query).append(" Q0 ");
        to.append(TrecFile.escape(ranks.vocabulary().id(row))).append(' ');
        to.append(Integer.toString(rank)).append(' ');
        to.append(Integer.toString(ranks.depth() + 1 - rank)).append(' ');
        to.append(tag).append('\n');
      }
    }
  }

  /** Writes the relevant items of each prediction: the next item, or all remaining items. */
  public static void writeQrels(Predictions predictions, Relevant relevant, Appendable to)
      throws IOException {
    Sessions test = predictions.test();
    Set<Integer> seen = new HashSet<>();
    for (int p = 0; p < predictions.size(); p++) {
      String query = queryId(predictions, p);
      int first = predictions.click(p);
      int end =
          switch (relevant) {
            case NEXT -> first + 1;
            case REST -> test.end(predictions.session(p));
          };
      seen.clear();
      for (int click = first; click < end; click++) {
        int row = test.item(click);
        if (row == Vocabulary.UNKNOWN || seen.add(row)) {
          // Items without an id, which were filtered from the log, are relevant all the same.
          String item = row == Vocabulary.UNKNOWN
              ? "%unknown-" + (click - first)
              : TrecFile.escape(test.vocabulary().id(row));
          to.append(query).append(" 0 ").append(item).append(" 1\n");
        }
      }
    }
  }
}
