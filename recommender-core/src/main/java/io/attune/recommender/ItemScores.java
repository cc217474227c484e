package io.attune.recommender;

import io.attune.vector.ClickedScores;
import java.nio.FloatBuffer;

/**
 * The scores of all items after one prefix.
 *
 * <p>If the maximum of each block of items is known in advance, readers skip the blocks that cannot
 * matter, which are most: few items of a catalogue reach the top.
 *
 * <p>Internal: passes scores from encoders to {@link TargetRanks}.
 */
public final class ItemScores {
  /** Items in a block. */
  public static final int BLOCK = 64;

  private static final int MAX_BATCH = 128;
  private static final int MAX_BATCH_SCORES = 1 << 24; // 64 MB

  private final FloatBuffer values; // (V)
  private final FloatBuffer blockMaxima; // (number of blocks with a known maximum)

  /**
   * Scores with known block maxima.
   *
   * @param values float32 (V), of rows 1, 2, … V; {@link #exclude} and {@link #add} write to it
   * @param blockMaxima float32, for each of the first blocks of {@value #BLOCK} items an upper
   *     bound on their scores; NaN for a block that holds a NaN; {@link #add} writes to it
   */
  public ItemScores(FloatBuffer values, FloatBuffer blockMaxima) {
    this.values = values;
    this.blockMaxima = blockMaxima;
  }

  /**
   * Scores without block maxima.
   *
   * @param scores float32, of rows 0, 1, … V from index {@code start} on; row 0 is ignored
   * @param items V
   */
  public static ItemScores of(float[] scores, int start, int items) {
    return new ItemScores(
        FloatBuffer.wrap(scores, start + 1, items).slice(), FloatBuffer.allocate(0));
  }

  /**
   * Returns the number of prefixes to score at once where the scores of all items are held in
   * memory.
   *
   * @param items V
   */
  public static int batchSize(int items) {
    return Math.clamp(MAX_BATCH_SCORES / (items + 1), 1, MAX_BATCH);
  }

  /** V, the number of items. */
  int size() {
    return values.limit();
  }

  /** The score of a row. */
  float get(int row) {
    return values.get(row - 1);
  }

  /**
   * Removes the items of a prefix from the candidates by setting their scores to negative infinity.
   */
  public void exclude(Prefix prefix) {
    for (int i = 0; i < prefix.length(); i++) {
      values.put(prefix.clicks()[i] - 1, Float.NEGATIVE_INFINITY);
    }
  }

  /** Adds to the scores of clicked items, and raises the maxima of their blocks where needed. */
  public void add(ClickedScores clicked) {
    for (int i = 0; i < clicked.rows().length; i++) {
      int at = clicked.rows()[i] - 1;
      float score = values.get(at) + clicked.additions()[i];
      values.put(at, score);
      int block = at / BLOCK;
      if (block < blockMaxima.limit()) {
        blockMaxima.put(block, Math.max(blockMaxima.get(block), score));
      }
    }
  }

  /** The number of blocks: those with a known maximum, and one for the rest. */
  int blocks() {
    return blockMaxima.limit() + 1;
  }

  /** An upper bound on the scores of a block; NaN if it holds a NaN. */
  float blockMax(int block) {
    return block < blockMaxima.limit() ? blockMaxima.get(block) : Float.POSITIVE_INFINITY;
  }

  /** The first row of a block. */
  int firstRow(int block) {
    return block * BLOCK + 1;
  }

  /** The last row of a block. */
  int lastRow(int block) {
    return block < blockMaxima.limit() ? (block + 1) * BLOCK : size();
  }
}
