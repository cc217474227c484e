package io.attune.evaluation;

import io.attune.session.Sessions;
import io.attune.session.Vocabulary;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Looks for what makes a test tell little: targets that nothing can hit, and single sessions that
 * decide it. Each check returns what it found, in a sentence.
 */
public final class TestChecks {
  /** Several times as many predictions as a session has on average are no person's. */
  private static final int TIMES_THE_MEAN = 10;

  /** A session with less than this share of all predictions moves no figure much. */
  private static final double SHARE = 0.1;

  private TestChecks() {}

  /**
   * Whether a recommender knows no tested item at all, as happens when two logs write the ids in
   * two ways: then every prediction is a miss, and no figure says anything.
   *
   * @param name of the recommender
   * @param vocabulary what it knows
   */
  public static List<String> allUnknown(
      String name, Predictions predictions, Vocabulary vocabulary) {
    return predictions.size() == 0 || unknown(predictions, vocabulary) < predictions.size()
        ? List.of()
        : List.of(
            "none of the items of the %s is known to %s, so that all of them miss: the log has %s, %s"
                .formatted(
                    targets(predictions.size()),
                    name,
                    Examples.of(tested(predictions, null)),
                    vocabulary.size() == 0
                        ? "and no item is known"
                        : "known are " + Examples.of(vocabulary.ids())));
  }

  /**
   * Whether a recommender knows at most half of the tested items, but some.
   *
   * @param name of the recommender
   * @param vocabulary what it knows
   */
  public static List<String> mostlyUnknown(
      String name, Predictions predictions, Vocabulary vocabulary) {
    int unknown = unknown(predictions, vocabulary);
    return unknown == predictions.size() || 2 * unknown < predictions.size()
        ? List.of()
        : List.of(String.format(
            Locale.ROOT,
            "%,d of %s are on items that are unknown to %s, and miss: %s",
            unknown,
            targets(predictions.size()),
            name,
            Examples.of(tested(predictions, vocabulary))));
  }

  /** Targets that cannot be hit where clicked items are excluded. */
  public static List<String> clickedBefore(Predictions predictions) {
    int repeats = predictions.repeats().cardinality();
    return repeats == 0
        ? List.of()
        : List.of(String.format(
            Locale.ROOT,
            "%,d of %s were clicked before in their session: with clicked items excluded they"
                + " cannot be hit",
            repeats,
            targets(predictions.size())));
  }

  /**
   * Sessions with so many predictions that they decide the figures, as a machine's would: a tenth
   * of all, and ten times as many as a session has on average.
   */
  public static List<String> dominated(Predictions predictions) {
    int[] sizes = new int[predictions.test().size()];
    for (int session : predictions.sessions()) {
      sizes[session]++;
    }
    double mean = (double) predictions.size() / Math.max(1, predictions.testedSessions());
    List<String> found = new ArrayList<>();
    for (int session = 0; session < sizes.length; session++) {
      if (sizes[session] >= SHARE * predictions.size() && sizes[session] >= TIMES_THE_MEAN * mean) {
        found.add(String.format(
            Locale.ROOT,
            "one session, %s, has %,d of %,d predictions (%.0f %%), as a machine would",
            Examples.of(List.of(predictions.test().id(session))),
            sizes[session],
            predictions.size(),
            100.0 * sizes[session] / predictions.size()));
      }
    }
    return found;
  }

  private static String targets(int count) {
    return count == 1 ? "1 target" : String.format(Locale.ROOT, "%,d targets", count);
  }

  private static int unknown(Predictions predictions, Vocabulary vocabulary) {
    BitSet known = known(predictions.test().vocabulary(), vocabulary);
    int unknown = 0;
    for (int p = 0; p < predictions.size(); p++) {
      unknown += known.get(predictions.test().item(predictions.click(p))) ? 0 : 1;
    }
    return unknown;
  }

  /** By row of the first, whether the second has the item. */
  private static BitSet known(Vocabulary of, Vocabulary in) {
    BitSet known = new BitSet();
    for (int row = 1; row <= of.size(); row++) {
      known.set(row, in.row(of.id(row)) != Vocabulary.UNKNOWN);
    }
    return known;
  }

  /** The first few different items that are tested, of those that a vocabulary lacks. */
  private static List<String> tested(Predictions predictions, @Nullable Vocabulary but) {
    Sessions test = predictions.test();
    return IntStream.range(0, predictions.size())
        .map(p -> test.item(predictions.click(p)))
        .filter(row -> row != Vocabulary.UNKNOWN)
        .mapToObj(test.vocabulary()::id)
        .filter(id -> but == null || but.row(id) == Vocabulary.UNKNOWN)
        .distinct()
        .limit(4)
        .toList();
  }
}
