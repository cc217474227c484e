package io.attune.model;

import java.util.Arrays;

/**
 * The graph of a session: its nodes are items, and an edge leads from an item to the one that was
 * clicked directly after it. A click relates to each earlier one by the edges between their items
 * among the clicks so far, so no relation changes when more follow.
 *
 * <p>Source: Wu, Tang, Zhu, Wang, Xie and Tan 2019, "Session-based Recommendation with Graph Neural
 * Networks", equation 1, whose matrix has the incoming and outgoing edges of a session graph.
 *
 * <p>Differs from the paper: edges are not weighted by how often they were walked; relations are
 * those of the clicks in the attention window.
 *
 * <p>Internal: shared by both implementations of the Transformer.
 */
public final class SessionGraph {
  /** Both clicks are on one item. */
  public static final int SAME = 0;

  /** An edge leads from the earlier click's item to that of the newest. */
  public static final int INCOMING = 1;

  /** An edge leads from the newest click's item to that of the earlier one. */
  public static final int OUTGOING = 2;

  /** There are edges both ways. */
  public static final int MUTUAL = 3;

  /** The number of relations that have a bias. */
  public static final int RELATIONS = 4;

  /** No edge: the relation without a bias, after the others. */
  public static final int UNRELATED = RELATIONS;

  private SessionGraph() {}

  /**
   * Finds the relation of each click of a window to its newest one, in time that is linear in the
   * window but for a logarithm.
   *
   * @param rows item rows, oldest click first
   * @param first the oldest click of the window
   * @param newest the newest
   * @param relations receives those of clicks {@code first} to {@code newest}, from index 0
   */
  public static void relate(int[] rows, int first, int newest, int[] relations) {
    int item = rows[newest];
    int[] before = new int[newest - first];
    int[] after = new int[newest - first];
    int incoming = 0;
    int outgoing = 0;
    for (int click = first; click < newest; click++) {
      if (rows[click + 1] == item) {
        before[incoming++] = rows[click];
      }
      if (rows[click] == item) {
        after[outgoing++] = rows[click + 1];
      }
    }
    Arrays.sort(before, 0, incoming);
    Arrays.sort(after, 0, outgoing);
    for (int click = first; click <= newest; click++) {
      int row = rows[click];
      boolean in = Arrays.binarySearch(before, 0, incoming, row) >= 0;
      boolean out = Arrays.binarySearch(after, 0, outgoing, row) >= 0;
      relations[click - first] =
          row == item ? SAME : in && out ? MUTUAL : in ? INCOMING : out ? OUTGOING : UNRELATED;
    }
  }
}
