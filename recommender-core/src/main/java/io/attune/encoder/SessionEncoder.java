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
   * @return float32 (P, D): a query vector for each position, attached to the manager of {@code
   *     clicks}
   */
  NDArray encode(Weights weights, NDArray clicks, Positions positions, boolean training);

  /** W: how many clicks back from a position this encoder looks by attention. */
  int window();
}
