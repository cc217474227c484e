package io.attune.encoder;

import ai.djl.ndarray.NDArray;
import io.attune.model.EncoderConfig;
import io.attune.model.NarmConfig;
import java.util.random.RandomGenerator;

/**
 * A network that turns the embedded clicks of sessions into query vectors. It holds sizes, not
 * weights: those are handed in, so that one network serves training, validation and loading.
 *
 * <p>Causal: the query vector of a position depends on the clicks up to it and on nothing else of
 * the batch.
 */
public interface SessionEncoder {

  /** The network of a configuration: the only place that knows which belongs to which. */
  static SessionEncoder of(EncoderConfig config) {
    return switch (config) {
      case NarmConfig narm -> new Narm(narm);
    };
  }

  /** Adds this encoder's weights with their initial values. */
  void initialize(Weights weights, RandomGenerator random);

  /**
   * Encodes the positions of a batch.
   *
   * @param weights this encoder's weights
   * @param clicks float32 (B, L, D): the embedded clicks, oldest first; what stands in padding has
   *     no effect
   * @param positions which prefixes are wanted
   * @param training whether dropout is active; its randomness is the engine's, seeded by the caller
   * @return what each position became, attached to the manager of {@code clicks}
   */
  Encoded encode(Weights weights, NDArray clicks, Positions positions, boolean training);

  /**
   * Encoded positions.
   *
   * @param queries float32 (P, D): query vectors
   * @param attention float32 (P, W): the weight of each click of a position's window; what they add
   *     up to is the encoder's own affair, 0 where masked
   */
  record Encoded(NDArray queries, NDArray attention) {}

  /** W: how many clicks back from a position this encoder looks by attention. */
  int window();
}
