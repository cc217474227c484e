package io.attune.incremental;

import io.attune.model.Readout;
import io.attune.model.TimeBias;
import io.attune.model.TimeGaps;
import io.attune.model.TransformerConfig;
import io.attune.session.Sessions;
import java.util.Arrays;

/**
 * What a Transformer adds to the attention score of two clicks for the time between them. The
 * newest click alone looks back, so a bucket for each kept click is all that is needed.
 */
final class AttentionBias {
  private final int columns; // one per head, and one for a readout by attention
  private final float[] gaps; // (buckets + unknown, columns); empty without a time bias

  AttentionBias(TransformerConfig config, IncrementalWeights weights) {
    this.columns = config.heads() + (config.readout() == Readout.LAST ? 0 : 1);
    this.gaps = config.timeBias() == TimeBias.NONE
        ? new float[0]
        : Arrays.copyOf(
            weights.get("gaps", TimeGaps.BUCKETS, columns), (TimeGaps.BUCKETS + 1) * columns);
  }

  /** The time of a click as it is to be kept: none where no time is looked at. */
  long kept(long time) {
    return gaps.length == 0 ? Sessions.NO_TIME : time;
  }

  /**
   * Computes the bucket of the time between each kept click and the newest.
   *
   * @param buckets (W)
   */
  void bucket(SessionState state, int[] buckets) {
    int kept = gaps.length == 0 ? 0 : state.kept();
    for (int i = 0; i < kept; i++) {
      buckets[i] = TimeGaps.bucket(state.time(i), state.time(kept - 1));
    }
  }

  /**
   * Adds to the scores of the kept clicks.
   *
   * @param column a head, or their number for the readout
   */
  void addTo(float[] scores, int kept, int column, int[] buckets) {
    for (int i = 0; i < kept && gaps.length > 0; i++) {
      scores[i] += gaps[buckets[i] * columns + column];
    }
  }
}
