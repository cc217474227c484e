package io.attune.encoder;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import io.attune.model.Edges;
import io.attune.model.Readout;
import io.attune.model.SessionGraph;
import io.attune.model.TimeBias;
import io.attune.model.TimeGaps;
import io.attune.model.TransformerConfig;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link Transformer} adds to the attention score of two clicks beside what their vectors
 * say: a learned number for each head and each bucket of the time between them ({@link TimeGaps}),
 * and one for each head and relation of their items ({@link SessionGraph}). All layers share them.
 * A readout by attention has numbers of its own.
 *
 * <p>Source: Raffel et al. 2020, "Exploring the Limits of Transfer Learning with a Unified
 * Text-to-Text Transformer", section 2.1 (a scalar by relative position); Ying et al. 2021, "Do
 * Transformers Really Perform Bad for Graph Representation?", section 3.1.2 (by relation in a
 * graph).
 */
final class AttentionBias {
  private final TransformerConfig config;
  private final int columns; // C: N, and one for a readout by attention

  AttentionBias(TransformerConfig config) {
    this.config = config;
    this.columns = config.heads() + (config.readout() == Readout.LAST ? 0 : 1);
  }

  /** All start at zero. */
  void initialize(Weights weights) {
    if (config.timeBias() == TimeBias.GAP) {
      add(weights, "gaps", TimeGaps.BUCKETS);
    }
    if (config.edges() == Edges.SESSION_GRAPH) {
      add(weights, "edges", SessionGraph.RELATIONS);
    }
  }

  private void add(Weights weights, String name, int rows) {
    weights.add(name, new float[rows * columns], new Shape(rows, columns));
  }

  /** The biases of all pairs of clicks, float32 (B, L, L, C); null where there are none. */
  @Nullable
  NDArray of(Weights weights, Positions positions) {
    NDArray gaps = config.timeBias() == TimeBias.GAP
        ? rows(weights.get("gaps"), gaps(positions), positions)
        : null;
    if (config.edges() == Edges.NONE) {
      return gaps;
    }
    NDArray edges = rows(weights.get("edges"), edges(positions), positions);
    return gaps == null ? edges : gaps.add(edges);
  }

  /**
   * The rows of a table, float32 (K, C) to (B, L, L, C), with nothing for bucket K.
   *
   * @param buckets (B, L, L)
   */
  private NDArray rows(NDArray table, long[] buckets, Positions positions) {
    NDManager manager = positions.manager();
    int length = positions.length();
    NDArray index = manager.create(buckets, new Shape(positions.sessions(), length, length));
    NDArray nothing = manager.zeros(new Shape(1, columns));
    return Layers.rows(NDArrays.concat(new NDList(table, nothing)), index);
  }

  /** The bucket of the time between each click and those before it, (B, L, L). */
  private static long[] gaps(Positions positions) {
    int length = positions.length();
    long[] buckets = new long[positions.sessions() * length * length];
    Arrays.fill(buckets, TimeGaps.UNKNOWN);
    for (int s = 0; s < positions.sessions(); s++) {
      for (int from = 0; from < length; from++) {
        long later = positions.times()[s * length + from];
        for (int to = 0; to <= from; to++) {
          long earlier = positions.times()[s * length + to];
          buckets[(s * length + from) * length + to] = TimeGaps.bucket(earlier, later);
        }
      }
    }
    return buckets;
  }

  /** The relation of each click to those in its window, (B, L, L). */
  private long[] edges(Positions positions) {
    int length = positions.length();
    long[] buckets = new long[positions.sessions() * length * length];
    Arrays.fill(buckets, SessionGraph.UNRELATED);
    int[] relations = new int[length];
    for (int s = 0; s < positions.sessions(); s++) {
      for (int from = 0; from < length; from++) {
        int first = Math.max(0, from - config.lastClicks() + 1);
        SessionGraph.relate(positions.rows(), s * length + first, s * length + from, relations);
        for (int to = first; to <= from; to++) {
          buckets[(s * length + from) * length + to] = relations[to - first];
        }
      }
    }
    return buckets;
  }

  /** The part for the heads: float32 (B, L, L, C) to (B, N, L, L). */
  NDArray ofHeads(NDArray biases) {
    return biases.get(new NDIndex("..., :{}", config.heads())).transpose(0, 3, 1, 2);
  }

  /** The part for the readout at the positions: float32 (B, L, L, C) to (P, W). */
  NDArray ofReadout(NDArray biases, Positions positions) {
    int length = positions.length();
    NDArray table = // float32 (B · L, L)
        biases.get(new NDIndex("..., {}", config.heads())).reshape(-1, length);
    return Layers.rows(table, positions.last()).gather(positions.window().mod(length), 1);
  }
}
