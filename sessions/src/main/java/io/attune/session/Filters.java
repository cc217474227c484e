package io.attune.session;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The rules for what is too rare to learn from: short sessions and items with few clicks.
 *
 * <p>Learned from the training part alone, in the order of the literature: sessions of fewer clicks
 * than the minimum are dropped, then the clicks on items with fewer clicks than their minimum, then
 * once more the sessions that this made too short. The vocabulary is the items that are left, in
 * the order of the rows that they had. What each step dropped stands in the report.
 *
 * @param minSessionLength the fewest clicks of a session; 2 by default, since a session of one
 *     click has nothing to predict
 * @param minItemSupport the fewest clicks on an item; 5 by default
 */
public record Filters(int minSessionLength, int minItemSupport) {
  /** What becomes of clicks of the test part on items that the vocabulary does not know. */
  public enum UnknownItems {
    /**
     * They stay as row 0: nothing can be recommended for them, and as targets they count as misses.
     */
    MISS,
    /**
     * They are dropped, and then the sessions that this made too short: the protocol of the
     * literature. Where the last click alone is tested and is one of them, the session is left out:
     * the click before it may have been trained.
     */
    DROP
  }

  /** Sessions that a filter left, and what each of its steps dropped. */
  public record Filtered(Sessions sessions, List<Step> steps) {
    /** Keeps its own copy of the steps. */
    public Filtered {
      steps = List.copyOf(steps);
    }
  }

  /**
   * What one step of a filter dropped and what it left.
   *
   * @param rule the rule in words, such as "sessions of fewer than 2 clicks"
   * @param items the number of different items that still had a click
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
      throw new IllegalArgumentException("a minimum must be at least 1, but the session length is "
          + minSessionLength
          + " and the item support "
          + minItemSupport);
    }
  }

  /** The filters of the literature: sessions of at least 2 clicks, items of at least 5. */
  public static Filters standard() {
    return new Filters(2, 5);
  }

  /** Filters that drop nothing. */
  public static Filters none() {
    return new Filters(1, 1);
  }

  /** The training part without what is too rare, over a vocabulary of what is left. */
  public Filtered train(Sessions sessions) {
    List<Step> steps = new ArrayList<>();
    Tally before = Tally.of(sessions);
    int[] kept = longEnough(sessions);
    Sessions longer = sessions.select(kept);
    Tally after = Tally.of(longer);
    steps.add(after.step("sessions of fewer than " + minSessionLength + " clicks", before));

    int[] rows = new int[sessions.vocabulary().size() + 1];
    Arrays.setAll(rows, row -> row > 0 && after.support[row] >= minItemSupport ? row : 0);
    int[] all = new int[longer.size()];
    Arrays.setAll(all, session -> session);
    Sessions frequent = longer.copy(all, sessions.vocabulary(), rows, true);
    Tally supported = Tally.of(frequent);
    steps.add(supported.step("items of fewer than " + minItemSupport + " clicks", after));

    Sessions left = frequent.select(longEnough(frequent));
    Tally last = Tally.of(left);
    steps.add(last.step("sessions of fewer than " + minSessionLength + " clicks", supported));
    return new Filtered(left.recode(last.vocabulary(left)), steps);
  }

  /**
   * The test part over the vocabulary of a training part.
   *
   * <p>Sessions shorter than the minimum are dropped, with {@link UnknownItems#DROP} once more
   * after the unknown items. How often an item is clicked in the test part is not looked at.
   *
   * @param targets which clicks are to be predicted: no other click takes the place of one that is
   *     dropped
   */
  public Filtered test(
      Sessions sessions, Vocabulary vocabulary, UnknownItems unknown, Split.Targets targets) {
    List<Step> steps = new ArrayList<>();
    Tally before = Tally.of(sessions);
    Sessions longer = sessions.select(longEnough(sessions));
    Tally after = Tally.of(longer);
    steps.add(after.step("sessions of fewer than " + minSessionLength + " clicks", before));
    if (unknown == UnknownItems.MISS) {
      return new Filtered(longer.recode(vocabulary), steps);
    }
    int[] rows = sessions.vocabulary().rowsIn(vocabulary);
    int[] tested = IntStream.range(0, longer.size())
        .filter(session -> targets != Split.Targets.LAST || endsKnown(longer, session, rows))
        .toArray();
    if (targets == Split.Targets.LAST) {
      Tally testedTally = Tally.of(longer.select(tested));
      steps.add(
          testedTally.step("sessions whose last item is unknown to the training part", after));
      after = testedTally;
    }
    Sessions known = longer.copy(tested, vocabulary, rows, true);
    Tally knownTally = Tally.of(known);
    steps.add(knownTally.step("items unknown to the training part", after));
    Sessions left = known.select(longEnough(known));
    steps.add(
        Tally.of(left).step("sessions of fewer than " + minSessionLength + " clicks", knownTally));
    return new Filtered(left, steps);
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

  /** How many sessions, clicks and clicks of each item there are. */
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

    /** The items that have a click, in the order of the rows they had. */
    Vocabulary vocabulary(Sessions sessions) {
      IdTable left = new IdTable();
      IdTable ids = sessions.vocabulary().table();
      for (int row = 1; row < support.length; row++) {
        if (support[row] > 0) {
          left.addFrom(ids, row - 1);
        }
      }
      return new Vocabulary(left);
    }
  }
}
