package io.attune.serving;

import io.attune.model.AttentionScore;
import io.attune.model.NarmConfig;
import io.attune.model.Readout;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * NARM, one click at a time: the memory is the GRU's state h (H); a slot holds the state after its
 * click and, where attention is additive, what of the score depends on the click alone, {@code A2
 * h}. So a click costs the GRU's step and one product, a query two products and one pass over W
 * slots.
 */
final class NarmStepEncoder extends StepEncoder {
  private final NarmConfig config;
  private final int hidden; // H
  private final GruCell cell;
  private final @Nullable Matrix a1; // float32 (H, H), additive and general
  private final @Nullable Matrix a2; // float32 (H, H), additive
  private final float[] v; // float32 (H), additive
  private final @Nullable Matrix decoder; // float32 (2H, D), unless the readout is the mean
  private final ThreadLocal<Scratch> scratch;

  NarmStepEncoder(NarmConfig config, StepWeights weights, ItemVectors inputs) {
    super(config, inputs);
    int h = config.hidden();
    boolean additive = config.score() == AttentionScore.ADDITIVE;
    this.config = config;
    this.hidden = h;
    this.cell = new GruCell(weights, config.dimension(), h);
    this.a1 = additive || config.score() == AttentionScore.GENERAL
        ? weights.matrix("attention.a1", h, h)
        : null;
    this.a2 = additive ? weights.matrix("attention.a2", h, h) : null;
    this.v = additive ? weights.vector("attention.v", h) : new float[0];
    this.decoder = config.readout() == Readout.MEAN
        ? null
        : weights.matrix("decoder.b", 2 * h, config.dimension());
    this.scratch = ThreadLocal.withInitial(() -> new Scratch(config));
  }

  private static final class Scratch {
    final GruCell.Scratch gru;
    final float[] asked; // float32 (H): the last click's side of the scores
    final float[] compared; // float32 (H)
    final float[] context; // float32 (2H): [global, local]
    final float[] local; // float32 (H)
    float[] weights = new float[16]; // float32 (W), grows to it
    float[] shares = new float[16]; // float32 (W), grows to it

    Scratch(NarmConfig config) {
      gru = new GruCell.Scratch(config.dimension(), config.hidden());
      asked = new float[config.hidden()];
      compared = new float[config.hidden()];
      context = new float[2 * config.hidden()];
      local = new float[config.hidden()];
    }
  }

  @Override
  public SessionState start() {
    return new SessionState(this, hidden, a2 == null ? hidden : 2 * hidden, config.lastClicks());
  }

  @Override
  void step(SessionState state, int item) {
    Scratch s = scratch.get();
    inputs().copy(item, s.gru.x);
    cell.step(state.memory, s.gru);
    int slot = state.slot(state.length() - 1);
    System.arraycopy(state.memory, 0, state.slots(), slot, hidden);
    if (a2 != null) {
      a2.multiply(state.memory, 0, s.asked);
      System.arraycopy(s.asked, 0, state.slots(), slot + hidden, hidden);
    }
  }

  @Override
  float[] look(SessionState state, float[] query) {
    Scratch s = scratch.get();
    int seen = state.seen();
    if (s.weights.length < seen) {
      s.weights = new float[Math.min(config.lastClicks(), 2 * seen)];
      s.shares = new float[s.weights.length];
    }
    score(state, s);
    if (config.readout() != Readout.LAST) {
      System.arraycopy(s.weights, 0, s.shares, 0, seen);
      Activation.softmax(s.shares, seen);
    }
    if (decoder != null) {
      if (config.softmaxAttention()) {
        Activation.softmax(s.weights, seen);
      }
      Arrays.fill(s.local, 0);
      for (int i = 0; i < seen; i++) {
        int slot = state.slot(state.oldestSeen() + i);
        Matrix.add(s.weights[i], state.slots(), slot, s.local, hidden);
      }
      System.arraycopy(state.memory, 0, s.context, 0, hidden);
      System.arraycopy(s.local, 0, s.context, hidden, hidden);
      decoder.multiply(s.context, 0, query);
    } else {
      Arrays.fill(query, 0);
    }
    if (config.readout() == Readout.LAST) {
      return s.weights;
    }
    for (int i = 0; i < seen; i++) {
      inputs().copy(state.click(state.oldestSeen() + i), s.gru.x);
      Matrix.add(s.shares[i], s.gru.x, 0, query, query.length);
    }
    return s.shares;
  }

  /** Compares the last state with those looked back on: bare scores into {@code s.weights}. */
  private void score(SessionState state, Scratch s) {
    float factor = 1;
    if (a1 != null) {
      a1.multiply(state.memory, 0, s.asked);
    } else {
      System.arraycopy(state.memory, 0, s.asked, 0, hidden);
      if (config.score() == AttentionScore.SCALED_DOT) {
        factor = (float) (1 / Math.sqrt(hidden));
      }
    }
    int oldest = state.oldestSeen();
    for (int i = 0; i < state.seen(); i++) {
      int slot = state.slot(oldest + i);
      if (a2 == null) {
        s.weights[i] = factor * InnerProduct.of(s.asked, state.slots(), slot);
      } else {
        add(state.slots(), slot + hidden, s.asked, s.compared);
        Activation.sigmoid(s.compared, 0, hidden);
        s.weights[i] = InnerProduct.of(v, s.compared, 0);
      }
    }
  }

  private static void add(float[] a, int from, float[] b, float[] sum) {
    for (int i = 0; i < sum.length; i++) {
      sum[i] = a[from + i] + b[i];
    }
  }
}
