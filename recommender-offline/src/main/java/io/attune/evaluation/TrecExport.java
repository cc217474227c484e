package io.attune.evaluation;

import io.attune.metric.Metric.Relevant;
import io.attune.metric.Ties;
import io.attune.session.Sessions;
import io.attune.session.Vocabulary;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;

/**
 * Writes an evaluation in the formats of {@link TrecFile}. A query is named
 * {@code session@clicks-before}. Scores only tell the order, so that no tool breaks a tie in its
 * own way.
 */
public final class TrecExport {
  private TrecExport() {}

  /** A query's name. */
  public static String query(Predictions predictions, int prediction) {
    return TrecFile.escape(predictions.test().id(predictions.session(prediction)))
        + "@"
        + predictions.clicksBefore(prediction);
  }

  /** Writes the lists of a recommender; a prediction after no known click has no line. */
  public static void run(Ranks ranks, Ties ties, Appendable to) throws IOException {
    String tag = TrecFile.escape(ranks.recommender());
    for (int p = 0; p < ranks.predictions().size(); p++) {
      String query = query(ranks.predictions(), p);
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

  /** Writes which items are relevant: the next one, or all that are still to come. */
  public static void qrels(Predictions predictions, Relevant relevant, Appendable to)
      throws IOException {
    Sessions test = predictions.test();
    Set<Integer> seen = new HashSet<>();
    for (int p = 0; p < predictions.size(); p++) {
      String query = query(predictions, p);
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
          // What the log's own filters dropped has no name any more, but counts all the same.
          String item = row == Vocabulary.UNKNOWN
              ? "%unknown-" + (click - first)
              : TrecFile.escape(test.vocabulary().id(row));
          to.append(query).append(" 0 ").append(item).append(" 1\n");
        }
      }
    }
  }
}
