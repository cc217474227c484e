package io.attune.log;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Counts the events of a log by action, without creating a string for each event.
 *
 * <p>Besides the wanted actions, at most 50 are counted by name, and all others together, so that a
 * column of something else cannot fill the memory. For use by one thread.
 */
public final class ActionCounts {
  private static final int MAX_ACTIONS = 50;
  private static final String OTHERS = "(others)";

  private final Set<String> wanted;
  private final List<byte[]> names = new ArrayList<>();
  private boolean[] takes = new boolean[8];
  private long[] counts = new long[8];
  private long others;
  private int last = -1;
  private final Field field = new Field();

  /**
   * Starts counting.
   *
   * @param wanted the actions that count as clicks; empty for all
   */
  public ActionCounts(Set<String> wanted) {
    this.wanted = wanted;
    wanted.stream().sorted().forEach(name -> {
      field.set(name);
      add(field);
    });
  }

  /** Counts a row that another engine read; values are as in {@link RowParser#parse}. */
  public void add(@Nullable Object action) {
    RowParser.text(action, field);
    takes(field);
  }

  /** The number of events of each action. */
  public Map<String, Long> counts() {
    Map<String, Long> all = new TreeMap<>(taken());
    leftOut().forEach((action, count) -> all.merge(action, count, Long::sum));
    return all;
  }

  /**
   * Fails if an action never occurs, since it is more likely misspelled than absent; does nothing
   * if there are no events at all.
   *
   * @param wanted the actions that count as clicks
   * @param occurring the number of events of each action
   * @param source the log's name, for the message
   * @throws LogFormatException if an action never occurs; the message lists those that do
   */
  public static void requireEach(Set<String> wanted, Map<String, Long> occurring, String source)
      throws LogFormatException {
    for (String action : new TreeSet<>(wanted)) {
      if (!occurring.containsKey(action) && !occurring.isEmpty()) {
        throw new LogFormatException(
            source,
            "no event has the action '" + action + "' of --actions; the actions are "
                + text(occurring));
      }
    }
  }

  /** Counts for a message, such as {@code buy (129), view (771)}. */
  static String text(Map<String, Long> counts) {
    return new TreeMap<>(counts)
        .entrySet().stream()
            .map(action -> action.getKey() + " (" + action.getValue() + ")")
            .collect(Collectors.joining(", "));
  }

  /** Counts an event and returns whether it counts as a click. */
  boolean takes(Field action) {
    if (last < 0 || !same(last, action)) {
      last = find(action);
    }
    if (last < 0) {
      others++;
      return wanted.isEmpty();
    }
    counts[last]++;
    return takes[last];
  }

  /** Whether events of every action count as clicks. */
  boolean takesAll() {
    return wanted.isEmpty();
  }

  /** The number of events of each action that counts as a click. */
  Map<String, Long> taken() {
    return counts(true);
  }

  /** The number of events of each other action. */
  Map<String, Long> leftOut() {
    return counts(false);
  }

  private Map<String, Long> counts(boolean taken) {
    Map<String, Long> found = new TreeMap<>();
    for (int i = 0; i < names.size(); i++) {
      if (takes[i] == taken && counts[i] > 0) {
        Field name = new Field();
        name.set(names.get(i), 0, names.get(i).length);
        found.put(name.toString(), counts[i]);
      }
    }
    if (others > 0 && wanted.isEmpty() == taken) {
      found.put(OTHERS, others);
    }
    return found;
  }

  private int find(Field action) {
    for (int i = 0; i < names.size(); i++) {
      if (same(i, action)) {
        return i;
      }
    }
    return names.size() < MAX_ACTIONS + wanted.size() && action.isKept() ? add(action) : -1;
  }

  private int add(Field action) {
    int number = names.size();
    if (number == counts.length) {
      takes = Arrays.copyOf(takes, number * 2);
      counts = Arrays.copyOf(counts, number * 2);
    }
    names.add(Arrays.copyOf(action.bytes, action.length));
    takes[number] = wanted.isEmpty() || wanted.contains(action.toString());
    return number;
  }

  private boolean same(int number, Field action) {
    byte[] name = names.get(number);
    return action.isKept()
        && name.length == action.length
        && Arrays.equals(name, 0, name.length, action.bytes, 0, name.length);
  }
}
