package io.attune.serving;

import io.attune.model.MemoryConfig;
import java.util.Arrays;

/**
 * The attentive memory, one click at a time: a slot holds what of the score depends on the click
 * alone, {@code W1 x}; everything else is asked anew by each query.
 */
final class MemoryStepEncoder extends StepEncoder {
  private final MemoryConfig config;
  private final int dimension; // D
  private final Matrix w1;
  private final Matrix w2;
  private final Matrix w3; // float32 (D, D), as all three
  private final float[] w3Bias;
  private final float[] w0; // float32 (D)
  private final float[] ages; // float32 (W, D), the newest last; empty where ages are not told
  private final Matrix session; // float32 (D, D)
  private final float[] sessionBias;
  private final Matrix last; // float32 (D, D)
  private final float[] lastBias;
  private final ThreadLocal<Scratch> scratch;

  MemoryStepEncoder(MemoryConfig config, StepWeights weights, ItemVectors inputs) {
    super(config, inputs);
    int d = config.dimension();
    this.config = config;
    this.dimension = d;
    this.w1 = weights.matrix("attention.w1", d, d);
    this.w2 = weights.matrix("attention.w2", d, d);
    this.w3 = weights.matrix("attention.w3.w", d, d);
    this.w3Bias = weights.vector("attention.w3.b", d);
    this.w0 = weights.vector("attention.w0", d);
    this.ages = config.agePositions()
        ? weights.matrix("ages", config.lastClicks(), d).values()
        : new float[0];
    this.session = weights.matrix("session.w", d, d);
    this.sessionBias = weights.vector("session.b", d);
    this.last = weights.matrix("last.w", d, d);
    this.lastBias = weights.vector("last.b", d);
    this.scratch = ThreadLocal.withInitial(() -> new Scratch(d));
  }

  private static final class Scratch {
    final float[] x; // float32 (D)
    final float[] key; // float32 (D)
    final float[] background; // float32 (D)
    final float[] asked; // float32 (D)
    final float[] question; // float32 (D)
    final float[] found; // float32 (D)
    float[] weights = {}; // float32 (W), grows to it
    float[] clicks = {}; // float32 (W, D), grows to it

    Scratch(int d) {
      x = new float[d];
      key = new float[d];
      background = new float[d];
      asked = new float[d];
      question = new float[d];
      found = new float[d];
    }

    void require(int seen, int limit) {
      if (weights.length < seen) {
        int room = Math.min(limit, 2 * seen);
        weights = new float[room];
        clicks = new float[room * x.length];
      }
    }
  }

  @Override
  public SessionState start() {
    return new SessionState(this, 0, dimension, config.lastClicks());
  }

  @Override
  void step(SessionState state, int item) {
    Scratch s = scratch.get();
    inputs().copy(item, s.x);
    w1.multiply(s.x, 0, s.key);
    int slot = state.slot(state.length() - 1);
    System.arraycopy(s.key, 0, state.slots(), slot, dimension);
  }

  @Override
  float[] look(SessionState state, float[] query) {
    Scratch s = scratch.get();
    int seen = state.seen();
    s.require(seen, config.lastClicks());
    embed(state, s);
    // s.x is the last click from here on.
    Arrays.fill(s.weights, 0, seen, 1f / seen);
    sum(s, seen);
    w3.multiply(s.found, 0, w3Bias, s.background);
    System.arraycopy(s.x, 0, s.asked, 0, dimension);
    for (int hop = 0; hop < config.hops(); hop++) {
      w2.multiply(s.asked, 0, s.background, s.question);
      score(state, s);
      if (config.softmaxAttention()) {
        Activation.softmax(s.weights, seen);
      }
      sum(s, seen);
      Matrix.add(1, s.found, 0, s.asked, dimension);
    }
    session.multiply(s.found, 0, sessionBias, query);
    Activation.tanh(query, 0, dimension);
    last.multiply(s.x, 0, lastBias, s.question);
    Activation.tanh(s.question, 0, dimension);
    for (int i = 0; i < dimension; i++) {
      query[i] *= s.question[i];
    }
    return s.weights;
  }

  private void embed(SessionState state, Scratch s) {
    for (int i = 0; i < state.seen(); i++) {
      inputs().copy(state.click(state.oldestSeen() + i), s.x);
      System.arraycopy(s.x, 0, s.clicks, i * dimension, dimension);
    }
  }

  /** The clicks under their weights, into {@code s.found}. */
  private void sum(Scratch s, int seen) {
    Arrays.fill(s.found, 0);
    for (int i = 0; i < seen; i++) {
      Matrix.add(s.weights[i], s.clicks, i * dimension, s.found, dimension);
    }
  }

  /** What the question finds in each click, into {@code s.weights}. */
  private void score(SessionState state, Scratch s) {
    int seen = state.seen();
    for (int i = 0; i < seen; i++) {
      System.arraycopy(state.slots(), state.slot(state.oldestSeen() + i), s.key, 0, dimension);
      Matrix.add(1, s.question, 0, s.key, dimension);
      if (ages.length > 0) {
        Matrix.add(1, ages, (config.lastClicks() - seen + i) * dimension, s.key, dimension);
      }
      Activation.sigmoid(s.key, 0, dimension);
      s.weights[i] = InnerProduct.of(w0, s.key, 0);
    }
  }
}
