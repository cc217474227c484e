package io.attune.evaluation;

import io.attune.session.Sessions;
import io.attune.session.Vocabulary;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Checks for tests whose results say little: targets that cannot be hit, and single sessions that
 * dominate the metrics. Each check returns its findings as sentences.
 */
final class TestChecks {
  /** A session with this many times the mean number of predictions suggests a bot. */
  private static final int MIN_TIMES_MEAN = 10;

  /** A session with a smaller fraction of all predictions has little influence. */
  private static final double MIN_FRACTION = 0.1;

  private TestChecks() {}

  /**
   * Finds a recommender that knows no target item, as when two logs write ids differently: every
   * prediction is a miss, and the metrics are meaningless.
   *
   * @param name the recommender's name
   * @param vocabulary the recommender's vocabulary
   */
  static List<String> allUnknown(String name, Predictions predictions, Vocabulary vocabulary) {
    return predictions.size() == 0 || countUnknown(predictions, vocabulary) < predictions.size()
        ? List.of()
        : List.of(
            "no target item of %s is known to %s, so all are misses: ids in the log are %s; %s"
                .formatted(
                    Figures.count(predictions.size(), "prediction"),
                    name,
                    Figures.examples(targetIds(predictions, null)),
                    vocabulary.size() == 0
                        ? "no id is known"
                        : "known ids are " + Figures.examples(vocabulary.ids())));
  }

  /**
   * Finds a recommender that knows some target items, but at most half of them.
   *
   * @param name the recommender's name
   * @param vocabulary the recommender's vocabulary
   */
  static List<String> mostlyUnknown(String name, Predictions predictions, Vocabulary vocabulary) {
    int unknown = countUnknown(predictions, vocabulary);
    return unknown == predictions.size() || 2 * unknown < predictions.size()
        ? List.of()
        : List.of(String.format(
            Locale.ROOT,
            "%,d of %s have a target unknown to %s and are misses: %s",
            unknown,
            Figures.count(predictions.size(), "prediction"),
            name,
            Figures.examples(targetIds(predictions, vocabulary))));
  }

  /** Finds targets that cannot be hit because clicked items are excluded. */
  static List<String> clickedBefore(Predictions predictions) {
    int repeats = predictions.repeats().cardinality();
    return repeats == 0
        ? List.of()
        : List.of(String.format(
            Locale.ROOT,
            "%,d of %s were clicked earlier in their session and cannot be hit, because clicked"
                + " items are excluded",
            repeats,
            Figures.count(predictions.size(), "target")));
  }

  /**
   * Finds sessions that dominate the metrics, such as those of bots: at least a tenth of all
   * predictions and ten times the mean of a session.
   */
  static List<String> dominantSessions(Predictions predictions) {
    int[] sizes = new int[predictions.test().size()];
    for (int session : predictions.sessions()) {
      sizes[session]++;
    }
    double mean = (double) predictions.size() / Math.max(1, predictions.testedSessions());
    List<String> found = new ArrayList<>();
    for (int session = 0; session < sizes.length; session++) {
      if (sizes[session] >= MIN_FRACTION * predictions.size()
          && sizes[session] >= MIN_TIMES_MEAN * mean) {
        found.add(String.format(
            Locale.ROOT,
            "session %s alone has %,d of %,d predictions (%.0f %%) and may be a bot's",
            Figures.examples(List.of(predictions.test().id(session))),
            sizes[session],
            predictions.size(),
            100.0 * sizes[session] / predictions.size()));
      }
    }
    return found;
  }

  private static int countUnknown(Predictions predictions, Vocabulary vocabulary) {
    int[] rows = predictions.test().vocabulary().rowsIn(vocabulary);
    int unknown = 0;
    for (int p = 0; p < predictions.size(); p++) {
      int row = predictions.test().item(predictions.click(p));
      unknown += rows[row] == Vocabulary.UNKNOWN ? 1 : 0;
    }
    return unknown;
  }

  /** The first distinct target items, without those of a vocabulary. */
  private static List<String> targetIds(Predictions predictions, @Nullable Vocabulary excluded) {
    Sessions test = predictions.test();
    return IntStream.range(0, predictions.size())
        .map(p -> test.item(predictions.click(p)))
        .filter(row -> row != Vocabulary.UNKNOWN)
        .mapToObj(test.vocabulary()::id)
        .filter(id -> excluded == null || excluded.row(id) == Vocabulary.UNKNOWN)
        .distinct()
        .limit(4)
        .toList();
  }
}
