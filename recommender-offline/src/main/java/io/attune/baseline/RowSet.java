package io.attune.baseline;

import java.util.Arrays;

/**
 * A set of rows that is filled and emptied again and again: as large as the largest filling, not as
 * the vocabulary.
 */
final class RowSet {
  private int[] slots = new int[64]; // 0 where free
  private int[] used = new int[32]; // slots, in the order they came
  private int size;

  /** Adds a row, 1 or more; returns whether it is new. */
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
