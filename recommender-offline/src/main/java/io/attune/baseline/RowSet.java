package io.attune.baseline;

import java.util.Arrays;

/**
 * A reusable hash set of rows, whose memory and time to clear depend on the rows added and not on
 * the size of the vocabulary.
 */
final class RowSet {
  private int[] slots = new int[64]; // 0 if free
  private int[] used = new int[32]; // slots in use, in order of insertion
  private int size;

  /** Adds a row, at least 1, and returns whether it is new. */
  boolean add(int row) {
    int slot = slot(row);
    if (slots[slot] == row) {
      return false;
    }
    if (size == used.length) {
      grow();
      slot = slot(row);
    }
    slots[slot] = row;
    used[size++] = slot;
    return true;
  }

  boolean contains(int row) {
    return slots[slot(row)] == row;
  }

  int size() {
    return size;
  }

  void clear() {
    for (int i = 0; i < size; i++) {
      slots[used[i]] = 0;
    }
    size = 0;
  }

  private void grow() {
    int[] rows = Arrays.stream(used).map(slot -> slots[slot]).toArray();
    slots = new int[2 * slots.length];
    used = new int[2 * used.length];
    size = 0;
    for (int row : rows) {
      add(row);
    }
  }

  private int slot(int row) {
    int mask = slots.length - 1;
    int slot = ((row * 0x9E3779B9) >>> 7) & mask;
    while (slots[slot] != 0 && slots[slot] != row) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }
}
