package io.attune.serving;

import io.attune.model.AttentionScore;
import io.attune.model.NarmConfig;
import io.attune.model.Readout;
import io.attune.model.Tensor;
import java.util.Arrays;
import java.util.Map;

/**
 * The steps of {@code io.attune.encoder.Narm}. The state is that of the recurrent unit, and for
 * each click of the window the state after it with its attention key.
 */
final class NarmSteps implements StepEncoder {
  private final NarmConfig config;
  private final ItemVectors inputs;
  private final GruCell cell;
  private final Question question;
  private final Matrix decoder; // (2H, D); (0, D) where the query is the mean of the clicks
  private final int hidden;
  private final int keySize;
  private final ThreadLocal<float[]> scratch;

  /** How a state is compared with those before it, {@link AttentionScore}. */
  private sealed interface Question {
    record Additive(Matrix asked, Matrix keys, float[] v) implements Question {}

    record General(Matrix asked) implements Question {}

    record Dot(float factor) implements Question {}
  }

  NarmSteps(NarmConfig config, Map<String, Tensor> weights, ItemVectors inputs) {
    this.config = config;
    this.inputs = inputs;
    this.cell = new GruCell(weights, config.dimension(), config.hidden());
    this.hidden = config.hidden();
    this.question = switch (config.score()) {
      case ADDITIVE ->
        new Question.Additive(
            Matrix.of(weights, "attention.a1", hidden, hidden),
            Matrix.of(weights, "attention.a2", hidden, hidden),
            Matrix.weight(weights, "attention.v", hidden));
      case GENERAL -> new Question.General(Matrix.of(weights, "attention.a1", hidden, hidden));
      case DOT -> new Question.Dot(1);
      case SCALED_DOT -> new Question.Dot((float) (1 / Math.sqrt(hidden)));
    };
    this.keySize = config.score() == AttentionScore.ADDITIVE ? hidden : 0;
    this.decoder = config.readout() == Readout.MEAN
        ? new Matrix(new float[0], 0, config.dimension(), null)
        : Matrix.of(weights, "decoder.b", 2 * hidden, config.dimension());
    int size = 3 * hidden + config.lastClicks();
    this.scratch = ThreadLocal.withInitial(() -> new float[size]);
  }

  @Override
  public SessionState start() {
    return new SessionState(hidden, config.lastClicks(), hidden + keySize);
  }

  @Override
  public void advance(SessionState state, int row) {
    cell.step(inputs, row, state.carried);
    int at = state.append(row);
    System.arraycopy(state.carried, 0, state.slots, at, hidden);
    if (question instanceof Question.Additive additive) {
      additive.keys.apply(state.carried, 0, state.slots, at + hidden);
    }
  }

  @Override
  public void query(SessionState state, float[] query, float[] attention) {
    int kept = state.kept();
    float[] buffer = scratch.get(); // [global, local], what is asked, and scores
    int asked = 2 * hidden;
    score(state, buffer, asked, attention);
    Arrays.fill(query, 0);
    if (config.readout() != Readout.LAST) {
      int shares = asked + hidden;
      System.arraycopy(attention, 0, buffer, shares, kept);
      decode(state, buffer, query, attention);
      System.arraycopy(buffer, shares, attention, 0, kept);
      Arithmetic.softmax(attention, kept);
      for (int i = 0; i < kept; i++) {
        inputs.addTo(query, state.row(i), attention[i]);
      }
    } else {
      decode(state, buffer, query, attention);
    }
    StepEncoder.scale(config.items(), query);
  }

  /** Adds the bilinear decoder's part, and turns scores into weights of attention. */
  private void decode(SessionState state, float[] buffer, float[] query, float[] attention) {
    int kept = state.kept();
    if (config.softmaxAttention()) {
      Arithmetic.softmax(attention, kept);
    }
    if (config.readout() == Readout.MEAN) {
      return;
    }
    System.arraycopy(state.carried, 0, buffer, 0, hidden);
    Arrays.fill(buffer, hidden, 2 * hidden, 0);
    for (int i = 0; i < kept; i++) {
      Arithmetic.addScaled(buffer, hidden, attention[i], state.slots, state.at(i), hidden);
    }
    decoder.add(buffer, 0, query, 0);
  }

  private void score(SessionState state, float[] buffer, int asked, float[] scores) {
    int kept = state.kept();
    switch (question) {
      case Question.Additive additive -> {
        additive.asked.apply(state.carried, 0, buffer, asked);
        for (int i = 0; i < kept; i++) {
          int key = state.at(i) + hidden;
          float sum = 0;
          for (int j = 0; j < hidden; j++) {
            sum += additive.v[j] * Arithmetic.sigmoid(buffer[asked + j] + state.slots[key + j]);
          }
          scores[i] = sum;
        }
      }
      case Question.General general -> {
        general.asked.apply(state.carried, 0, buffer, asked);
        for (int i = 0; i < kept; i++) {
          scores[i] = Arithmetic.dot(buffer, asked, state.slots, state.at(i), hidden);
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
