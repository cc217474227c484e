package io.attune.session;

import java.util.AbstractList;
import java.util.List;
import java.util.Objects;
import java.util.RandomAccess;

/**
 * The items that a model knows: a mapping between item ids and dense rows.
 *
 * <p>Rows run from 1 to {@link #size()}. Row 0 is padding and stands for unknown items:
 * {@link #row(String)} returns it for an item that is not in the vocabulary. Ids are stored as
 * UTF-8, and {@link #id(int)} creates a new string on each call. Immutable and thread-safe.
 */
public final class Vocabulary {
  /** The row of padding and of every unknown item. */
  public static final int UNKNOWN = 0;

  private final IdTable table;

  Vocabulary(IdTable table) {
    this.table = table;
  }

  /**
   * Returns the vocabulary in which {@code ids.get(i)} has row {@code i + 1}.
   *
   * @throws IllegalArgumentException if an id occurs twice, is empty, or has more than 32,766 bytes
   *     in UTF-8
   */
  public static Vocabulary of(List<String> ids) {
    IdTable table = new IdTable();
    for (int i = 0; i < ids.size(); i++) {
      String id = ids.get(i);
      if (id.isEmpty()) {
        throw new IllegalArgumentException(
            "an item id must not be empty, but the one at index " + i + " is");
      }
      int number = table.add(id);
      if (number != i) {
        throw new IllegalArgumentException("item ids must be distinct, but '" + id
            + "' is at index " + number + " and at index " + i);
      }
    }
    return new Vocabulary(table);
  }

  /** The number of items, not counting padding. */
  public int size() {
    return table.size();
  }

  /** The row of the item with this id, or {@link #UNKNOWN}. */
  public int row(String id) {
    return table.find(id) + 1;
  }

  /**
   * The id of the item in this row.
   *
   * @throws IllegalArgumentException if the row is 0 or greater than {@link #size()}
   */
  public String id(int row) {
    if (row < 1 || row > size()) {
      throw new IllegalArgumentException(
          "a row must be between 1 and " + size() + ", but is " + row);
    }
    return table.get(row - 1);
  }

  /**
   * All ids in row order, starting with row 1: an immutable view that creates its strings on
   * access.
   */
  public List<String> ids() {
    return new Ids(table);
  }

  IdTable table() {
    return table;
  }

  /**
   * Translates rows of this vocabulary to rows of another.
   *
   * @return by row of this one, the row of the same item in the target; {@link #UNKNOWN} for row 0
   *     and for items that the target does not have
   */
  public int[] rowsIn(Vocabulary target) {
    int[] rows = new int[size() + 1];
    for (int number = 0; number < size(); number++) {
      rows[number + 1] = target.table.findFrom(table, number) + 1;
    }
    return rows;
  }

  @Override
  public String toString() {
    return "Vocabulary of " + Counts.of(size(), "item");
  }

  private static final class Ids extends AbstractList<String> implements RandomAccess {
    private final IdTable table;

    Ids(IdTable table) {
      this.table = table;
    }

    @Override
    public String get(int index) {
      return table.get(Objects.checkIndex(index, table.size()));
    }

    @Override
    public int size() {
      return table.size();
    }
  }
}
