package io.attune.serving;

import io.attune.model.EncoderConfig;
import io.attune.model.GruConfig;
import io.attune.model.ItemSpace;
import io.attune.model.MemoryConfig;
import io.attune.model.NarmConfig;
import io.attune.model.Tensor;
import io.attune.model.TransformerConfig;
import java.util.Arrays;
import java.util.Map;

/**
 * A session encoder in plain Java that takes one click at a time: {@link #start}, {@link #advance}
 * for each click, {@link #query} when a vector is wanted. Its query vectors are those of the
 * encoder it was trained as, up to rounding.
 *
 * <p>Safe for use by several threads, each with states of its own: what a step needs besides its
 * state is kept for each thread and used again.
 */
public abstract sealed class StepEncoder
    permits NarmStepEncoder, GruStepEncoder, MemoryStepEncoder {
  private final EncoderConfig config;
  private final ItemVectors inputs;

  /**
   * An encoder.
   *
   * @param inputs float32 (V + 1, D): what clicks are embedded by
   */
  StepEncoder(EncoderConfig config, ItemVectors inputs) {
    this.config = config;
    this.inputs = inputs;
  }

  /**
   * The encoder of a configuration: the only place that knows which belongs to which.
   *
   * @param weights of the encoder by name, as in a model
   * @param inputs float32 (V + 1, D): what clicks are embedded by
   * @throws IllegalArgumentException when a weight is missing or of another shape than the
   *     configuration says
   */
  public static StepEncoder of(
      EncoderConfig config, Map<String, Tensor> weights, ItemVectors inputs) {
    StepWeights named = new StepWeights(weights);
    return switch (config) {
      case NarmConfig narm -> new NarmStepEncoder(narm, named, inputs);
      case GruConfig gru -> new GruStepEncoder(gru, named, inputs);
      case MemoryConfig memory -> new MemoryStepEncoder(memory, named, inputs);
      case TransformerConfig transformer ->
        throw new IllegalArgumentException("no step encoder for " + transformer);
    };
  }

  /** The state of a session without clicks. */
  public abstract SessionState start();

  /**
   * Adds a click to a session.
   *
   * @param state changed
   * @param item its row, 1 to V
   * @throws IllegalArgumentException when the state is another encoder's, or the row no item's
   */
  public final void advance(SessionState state, int item) {
    requireOwn(state);
    if (item < 1 || item > inputs.size()) {
      throw new IllegalArgumentException(
          "the row of a click must be from 1 to " + inputs.size() + ", not " + item);
    }
    state.add(item);
    step(state, item);
  }

  /**
   * Computes the query vector of a session.
   *
   * @param state not changed
   * @param query written: float32 (D); zeros where the session has no clicks
   * @param attention written: the first L elements, the share of each click, adding up to 1; 0 for
   *     clicks that are no longer looked back on
   * @throws ArithmeticException when an element is not finite
   */
  public final void query(SessionState state, float[] query, float[] attention) {
    requireOwn(state);
    if (query.length != config.dimension() || attention.length < state.length()) {
      throw new IllegalArgumentException(
          "query and attention must have " + config.dimension() + " and " + state.length()
              + " elements, not " + query.length + " and " + attention.length);
    }
    if (state.length() == 0) {
      Arrays.fill(query, 0);
      return;
    }
    int oldest = state.oldestSeen();
    Arrays.fill(attention, 0, oldest, 0);
    float[] seen = look(state, query);
    share(seen, state.seen(), attention, oldest);
    scale(query);
  }

  /** The query vector and the attention of a session, in arrays of their own. */
  public final SessionVector query(SessionState state) {
    float[] query = new float[config.dimension()];
    float[] attention = new float[state.length()];
    query(state, query, attention);
    return new SessionVector(query, state.clicks(), attention);
  }

  /** Takes in the click that was added last. */
  abstract void step(SessionState state, int item);

  /**
   * Computes the query vector of a session with clicks.
   *
   * @param query written, not yet normalised
   * @return the attention weight of each click that is looked back on, oldest first; valid until
   *     the next call of this thread
   */
  abstract float[] look(SessionState state, float[] query);

  final ItemVectors inputs() {
    return inputs;
  }

  private void requireOwn(SessionState state) {
    if (state.owner() != this) {
      throw new IllegalArgumentException(
          "the state was started by another encoder; a state does not outlive its model");
    }
  }

  /** Absolute weights over their sum. */
  private static void share(float[] weights, int count, float[] shares, int at) {
    double sum = 0;
    for (int i = 0; i < count; i++) {
      sum += Math.abs(weights[i]);
    }
    for (int i = 0; i < count; i++) {
      shares[at + i] = sum == 0 ? 1f / count : (float) (Math.abs(weights[i]) / sum);
    }
  }

  /** As items are compared with it: {@code scale · q / |q|}. */
  private void scale(float[] query) {
    ItemSpace space = config.items();
    double squares = 1e-12;
    for (float element : query) {
      squares += (double) element * element;
    }
    if (!(squares < Double.POSITIVE_INFINITY)) {
      throw new ArithmeticException(
          "a query vector is not finite: the weights or an item vector are broken");
    }
    if (space.normalized()) {
      float factor = (float) (space.scale() / Math.sqrt(squares));
      for (int i = 0; i < query.length; i++) {
        query[i] *= factor;
      }
    }
  }
}
