package io.attune.incremental;

import io.attune.model.Edges;
import io.attune.model.Readout;
import io.attune.model.SessionGraph;
import io.attune.model.TimeBias;
import io.attune.model.TimeGaps;
import io.attune.model.TransformerConfig;
import io.attune.session.Sessions;
import io.attune.vector.Arithmetic;
import java.util.Arrays;

/**
 * The incremental form of {@code io.attune.encoder.AttentionBias}. The newest click alone looks
 * back, so what is needed is a number for each kept click and each head, and the readout.
 */
final class AttentionBias {
  private final int columns; // C: one per head, and one for a readout by attention
  private final int window; // W
  private final float[] gaps; // (buckets + unknown, C); empty without a time bias
  private final float[] edges; // (relations + unrelated, C); empty without a graph

  AttentionBias(TransformerConfig config, IncrementalWeights weights) {
    this.columns = config.heads() + (config.readout() == Readout.LAST ? 0 : 1);
    this.window = config.lastClicks();
    this.gaps =
        config.timeBias() == TimeBias.GAP ? table(weights, "gaps", TimeGaps.BUCKETS) : new float[0];
    this.edges = config.edges() == Edges.SESSION_GRAPH
        ? table(weights, "edges", SessionGraph.RELATIONS)
        : new float[0];
  }

  /** A weight, with zeros for what has no bias. */
  private float[] table(IncrementalWeights weights, String name, int rows) {
    return Arrays.copyOf(weights.get(name, rows, columns), (rows + 1) * columns);
  }

  /** The time of a click as it is to be kept: none where no time is looked at. */
  long kept(long time) {
    return gaps.length == 0 ? Sessions.NO_TIME : time;
  }

  /** The biases between the newest click and each kept one. For one step or query at a time. */
  final class Biases {
    private final float[] sums = new float[columns * window]; // (C, W)
    private final int[] rows = new int[edges.length == 0 ? 0 : window];
    private final int[] relations = new int[rows.length];

    /** Computes them for the newest click of a state. */
    void compute(SessionState state) {
      int kept = state.kept();
      Arrays.fill(sums, 0);
      for (int i = 0; i < kept && gaps.length > 0; i++) {
        add(gaps, TimeGaps.bucket(state.time(i), state.time(kept - 1)), i);
      }
      if (edges.length > 0) {
        for (int i = 0; i < kept; i++) {
          rows[i] = state.row(i);
        }
        SessionGraph.relate(rows, 0, kept - 1, relations);
        for (int i = 0; i < kept; i++) {
          add(edges, relations[i], i);
        }
      }
    }

    private void add(float[] table, int bucket, int click) {
      for (int column = 0; column < columns; column++) {
        sums[column * window + click] += table[bucket * columns + column];
      }
    }

    /**
     * Adds to the scores of the kept clicks.
     *
     * @param column a head, or their number for the readout
     */
    void addTo(float[] scores, int kept, int column) {
      if (gaps.length + edges.length > 0) {
        Arithmetic.addScaled(scores, 0, 1, sums, column * window, kept);
      }
    }
  }
}
