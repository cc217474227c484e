package io.attune.serving;

import io.attune.model.PairConfig;
import io.attune.model.Tensor;
import java.util.HashMap;
import java.util.Map;
import java.util.function.UnaryOperator;

/** The steps of {@code io.attune.encoder.Pair}. The state is that of both. */
final class PairSteps implements StepEncoder {
  private final int cut;
  private final int dimension;
  private final StepEncoder first;
  private final StepEncoder second;

  PairSteps(PairConfig config, Map<String, Tensor> weights, ItemVectors inputs) {
    this.cut = config.first().dimension();
    this.dimension = config.dimension();
    this.first = StepEncoder.of(
        config.first(), named(weights, PairConfig::first), new ColumnVectors(inputs, 0, cut));
    this.second = StepEncoder.of(
        config.second(),
        named(weights, PairConfig::second),
        new ColumnVectors(inputs, cut, dimension - cut));
  }

  /** The weights of one of both by its own names for them. */
  private static Map<String, Tensor> named(
      Map<String, Tensor> weights, UnaryOperator<String> naming) {
    String prefix = naming.apply("");
    Map<String, Tensor> own = new HashMap<>();
    weights.forEach((name, weight) -> {
      if (name.startsWith(prefix)) {
        own.put(name.substring(prefix.length()), weight);
      }
    });
    return own;
  }

  @Override
  public SessionState start() {
    return SessionState.of(first.start(), second.start());
  }

  @Override
  public void advance(SessionState state, int row, long time) {
    first.advance(state.part(0), row, time);
    second.advance(state.part(1), row, time);
    state.append(row);
  }

  @Override
  public void query(SessionState state, float[] query, float[] attention) {
    SessionVector one = first.vector(state.part(0), cut);
    SessionVector other = second.vector(state.part(1), dimension - cut);
    for (int i = 0; i < dimension; i++) {
      float element = i < cut ? one.query()[i] : other.query()[i - cut];
      query[i] = PairConfig.SHARE * element;
    }
    int kept = state.kept();
    for (int i = 0; i < kept; i++) {
      attention[i] = (share(one, i - kept) + share(other, i - kept)) / 2;
    }
  }

  /** The share of a click, counted from behind; none where an encoder looks back on fewer. */
  private static float share(SessionVector vector, int fromBehind) {
    int at = vector.attention().length + fromBehind;
    return at < 0 ? 0 : vector.attention()[at];
  }

  /** The heads of the first encoder, and behind them those of the second. */
  @Override
  public float[][] heads(SessionState state) {
    float[][] one = first.heads(state.part(0));
    float[][] other = second.heads(state.part(1));
    float[][] all = new float[one.length + other.length][state.kept()];
    for (int i = 0; i < all.length; i++) {
      float[] head = i < one.length ? one[i] : other[i - one.length];
      System.arraycopy(head, 0, all[i], state.kept() - head.length, head.length);
    }
    return all;
  }
}
