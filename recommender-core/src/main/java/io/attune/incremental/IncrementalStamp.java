package io.attune.incremental;

import io.attune.model.StampConfig;
import io.attune.vector.Arithmetic;
import io.attune.vector.ItemVectors;
import io.attune.vector.Pool;
import java.util.Arrays;

/** The steps of {@code io.attune.encoder.Stamp}. The state is each click's attention key. */
final class IncrementalStamp implements IncrementalEncoder {
  private final StampConfig config;
  private final ItemVectors inputs;
  private final Matrix keys;
  private final Matrix asked;
  private final Matrix background;
  private final float[] w0;
  private final float[] ages; // (W, D), the newest last; empty without
  private final Matrix session;
  private final Matrix last;
  private final Pool<Scratch> scratch;

  /** Room for one step or query, each float32 (D). */
  private static final class Scratch {
    final float[] click; // in a query the last one
    final float[] sum;
    final float[] background;
    final float[] wanted;
    final float[] question;
    final float[] compared;

    Scratch(int d) {
      click = new float[d];
      sum = new float[d];
      background = new float[d];
      wanted = new float[d];
      question = new float[d];
      compared = new float[d];
    }
  }

  IncrementalStamp(StampConfig config, IncrementalWeights weights, ItemVectors inputs) {
    int d = config.dimension();
    this.config = config;
    this.inputs = inputs;
    this.keys = Matrix.of(weights, "attention.w1", d, d);
    this.asked = Matrix.of(weights, "attention.w2", d, d);
    this.background = Matrix.linear(weights, "attention.w3", d, d);
    this.w0 = weights.get("attention.w0", d);
    this.ages = config.agePositions() ? weights.get("ages", config.lastClicks(), d) : new float[0];
    this.session = Matrix.linear(weights, "session", d, d);
    this.last = Matrix.linear(weights, "last", d, d);
    this.scratch = new Pool<>(() -> new Scratch(d));
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
    keys.apply(s.click, 0, s.compared);
    int at = state.append(row);
    System.arraycopy(s.compared, 0, state.slots, at, s.compared.length);
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
    System.arraycopy(s.click, 0, s.wanted, 0, d);
    for (int hop = 0; hop < config.hops(); hop++) {
      System.arraycopy(s.background, 0, s.question, 0, d);
      asked.add(s.wanted, 0, s.question);
      for (int i = 0; i < kept; i++) {
        attention[i] = score(state, i, s);
      }
      if (config.softmaxAttention()) {
        Arithmetic.softmax(attention, kept);
      }
      sum(state, attention, s);
      Arithmetic.addScaled(s.wanted, 1, s.sum, d);
    }
    session.apply(s.sum, 0, query);
    last.apply(s.click, 0, s.question);
    Arithmetic.tanh(query, 0, d);
    Arithmetic.tanh(s.question, 0, d);
    for (int j = 0; j < d; j++) {
      query[j] *= s.question[j];
    }
    IncrementalEncoder.scale(config.similarity(), query);
  }

  /** The kept clicks under weights, into {@code s.sum}. */
  private void sum(SessionState state, float[] weights, Scratch s) {
    Arrays.fill(s.sum, 0);
    for (int i = 0; i < state.kept(); i++) {
      inputs.addTo(s.sum, state.row(i), weights[i]);
    }
  }

  private float score(SessionState state, int kept, Scratch s) {
    int d = config.dimension();
    System.arraycopy(state.slots, state.at(kept), s.compared, 0, d);
    Arithmetic.addScaled(s.compared, 1, s.question, d);
    if (ages.length > 0) {
      int age = config.lastClicks() - state.kept() + kept;
      Arithmetic.addScaled(s.compared, 0, 1, ages, age * d, d);
    }
    Arithmetic.sigmoid(s.compared, 0, d);
    return Arithmetic.dot(s.compared, 0, w0, 0, d);
  }
}
