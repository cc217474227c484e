package io.attune.log;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Counts the actions of a file, and knows which are wanted, without a string for each event. */
final class ActionTally {
  /**
   * Different actions that are counted by name; further ones together, so that a strange file
   * cannot fill the memory.
   */
  private static final int MAX_ACTIONS = 50;

  private static final String OTHERS = "(others)";

  private final Set<String> wanted;
  private final List<byte[]> names = new ArrayList<>();
  private boolean[] takes = new boolean[8];
  private long[] counts = new long[8];
  private long others;
  private int last = -1;

  /**
   * A tally of nothing yet.
   *
   * @param wanted the actions that count as clicks; empty for all
   */
  ActionTally(Set<String> wanted) {
    this.wanted = wanted;
    wanted.stream().sorted().forEach(name -> {
      Field field = new Field();
      field.set(name);
      add(field);
    });
  }

  /** Counts an event, and says whether it counts as a click. */
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

  /** How many events there were of each action that counts as a click. */
  Map<String, Long> taken() {
    return counts(true);
  }

  /** How many events there were of each other action. */
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
