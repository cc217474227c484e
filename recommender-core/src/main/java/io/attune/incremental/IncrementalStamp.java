package io.attune.incremental;

import io.attune.model.StampConfig;
import io.attune.vector.Arithmetic;
import io.attune.vector.ItemVectors;
import io.attune.vector.ScratchPool;
import java.util.Arrays;

/**
 * The incremental form of {@code io.attune.encoder.Stamp}. The state is the attention key of each
 * click in the window.
 */
final class IncrementalStamp implements IncrementalEncoder {
  private final StampConfig config;
  private final ItemVectors inputs;
  private final Matrix keys;
  private final Matrix queryKeys;
  private final Matrix background;
  private final float[] w0;
  private final float[] ages; // (W, D), the newest last; empty without age positions
  private final Matrix session;
  private final Matrix last;
  private final ScratchPool<Scratch> scratch;

  /** Scratch memory for one step or query, each float32 (D). */
  private static final class Scratch {
    final float[] click; // in a query the newest one
    final float[] sum;
    final float[] background;
    final float[] hopQuery;
    final float[] queryKey;
    final float[] summed;

    Scratch(int d) {
      click = new float[d];
      sum = new float[d];
      background = new float[d];
      hopQuery = new float[d];
      queryKey = new float[d];
      summed = new float[d];
    }
  }

  IncrementalStamp(StampConfig config, IncrementalWeights weights, ItemVectors inputs) {
    int d = config.dimension();
    this.config = config;
    this.inputs = inputs;
    this.keys = Matrix.of(weights, "attention.w1", d, d);
    this.queryKeys = Matrix.of(weights, "attention.w2", d, d);
    this.background = Matrix.linear(weights, "attention.w3", d, d);
    this.w0 = weights.get("attention.w0", d);
    this.ages = config.agePositions() ? weights.get("ages", config.lastClicks(), d) : new float[0];
    this.session = Matrix.linear(weights, "session", d, d);
    this.last = Matrix.linear(weights, "last", d, d);
    this.scratch = new ScratchPool<>(() -> new Scratch(d));
  }

  @Override
  public SessionState start() {
    return new SessionState(0, config.lastClicks(), config.dimension());
  }

  @Override
  public void advance(SessionState state, int row, long time) {
    scratch.use(s -> advance(state, row, s));
  }

  private void advance(SessionState state, int row, Scratch s) {
    inputs.copyItem(row, s.click);
    keys.apply(s.click, 0, s.summed);
    int at = state.append(row);
    System.arraycopy(s.summed, 0, state.slots, at, s.summed.length);
  }

  @Override
  public void query(SessionState state, float[] query, float[] attention) {
    scratch.use(s -> query(state, query, attention, s));
  }

  private void query(SessionState state, float[] query, float[] attention, Scratch s) {
    int d = config.dimension();
    int kept = state.kept();
    Arrays.fill(attention, 0, kept, 1f / kept);
    sum(state, attention, s);
    background.apply(s.sum, 0, s.background);
    inputs.copy(state.row(kept - 1), s.click);
    System.arraycopy(s.click, 0, s.hopQuery, 0, d);
    for (int hop = 0; hop < config.hops(); hop++) {
      System.arraycopy(s.background, 0, s.queryKey, 0, d);
      queryKeys.add(s.hopQuery, 0, s.queryKey);
      for (int i = 0; i < kept; i++) {
        attention[i] = score(state, i, s);
      }
      if (config.softmaxAttention()) {
        Arithmetic.softmax(attention, kept);
      }
      sum(state, attention, s);
      Arithmetic.addScaled(s.hopQuery, 1, s.sum, d);
    }
    session.apply(s.sum, 0, query);
    last.apply(s.click, 0, s.queryKey);
    Arithmetic.tanh(query, 0, d);
    Arithmetic.tanh(s.queryKey, 0, d);
    for (int j = 0; j < d; j++) {
      query[j] *= s.queryKey[j];
    }
    QueryNorm.apply(config.similarity(), query);
  }

  /** Computes the weighted sum of the kept clicks into {@code s.sum}. */
  private void sum(SessionState state, float[] weights, Scratch s) {
    Arrays.fill(s.sum, 0);
    for (int i = 0; i < state.kept(); i++) {
      inputs.addTo(s.sum, state.row(i), weights[i]);
    }
  }

  private float score(SessionState state, int kept, Scratch s) {
    int d = config.dimension();
    System.arraycopy(state.slots, state.at(kept), s.summed, 0, d);
    Arithmetic.addScaled(s.summed, 1, s.queryKey, d);
    if (ages.length > 0) {
      int age = config.lastClicks() - state.kept() + kept;
      Arithmetic.addScaled(s.summed, 0, 1, ages, age * d, d);
    }
    Arithmetic.sigmoid(s.summed, 0, d);
    return Arithmetic.dot(s.summed, 0, w0, 0, d);
  }
}
