package io.attune.incremental;

import io.attune.model.ConvolutionConfig;
import io.attune.model.Direction;
import io.attune.model.DriftConfig;
import io.attune.model.EncoderConfig;
import io.attune.model.EnsembleConfig;
import io.attune.model.GruConfig;
import io.attune.model.HierarchicalConfig;
import io.attune.model.MeanConfig;
import io.attune.model.MemoryNetworkConfig;
import io.attune.model.NarmConfig;
import io.attune.model.StampConfig;
import io.attune.model.TransformerConfig;
import io.attune.session.Sessions;
import io.attune.vector.ItemVectors;
import io.attune.vector.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * A session encoder in plain Java that takes one step per click. Its query vectors equal those of
 * the encoder with the same configuration in {@code io.attune.encoder}, up to rounding.
 *
 * <p>Thread-safe, if each thread uses its own states.
 */
public sealed interface IncrementalEncoder
    permits IncrementalNarm,
        IncrementalGru,
        IncrementalConvolution,
        IncrementalHierarchical,
        IncrementalStamp,
        IncrementalMean,
        IncrementalTransformer,
        IncrementalMemoryNetwork,
        IncrementalEnsemble,
        IncrementalDrift {

  /**
   * Creates the encoder of a configuration.
   *
   * @param weights the weights of the model
   * @param inputs the vectors that clicks are embedded with
   * @throws UnsupportedOperationException if the encoder is not causal, so a click changes the
   *     encoding of earlier ones
   * @throws IllegalArgumentException if a weight is missing or has the wrong shape
   */
  static IncrementalEncoder of(
      EncoderConfig config, Map<String, Tensor> weights, ItemVectors inputs) {
    return of(config, IncrementalWeights.of(weights), inputs);
  }

  private static IncrementalEncoder of(
      EncoderConfig config, IncrementalWeights weights, ItemVectors inputs) {
    return switch (config) {
      case NarmConfig narm -> new IncrementalNarm(narm, weights, inputs);
      case GruConfig gru -> new IncrementalGru(gru, weights, inputs);
      case ConvolutionConfig convolution ->
        new IncrementalConvolution(convolution, weights, inputs);
      case HierarchicalConfig hierarchical ->
        new IncrementalHierarchical(hierarchical, weights, inputs);
      case StampConfig stamp -> new IncrementalStamp(stamp, weights, inputs);
      case MeanConfig mean -> new IncrementalMean(mean, inputs);
      case MemoryNetworkConfig memory ->
        new IncrementalMemoryNetwork(memory, weights, of(memory.encoder(), weights, inputs));
      case EnsembleConfig ensemble -> {
        ItemVectors left = inputs.slice(0, ensemble.first().dimension());
        ItemVectors right = inputs.slice(left.dimension(), ensemble.second().dimension());
        yield new IncrementalEnsemble(
            left.dimension(),
            of(ensemble.first(), weights.named(EnsembleConfig::first), left),
            right.dimension(),
            of(ensemble.second(), weights.named(EnsembleConfig::second), right));
      }
      case DriftConfig drift -> {
        int size = drift.encoder().dimension();
        yield new IncrementalDrift(size, of(drift.encoder(), weights, inputs.slice(0, size)));
      }
      case TransformerConfig transformer -> {
        if (transformer.direction() == Direction.BIDIRECTIONAL) {
          throw new UnsupportedOperationException("a bidirectional Transformer is not incremental:"
              + " each click changes the encoding of all earlier ones. Use it for batches, or train"
              + " a Transformer with direction causal");
        }
        yield new IncrementalTransformer(transformer, weights, inputs);
      }
    };
  }

  /** Returns the state of a session without clicks. */
  SessionState start();

  /**
   * Advances a state by one click.
   *
   * @param state updated in place
   * @param row the item's row, from 1
   * @param time the click's time in milliseconds, or {@link Sessions#NO_TIME}; ignored by most
   *     encoders
   * @throws IndexOutOfBoundsException if there is no such item; the state is unchanged then
   */
  void advance(SessionState state, int row, long time);

  /** Advances a state by one click without a time. */
  default void advance(SessionState state, int row) {
    advance(state, row, Sessions.NO_TIME);
  }

  /**
   * Computes the query vector of a state with at least one click.
   *
   * @param query receives float32 (D)
   * @param attention receives the attention weight of each kept click, oldest first, as the encoder
   *     computes it; must have room for all kept clicks
   * @throws ArithmeticException if an element is not finite
   */
  void query(SessionState state, float[] query, float[] attention);

  /**
   * Computes the part of the query vector that is the same for all sessions. Its inner product with
   * an item vector is the item's popularity drift ({@link DriftConfig}); it is zero for an encoder
   * without drift.
   *
   * @param query receives float32 (D)
   */
  default void constantPart(float[] query) {
    Arrays.fill(query, 0);
  }

  /**
   * Computes the query vector of a state with at least one click, and the attention weights
   * normalised to a sum of 1.
   *
   * @param query receives float32 (D)
   * @return the share of attention of each kept click, oldest first
   * @throws ArithmeticException if an element is not finite
   */
  default float[] encode(SessionState state, float[] query) {
    int kept = state.kept();
    float[] shares = new float[kept];
    query(state, query, shares);
    double sum = 0;
    for (float share : shares) {
      sum += Math.abs(share);
    }
    for (int i = 0; i < kept; i++) {
      shares[i] = sum == 0 ? 1f / kept : (float) (Math.abs(shares[i]) / sum);
    }
    return shares;
  }

  /**
   * Returns this encoder with fewer layers: faster and with smaller states, but less exact than it
   * was trained to be. States of either are of no use to the other.
   *
   * @param layers how many times the shared layer is applied, from 1 to the number in training
   * @throws IllegalArgumentException if that is out of bounds, or the encoder is not a Transformer
   *     whose layers share their weights
   */
  default IncrementalEncoder shallower(int layers) {
    throw new IllegalArgumentException("only a Transformer with sharing shared or halting can have"
        + " fewer layers than it was trained with");
  }

  /**
   * Returns the visit of each kept click, from 0, oldest click first. All are 0 if the encoder does
   * not tell visits apart; so are the clicks of visits that it has forgotten.
   */
  default int[] visits(SessionState state) {
    return new int[state.kept()];
  }

  /**
   * Returns what each head of each layer attends to at the newest click, for explanations: it costs
   * as much as a click.
   *
   * @return the heads of the first layer, then those of the next; none if the encoder has no heads
   *     or the session no clicks
   */
  default List<AttentionHead> heads(SessionState state) {
    return List.of();
  }
}
