package io.attune.session;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Filters that drop what is too rare to learn from: short sessions and items with few clicks.
 *
 * <p>They are applied to the training part alone, in the usual order: sessions below the minimum
 * length, clicks on items below the minimum support, and then the sessions that have become too
 * short. The vocabulary consists of the remaining items in their previous order. Each step reports
 * what it dropped.
 *
 * @param minSessionLength the minimum number of clicks in a session; 2 by default, since a session
 *     of one click has nothing to predict
 * @param minItemSupport the minimum number of clicks on an item; 5 by default
 */
public record Filters(int minSessionLength, int minItemSupport) {
  private static final Vocabulary NOTHING = Vocabulary.of(List.of());

  /** What happens to test clicks on items that are not in the vocabulary. */
  public enum UnknownItems {
    /** They stay as row 0: as input they carry no information, and as targets they are misses. */
    MISS,
    /**
     * They are dropped, and then the sessions that have become too short, as is usual in the
     * literature. If only last clicks are tested, sessions that end with an unknown item are left
     * out: the click before it may be training data.
     */
    DROP
  }

  /** The sessions that passed the filters, and what each step dropped. */
  public record Filtered(Sessions sessions, List<Step> steps) {
    /** Copies the steps. */
    public Filtered {
      steps = List.copyOf(steps);
    }
  }

  /**
   * What one filter step dropped and what it kept.
   *
   * @param rule what was dropped, such as "sessions of fewer than 2 clicks"
   * @param items the number of distinct items that still have a click
   */
  public record Step(
      String rule,
      int sessionsDropped,
      int clicksDropped,
      int itemsDropped,
      int sessions,
      int clicks,
      int items) {}

  /** Throws an IllegalArgumentException if a minimum is less than 1. */
  public Filters {
    if (minSessionLength < 1 || minItemSupport < 1) {
      throw new IllegalArgumentException(
          "minimum session length and item support must be at least 1, but are "
              + minSessionLength
              + " and "
              + minItemSupport);
    }
  }

  /** The usual filters of the literature: sessions of at least 2 clicks, items of at least 5. */
  public static Filters standard() {
    return new Filters(2, 5);
  }

  /** Filters that drop nothing. */
  public static Filters none() {
    return new Filters(1, 1);
  }

  /** Filters the training part; the result has a vocabulary of the remaining items. */
  public Filtered train(Sessions sessions) {
    return train(sessions, NOTHING);
  }

  /**
   * Filters sessions that a model is to go on with. The items it knows stay, whatever their
   * support, and keep their rows; the remaining new ones follow in their previous order.
   *
   * @param known the model's items
   */
  public Filtered train(Sessions sessions, Vocabulary known) {
    List<Step> steps = new ArrayList<>();
    Tally before = Tally.of(sessions);
    int[] kept = longEnough(sessions);
    Sessions longer = sessions.select(kept);
    Tally after = Tally.of(longer);
    steps.add(after.step(shortSessions(), before));

    int[] rows = new int[sessions.vocabulary().size() + 1];
    int[] knownRows = sessions.vocabulary().rowsIn(known);
    Arrays.setAll(
        rows,
        row -> row > 0 && (knownRows[row] > 0 || after.support[row] >= minItemSupport) ? row : 0);
    int[] all = new int[longer.size()];
    Arrays.setAll(all, session -> session);
    Sessions frequent = longer.copy(all, sessions.vocabulary(), rows, true);
    Tally supported = Tally.of(frequent);
    steps.add(supported.step("items of fewer than " + Counts.of(minItemSupport, "click"), after));

    Sessions left = frequent.select(longEnough(frequent));
    Tally last = Tally.of(left);
    steps.add(last.step(shortSessions(), supported));
    return new Filtered(left.recode(last.vocabulary(left, known, knownRows)), steps);
  }

