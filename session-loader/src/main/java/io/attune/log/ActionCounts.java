package io.attune.log;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Counts the actions of the rows of a table that somebody else reads, as {@link ClickLog} does: at
 * most 50 different ones by name besides those that are asked for, further ones together. For one
 * thread.
 */
public final class ActionCounts {
  private final ActionTally tally;
  private final Field field = new Field();

  /**
   * Counts of nothing yet.
   *
   * @param wanted the actions that count as clicks; empty for all
   */
  public ActionCounts(Set<String> wanted) {
    tally = new ActionTally(wanted);
  }

  /** Counts a row; the value is as {@link ClickRows#take} has it. */
  public void add(@Nullable Object action) {
    ClickRows.text(action, field);
    tally.takes(field);
  }

  /** How many rows there were of each action. */
  public Map<String, Long> counts() {
    Map<String, Long> all = new TreeMap<>(tally.taken());
    tally.leftOut().forEach((action, count) -> all.merge(action, count, Long::sum));
    return all;
  }

  /**
   * Refuses an action that never occurs, which is more likely misspelt than absent. Where nothing
   * occurs at all, nothing is refused.
   *
   * @param wanted the actions that count as clicks
   * @param occurring how many events there are of each action
   * @param source the log's name, for messages
   * @throws LogFormatException when one of them never occurs; it lists those that do
   */
  public static void requireEach(Set<String> wanted, Map<String, Long> occurring, String source)
      throws LogFormatException {
    for (String action : new TreeSet<>(wanted)) {
      if (!occurring.containsKey(action) && !occurring.isEmpty()) {
        throw new LogFormatException(
            source,
            "no event has the action '" + action + "' of --actions; those that occur are "
                + occurring);
      }
    }
  }
}
