package io.attune.incremental;

import io.attune.model.Readout;
import io.attune.vector.Arithmetic;
import io.attune.vector.ItemVectors;
import java.util.Arrays;

/**
 * Forms a query vector from the last output of a network and the clicked items' vectors, with the
 * weights of {@code io.attune.encoder.QueryReadout}.
 *
 * @param kind what is added up
 * @param attention float32 (D): gives each click its score; empty if the last output is the query
 * @param projection (D, D) of the last output; empty unless it is projected
 */
record QueryReadout(Readout kind, float[] attention, Matrix projection) {

  static QueryReadout of(IncrementalWeights weights, Readout kind, int size) {
    return new QueryReadout(
        kind,
        kind == Readout.LAST ? new float[0] : weights.get("readout.w", size),
        kind == Readout.PROJECTED
            ? Matrix.of(weights, "readout.projection", size, size)
            : Matrix.EMPTY);
  }

  /** The number of scores to keep of each click. */
  int scores() {
    return kind == Readout.LAST ? 0 : 1;
  }

  /** The score of a click by the output at it. */
  float score(float[] output) {
    return Arithmetic.dot(output, 0, attention, 0, attention.length);
  }

  /**
   * Computes the query vector.
   *
   * @param state whose carried part begins with the last output
   * @param shares the attention on each kept click, adding up to 1; not read if the last output is
   *     the query
   */
  void apply(SessionState state, ItemVectors inputs, float[] shares, float[] query) {
    int size = query.length;
    Arrays.fill(query, 0);
    switch (kind) {
      case LAST -> System.arraycopy(state.carried, 0, query, 0, size);
      case MEAN -> {}
      case SUM -> {
        float share = (float) (1 / Math.sqrt(size));
        Arithmetic.addScaled(query, 0, share, state.carried, 0, size);
      }
      case PROJECTED -> projection.add(state.carried, 0, query);
    }
    for (int i = 0; kind != Readout.LAST && i < state.kept(); i++) {
      inputs.addTo(query, state.row(i), shares[i]);
    }
  }
}
