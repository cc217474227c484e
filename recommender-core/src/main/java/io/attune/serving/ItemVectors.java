package io.attune.serving;

import io.attune.model.Tensor;
import java.util.function.IntPredicate;

/** A table of item vectors in memory. Row 0, padding, is zero. Safe for use by several threads. */
public final class ItemVectors {
  private final float[] values; // (V + 1, D)
  private final int size;
  private final int dimension;

  /**
   * A table as a model holds it.
   *
   * @param table float32 (V + 1, D); not copied
   */
  public ItemVectors(Tensor table) {
    if (table.shape().length != 2) {
      throw new IllegalArgumentException("item vectors must be a matrix, not " + table);
    }
    this.values = table.values();
    this.size = Math.toIntExact(table.shape()[0] - 1);
    this.dimension = Math.toIntExact(table.shape()[1]);
  }

  /** V, the number of items. */
  public int size() {
    return size;
  }

  /** D, the length of a vector. */
  public int dimension() {
    return dimension;
  }

  /**
   * Copies a vector.
   *
   * @param row from 1
   * @param into written, float32 (D)
   */
  public void copy(int row, float[] into) {
    System.arraycopy(values, row * dimension, into, 0, dimension);
  }

  /**
   * The score of an item.
   *
   * @param query float32 (D)
   */
  public float dot(float[] query, int row) {
    return Arithmetic.dot(query, 0, values, row * dimension, dimension);
  }

  /** Adds a multiple of a vector to one. */
  void addTo(float[] sum, int row, float factor) {
    Arithmetic.addScaled(sum, 0, factor, values, row * dimension, dimension);
  }

  /**
   * The best items, exactly, by one scan of the table.
   *
   * @param query float32 (D)
   * @param count the most to return
   * @param candidate which rows are candidates
   * @return best first, of equal scores the lower row first
   */
  public Top top(float[] query, int count, IntPredicate candidate) {
    int limit = Math.min(count, size);
    Heap best = new Heap(limit);
    for (int row = 1; row <= size && limit > 0; row++) {
      float score = dot(query, row);
      if (best.takes(score) && candidate.test(row)) {
        best.add(row, score);
      }
    }
    return best.sorted();
  }

  /**
   * Rows with their scores.
   *
   * @param rows item rows
   * @param scores of each
   */
  public record Top(int[] rows, float[] scores) {}

  /**
   * The best so far, the worst of them on top. Rows come in rising order, so of equal scores the
   * later one is worse.
   */
  private static final class Heap {
    private final int[] rows;
    private final float[] scores;
    private int size;

    Heap(int limit) {
      rows = new int[limit];
      scores = new float[limit];
    }

    boolean takes(float score) {
      return size < rows.length || score > scores[0];
    }

    void add(int row, float score) {
      if (size < rows.length) {
        int at = size++;
        for (int parent = (at - 1) / 2; at > 0 && !worse(parent, row, score); ) {
          move(parent, at);
          at = parent;
          parent = (at - 1) / 2;
        }
        put(at, row, score);
      } else {
        sink(row, score, size);
      }
    }

    /** Puts an entry in at the top and lets it sink among the first {@code limit}. */
    private void sink(int row, float score, int limit) {
      int at = 0;
      for (int child = 1; child < limit; child = 2 * at + 1) {
        if (child + 1 < limit && worse(child + 1, rows[child], scores[child])) {
          child++;
        }
        if (!worse(child, row, score)) {
          break;
        }
        move(child, at);
        at = child;
      }
      put(at, row, score);
    }

    /** Whether the entry at a place is worse than another. */
    private boolean worse(int at, int row, float score) {
      return scores[at] < score || (scores[at] == score && rows[at] > row);
    }

    private void move(int from, int to) {
      put(to, rows[from], scores[from]);
    }

    private void put(int at, int row, float score) {
      rows[at] = row;
      scores[at] = score;
    }

    Top sorted() {
      int[] sortedRows = new int[size];
      float[] sortedScores = new float[size];
      for (int left = size; left > 0; left--) {
        sortedRows[left - 1] = rows[0];
        sortedScores[left - 1] = scores[0];
        sink(rows[left - 1], scores[left - 1], left - 1);
      }
      return new Top(sortedRows, sortedScores);
    }
  }
}
