package io.attune.encoder;

import ai.djl.ndarray.NDArray;
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
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A network that turns the embedded clicks of sessions into query vectors. It holds sizes but no
 * weights: these are passed in, so one network does for training, validation and loading.
 *
 * <p>The query vector of a position depends on the clicks up to it and on nothing else in the
 * batch. Where {@link #direction} is bidirectional it depends on all clicks of the session except
 * the one at the position, which is not read.
 */
public interface SessionEncoder {

  /** The network of a configuration: the only place that knows which belongs to which. */
  static SessionEncoder of(EncoderConfig config) {
    return switch (config) {
      case NarmConfig narm -> new Narm(narm);
      case TransformerConfig transformer -> new Transformer(transformer);
      case GruConfig gru -> new Gru(gru);
      case ConvolutionConfig convolution -> new Convolution(convolution);
      case HierarchicalConfig hierarchical -> new Hierarchical(hierarchical);
      case StampConfig stamp -> new Stamp(stamp);
      case MeanConfig mean -> new Mean(mean);
      case MemoryNetworkConfig memory -> new MemoryNetwork(memory);
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
   * @param clicks float32 (B, L, D): the embedded clicks, oldest first; padding has no effect
   * @param positions which prefixes to encode
   * @param training whether dropout is active; its randomness is the engine's, seeded by the caller
   * @return the encoded positions, attached to the manager of {@code clicks}
   */
  Encoded encode(Weights weights, NDArray clicks, Positions positions, boolean training);

  /**
   * Encoded positions.
   *
   * @param queries float32 (P, D): query vectors
   * @param attention float32 (P, W): the weight of each click in a position's window, 0 where
   *     masked; normalised or not, as the encoder has it. Computed on demand, while the arrays of
   *     the batch are open
   * @param halting the depth of each position, where halting is adaptive
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
   * The depth of each position under adaptive halting.
   *
   * @param depth float32 (P): layers applied
   * @param cost float32 (1): the ponder cost that training adds to the mean loss
   */
  record Halting(NDArray depth, NDArray cost) {}

  /** W: how many clicks back from a position this encoder looks by attention. */
  int window();

  /**
   * How many earlier clicks a query vector depends on. A recurrent unit has no such limit; for it
   * this is how many it is trained to remember. Training shows that many clicks before the first
   * target of each piece of a long session.
   */
  int reach();

  /**
   * The number of elements of the largest array made for one session.
   *
   * @param length L
   */
  long temporary(int length);

  /** Which clicks a position sees; causal unless said otherwise. */
  default Direction direction() {
    return Direction.CAUSAL;
  }
}
