package io.attune.recommender;

import java.nio.FloatBuffer;

/**
 * The scores of all items after one prefix. Where the highest score of each block of items is known
 * beforehand, most blocks need no look: few items of a catalogue stand high.
 */
public final class ItemScores {
  /** How many items are in a block. */
  public static final int BLOCK = 64;

  private final FloatBuffer values; // (V)
  private final FloatBuffer highest; // (number of blocks of which it is known)

  /**
   * Scores of which the highest are known by block.
   *
   * @param values float32 (V), of rows 1, 2, … V
   * @param highest float32, at least the highest score of items 1 to {@value #BLOCK}, of the next
   *     as many, and so on, as far as is known; not a number where one of a block's is not
   */
  public ItemScores(FloatBuffer values, FloatBuffer highest) {
    this.values = values;
    this.highest = highest;
  }

  /**
   * Scores of which nothing is known.
   *
   * @param scores float32, from {@code start} on row 0, 1, … V; row 0 is not looked at
   * @param items V
   */
  public static ItemScores of(float[] scores, int start, int items) {
    return new ItemScores(
        FloatBuffer.wrap(scores, start + 1, items).slice(), FloatBuffer.allocate(0));
  }

  /** V. */
  int size() {
    return values.limit();
  }

  /** The score of an item's row. */
  float get(int row) {
    return values.get(row - 1);
  }

  /** Makes the items of a prefix no candidates: their scores become negative infinity. */
  public void exclude(Prefix prefix) {
    for (int i = 0; i < prefix.length(); i++) {
      values.put(prefix.clicks()[i] - 1, Float.NEGATIVE_INFINITY);
    }
  }

  /** How many blocks there are: what is known, and one of all that is left. */
  int blocks() {
    return highest.limit() + 1;
  }

  /** A score that none of a block is above, or not a number if one of them is not. */
  float highest(int block) {
    return block < highest.limit() ? highest.get(block) : Float.POSITIVE_INFINITY;
  }

  /** The first row of a block. */
  int first(int block) {
    return block * BLOCK + 1;
  }

  /** The last row of a block. */
  int last(int block) {
    return block < highest.limit() ? (block + 1) * BLOCK : size();
  }
}
