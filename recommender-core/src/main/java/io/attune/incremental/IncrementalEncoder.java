package io.attune.incremental;

import io.attune.model.Direction;
import io.attune.model.DriftConfig;
import io.attune.model.EncoderConfig;
import io.attune.model.EnsembleConfig;
import io.attune.model.GruConfig;
import io.attune.model.NarmConfig;
import io.attune.model.Similarity;
import io.attune.model.StampConfig;
import io.attune.model.TransformerConfig;
import io.attune.session.Sessions;
import io.attune.vector.Arithmetic;
import io.attune.vector.ItemVectors;
import io.attune.vector.NotFiniteException;
import io.attune.vector.Tensor;
import java.util.Arrays;
import java.util.Map;

/**
 * An encoder in plain Java that goes one step per click. Its query vectors are those of the encoder
 * of the same configuration in {@code io.attune.encoder}.
 *
 * <p>Safe for use by several threads, each with states of its own.
 */
public sealed interface IncrementalEncoder
    permits IncrementalNarm,
        IncrementalGru,
        IncrementalStamp,
        IncrementalTransformer,
        IncrementalEnsemble,
        IncrementalDrift {

  /**
   * The encoder of a configuration.
   *
   * @param weights of the model
   * @param inputs what clicks are embedded by
   * @throws UnsupportedOperationException when a click changes what was made of the earlier ones
   * @throws IllegalArgumentException when a weight is missing
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
      case StampConfig memory -> new IncrementalStamp(memory, weights, inputs);
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
          throw new UnsupportedOperationException("a Transformer of direction both is not"
              + " incremental: each click changes what was made of all earlier ones. Use it for"
              + " batches, or train one of direction causal");
        }
        yield new IncrementalTransformer(transformer, weights, inputs);
      }
    };
  }

  /** The state of a session without clicks. */
  SessionState start();

  /**
   * Goes one click on.
   *
   * @param state changed in place
   * @param row the clicked item, from 1
   * @param time when it was clicked, in milliseconds, or {@link Sessions#NO_TIME}; most encoders do
   *     not look at it
   * @throws IndexOutOfBoundsException when there is no such item; then the state is as before
   */
  void advance(SessionState state, int row, long time);

  /** Goes on by a click of which it is not known when it was made. */
  default void advance(SessionState state, int row) {
    advance(state, row, Sessions.NO_TIME);
  }

  /**
   * The query vector after the clicks so far, at least one.
   *
   * @param query written, float32 (D)
   * @param attention written: for each kept click, oldest first, its weight as the encoder has it;
   *     at least as long as clicks are kept
   * @throws ArithmeticException when an element is not finite
   */
  void query(SessionState state, float[] query, float[] attention);

  /**
   * What a query vector holds whatever was clicked. Its inner product with the vector of an item is
   * the item's drift ({@link DriftConfig}), zero where the encoder has none.
   *
   * @param query written, float32 (D)
   */
  default void constant(float[] query) {
    Arrays.fill(query, 0);
  }

  /**
   * As {@link #query}, with the weights of attention as shares.
   *
   * @param query written, float32 (D)
   * @return for each kept click, oldest first, its share; they add up to 1
   */
  default float[] shares(SessionState state, float[] query) {
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
   * What each attention head of the last layer looks at from the last click, where there are heads.
   *
   * @return float32 (N, kept clicks), oldest click first, each row adding up to 1; without rows
   *     where the encoder has no heads, or before the first click
   */
  default float[][] heads(SessionState state) {
    return new float[0][];
  }

  /**
   * Brings a query vector to the length by which items are compared with it.
   *
   * @throws ArithmeticException when an element is not finite
   */
  static void scale(Similarity items, float[] query) {
    float squares = Arithmetic.dot(query, 0, query, 0, query.length);
    if (!Float.isFinite(squares)) {
      throw new NotFiniteException(
          "a query vector is not finite: the weights or an item vector are broken");
    }
    if (items.normalized()) {
      float factor = (float) (items.scale() / Math.sqrt(squares + 1e-12f));
      for (int i = 0; i < query.length; i++) {
        query[i] *= factor;
      }
    }
  }
}
