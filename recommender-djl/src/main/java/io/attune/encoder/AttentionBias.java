package io.attune.encoder;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import io.attune.model.Readout;
import io.attune.model.TimeBias;
import io.attune.model.TimeGaps;
import io.attune.model.TransformerConfig;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link Transformer} adds to the attention score of two clicks for the time between them: a
 * learned number for each head and each bucket of {@link TimeGaps}, and one more for the readout
 * where that attends to the clicks as well.
 */
final class AttentionBias {
  private final TransformerConfig config;
  private final int columns; // C: N, and one for a readout by attention

  AttentionBias(TransformerConfig config) {
    this.config = config;
    this.columns = config.heads() + (config.readout() == Readout.LAST ? 0 : 1);
  }

  void initialize(Weights weights) {
    if (config.timeBias() == TimeBias.GAP) {
      float[] zeros = new float[TimeGaps.BUCKETS * columns];
      weights.add("gaps", zeros, new Shape(TimeGaps.BUCKETS, columns));
    }
  }

  /** The biases of all pairs of clicks, float32 (B, L, L, C); null where there are none. */
  @Nullable
  NDArray of(Weights weights, Positions positions) {
    return config.timeBias() == TimeBias.GAP ? gaps(weights, positions) : null;
  }

  /** Nothing is added where the time is not known. */
  private NDArray gaps(Weights weights, Positions positions) {
    int sessions = positions.sessions();
    int length = positions.length();
    NDManager manager = positions.manager();
    long[] buckets = new long[sessions * length * length];
    Arrays.fill(buckets, TimeGaps.UNKNOWN);
    for (int s = 0; s < sessions; s++) {
      for (int from = 0; from < length; from++) {
        long later = positions.times()[s * length + from];
        for (int to = 0; to <= from; to++) {
          long earlier = positions.times()[s * length + to];
          buckets[(s * length + from) * length + to] = TimeGaps.bucket(earlier, later);
        }
      }
    }
    NDArray index = manager.create(buckets, new Shape(sessions, length, length));
    NDArray nothing = manager.zeros(new Shape(1, columns));
    return Layers.rows(NDArrays.concat(new NDList(weights.get("gaps"), nothing)), index);
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
