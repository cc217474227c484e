package io.attune.encoder;

import ai.djl.ndarray.NDArray;
import io.attune.model.Direction;
import io.attune.model.DriftConfig;
import io.attune.model.EncoderConfig;
import io.attune.model.EnsembleConfig;
import io.attune.model.GruConfig;
import io.attune.model.NarmConfig;
import io.attune.model.StampConfig;
import io.attune.model.TransformerConfig;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A network that turns the embedded clicks of sessions into query vectors. It holds sizes, not
 * weights: those are handed in, so that one network serves training, validation and loading.
 *
 * <p>The query vector of a position depends on the clicks up to it and on nothing else of the
 * batch; where {@link #direction} is both, on all clicks of its session, and what stands at the
 * position itself is not read.
 */
public interface SessionEncoder {

  /** The network of a configuration: the only place that knows which belongs to which. */
  static SessionEncoder of(EncoderConfig config) {
    return switch (config) {
      case NarmConfig narm -> new Narm(narm);
      case TransformerConfig transformer -> new Transformer(transformer);
      case GruConfig gru -> new Gru(gru);
      case StampConfig memory -> new Stamp(memory);
      case EnsembleConfig ensemble -> new EncoderEnsemble(ensemble);
      case DriftConfig drift -> new Drift(drift);
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
   *     up to is the encoder's own affair, 0 where masked. Computed when asked for, while the
   *     batch's arrays are open
   * @param halting how deep positions went, where the encoder decides that by itself
   */
  record Encoded(
      NDArray queries,
      Supplier<NDArray> attention,
      @Nullable Halting halting) {
    static Encoded of(NDArray queries, Supplier<NDArray> attention) {
      return new Encoded(queries, attention, null);
    }
  }

  /**
   * How deep positions went.
   *
   * @param depth float32 (P): layers applied
   * @param cost float32 (1): what training adds to the mean loss, so that no layer is applied in
   *     vain
   */
  record Halting(NDArray depth, NDArray cost) {}

  /** W: how many clicks back from a position this encoder looks by attention. */
  int window();

  /**
   * How many clicks before a position its query vector depends on, where that has an end; for a
   * recurrent unit, which has none, how many it is taught to remember. Training shows as many
   * before the first target of a piece of a long session.
   */
  int reach();

  /**
   * How many numbers the largest array holds that is made for one session.
   *
   * @param length L
   */
  long temporary(int length);

  /** Which clicks a position sees; causal unless said otherwise. */
  default Direction direction() {
    return Direction.CAUSAL;
  }
}
