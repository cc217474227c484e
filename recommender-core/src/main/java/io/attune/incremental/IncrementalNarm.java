package io.attune.incremental;

import io.attune.model.AttentionScore;
import io.attune.model.NarmConfig;
import io.attune.model.Readout;
import io.attune.vector.Arithmetic;
import io.attune.vector.ItemVectors;
import io.attune.vector.Pool;
import java.util.Arrays;

/**
 * The steps of {@code io.attune.encoder.Narm}. The state is that of the recurrent unit, and for
 * each click of the window the state after it with its attention key.
 */
final class IncrementalNarm implements IncrementalEncoder {
  private final NarmConfig config;
  private final ItemVectors inputs;
  private final GruCell cell;
  private final Question question;
  private final Matrix decoder; // (2H, D); (0, D) where the query is the mean of the clicks
  private final int hidden;
  private final int keySize;
  private final Pool<Scratch> scratch;

  /** How a state is compared with those before it, {@link AttentionScore}. */
  private sealed interface Question {
    record Additive(Matrix asked, Matrix keys, float[] v) implements Question {}

    record General(Matrix asked) implements Question {}

    record Dot(float factor) implements Question {}
  }

  /** Room for one step or query. */
  private static final class Scratch {
    final float[] asked;
    final float[] compared;
    final float[] context; // [global, local]
    final float[] slot;
    final float[] local;
    final float[] shares;

    Scratch(int hidden, int lastClicks) {
      asked = new float[hidden];
      compared = new float[hidden];
      context = new float[2 * hidden];
      slot = new float[hidden];
      local = new float[hidden];
      shares = new float[lastClicks];
    }
  }

  IncrementalNarm(NarmConfig config, IncrementalWeights weights, ItemVectors inputs) {
    this.config = config;
    this.inputs = inputs;
    this.cell = new GruCell(weights, config.dimension(), config.hidden());
    this.hidden = config.hidden();
    this.question = switch (config.score()) {
      case ADDITIVE ->
        new Question.Additive(
            Matrix.of(weights, "attention.a1", hidden, hidden),
            Matrix.of(weights, "attention.a2", hidden, hidden),
            weights.get("attention.v", hidden));
      case GENERAL -> new Question.General(Matrix.of(weights, "attention.a1", hidden, hidden));
      case DOT -> new Question.Dot(1);
      case SCALED_DOT -> new Question.Dot((float) (1 / Math.sqrt(hidden)));
    };
    this.keySize = config.score() == AttentionScore.ADDITIVE ? hidden : 0;
    this.decoder = config.readout() == Readout.MEAN
        ? new Matrix(new float[0][], new float[0])
        : Matrix.of(weights, "decoder.b", 2 * hidden, config.dimension());
    this.scratch = new Pool<>(() -> new Scratch(hidden, config.lastClicks()));
  }

  @Override
  public SessionState start() {
    return new SessionState(hidden, config.lastClicks(), hidden + keySize);
  }

  @Override
  public void advance(SessionState state, int row, long time) {
    cell.step(inputs, row, state.carried);
    int at = state.append(row);
    System.arraycopy(state.carried, 0, state.slots, at, hidden);
    if (question instanceof Question.Additive additive) {
      scratch.use(s -> {
        additive.keys.apply(state.carried, 0, s.asked);
        System.arraycopy(s.asked, 0, state.slots, at + hidden, hidden);
      });
    }
  }

  @Override
  public void query(SessionState state, float[] query, float[] attention) {
    scratch.use(s -> query(state, query, attention, s));
  }

  private void query(SessionState state, float[] query, float[] attention, Scratch s) {
    int kept = state.kept();
    score(state, s, attention);
    Arrays.fill(query, 0);
    if (config.readout() == Readout.LAST) {
      decode(state, s, query, attention);
    } else {
      System.arraycopy(attention, 0, s.shares, 0, kept);
      if (config.readout() == Readout.SUM) {
        decode(state, s, query, attention);
      }
      System.arraycopy(s.shares, 0, attention, 0, kept);
      Arithmetic.softmax(attention, kept);
      for (int i = 0; i < kept; i++) {
        inputs.addTo(query, state.row(i), attention[i]);
      }
    }
    IncrementalEncoder.scale(config.similarity(), query);
  }

  /** Turns scores into weights of attention, and adds the bilinear decoder's part to the query. */
  private void decode(SessionState state, Scratch s, float[] query, float[] attention) {
    int kept = state.kept();
    if (config.softmaxAttention()) {
      Arithmetic.softmax(attention, kept);
    }
    Arrays.fill(s.local, 0);
    for (int i = 0; i < kept; i++) {
      System.arraycopy(state.slots, state.at(i), s.slot, 0, hidden);
      Arithmetic.addScaled(s.local, attention[i], s.slot, hidden);
    }
    System.arraycopy(state.carried, 0, s.context, 0, hidden);
    System.arraycopy(s.local, 0, s.context, hidden, hidden);
    decoder.add(s.context, 0, query);
  }

  private void score(SessionState state, Scratch s, float[] scores) {
    int kept = state.kept();
    switch (question) {
      case Question.Additive additive -> {
        additive.asked.apply(state.carried, 0, s.asked);
        for (int i = 0; i < kept; i++) {
          System.arraycopy(state.slots, state.at(i) + hidden, s.compared, 0, hidden);
          Arithmetic.addScaled(s.compared, 1, s.asked, hidden);
          Arithmetic.sigmoid(s.compared, 0, hidden);
          scores[i] = Arithmetic.dot(s.compared, 0, additive.v, 0, hidden);
        }
      }
      case Question.General general -> {
        general.asked.apply(state.carried, 0, s.asked);
        for (int i = 0; i < kept; i++) {
          scores[i] = Arithmetic.dot(s.asked, 0, state.slots, state.at(i), hidden);
        }
      }
      case Question.Dot dot -> {
        for (int i = 0; i < kept; i++) {
          scores[i] =
              dot.factor * Arithmetic.dot(state.carried, 0, state.slots, state.at(i), hidden);
        }
      }
    }
  }
}