  /**
   * Filters the test part and encodes it with the vocabulary of the training part.
   *
   * <p>Sessions below the minimum length are dropped; with {@link UnknownItems#DROP}, once more
   * after unknown items were dropped. The minimum item support does not apply.
   *
   * @param targets which clicks are to be predicted; a dropped target is not replaced by another
   *     click
   */
  public Filtered test(
      Sessions sessions, Vocabulary vocabulary, UnknownItems unknown, Split.Targets targets) {
    List<Step> steps = new ArrayList<>();
    Tally before = Tally.of(sessions);
    Sessions longer = sessions.select(longEnough(sessions));
    Tally after = Tally.of(longer);
    steps.add(after.step(shortSessions(), before));
    if (unknown == UnknownItems.MISS) {
      return new Filtered(longer.recode(vocabulary), steps);
    }
    int[] rows = sessions.vocabulary().rowsIn(vocabulary);
    boolean lastOnly = targets instanceof Split.Targets.Last;
    int[] tested = IntStream.range(0, longer.size())
        .filter(session -> !lastOnly || endsKnown(longer, session, rows))
        .toArray();
    if (lastOnly) {
      Tally testedTally = Tally.of(longer.select(tested));
      steps.add(testedTally.step("sessions whose last item is not in the training part", after));
      after = testedTally;
    }
    Sessions known = longer.copy(tested, vocabulary, rows, true);
    Tally knownTally = Tally.of(known);
    steps.add(knownTally.step("items not in the training part", after));
    Sessions left = known.select(longEnough(known));
    steps.add(Tally.of(left).step(shortSessions(), knownTally));
    return new Filtered(left, steps);
  }

  private String shortSessions() {
    return "sessions of fewer than " + Counts.of(minSessionLength, "click");
  }

  private static boolean endsKnown(Sessions sessions, int session, int[] rows) {
    return sessions.length(session) > 0
        && rows[sessions.item(sessions.end(session) - 1)] != Vocabulary.UNKNOWN;
  }

  private int[] longEnough(Sessions sessions) {
    int[] kept = new int[sessions.size()];
    int count = 0;
    for (int session = 0; session < sessions.size(); session++) {
      if (sessions.length(session) >= minSessionLength) {
        kept[count++] = session;
      }
    }
    return Arrays.copyOf(kept, count);
  }

  /** The number of sessions, of clicks, and of clicks on each item. */
  private static final class Tally {
    final int sessions;
    final int clicks;
    final int items;
    final int[] support;

    private Tally(int sessions, int clicks, int items, int[] support) {
      this.sessions = sessions;
      this.clicks = clicks;
      this.items = items;
      this.support = support;
    }

    static Tally of(Sessions sessions) {
      int[] support = new int[sessions.vocabulary().size() + 1];
      for (int session = 0; session < sessions.size(); session++) {
        for (int click = sessions.start(session); click < sessions.end(session); click++) {
          support[sessions.item(click)]++;
        }
      }
      int items = 0;
      for (int row = 1; row < support.length; row++) {
        items += support[row] > 0 ? 1 : 0;
      }
      return new Tally(sessions.size(), sessions.clicks(), items, support);
    }

    Step step(String rule, Tally before) {
      return new Step(
          rule,
          before.sessions - sessions,
          before.clicks - clicks,
          before.items - items,
          sessions,
          clicks,
          items);
    }

    /** The known items, and then those that have a click, in their previous order. */
    Vocabulary vocabulary(Sessions sessions, Vocabulary known, int[] knownRows) {
      IdTable left = new IdTable();
      for (int row = 1; row <= known.size(); row++) {
        left.addFrom(known.table(), row - 1);
      }
      IdTable ids = sessions.vocabulary().table();
      for (int row = 1; row < support.length; row++) {
        if (support[row] > 0 && knownRows[row] == Vocabulary.UNKNOWN) {
          left.addFrom(ids, row - 1);
        }
      }
      return new Vocabulary(left);
    }
  }
}
