package io.attune.serving;

import io.attune.model.MemoryConfig;
import io.attune.model.Tensor;
import java.util.Arrays;
import java.util.Map;

/** The steps of {@code io.attune.encoder.Memory}. The state is each click's attention key. */
final class MemorySteps implements StepEncoder {
  private final MemoryConfig config;
  private final ItemVectors inputs;
  private final Matrix keys;
  private final Matrix asked;
  private final Matrix background;
  private final float[] w0;
  private final float[] ages; // (W, D), the newest last; empty without
  private final Matrix session;
  private final Matrix last;
  private final ThreadLocal<float[]> scratch;

  MemorySteps(MemoryConfig config, Map<String, Tensor> weights, ItemVectors inputs) {
    int d = config.dimension();
    this.config = config;
    this.inputs = inputs;
    this.keys = Matrix.of(weights, "attention.w1", d, d);
    this.asked = Matrix.of(weights, "attention.w2", d, d);
    this.background = Matrix.linear(weights, "attention.w3", d, d);
    this.w0 = Matrix.weight(weights, "attention.w0", d);
    this.ages = config.agePositions()
        ? Matrix.weight(weights, "ages", config.lastClicks(), d)
        : new float[0];
    this.session = Matrix.linear(weights, "session", d, d);
    this.last = Matrix.linear(weights, "last", d, d);
    this.scratch = ThreadLocal.withInitial(() -> new float[6 * d]);
  }

  @Override
  public SessionState start() {
    return new SessionState(0, config.lastClicks(), config.dimension());
  }

  @Override
  public void advance(SessionState state, int row) {
    float[] buffer = scratch.get();
    inputs.copyItem(row, buffer);
    int at = state.append(row);
    keys.apply(buffer, 0, state.slots, at);
  }

  @Override
  public void query(SessionState state, float[] query, float[] attention) {
    int d = config.dimension();
    int kept = state.kept();
    float[] buffer = scratch.get();
    int click = 0; // the last one
    int found = d;
    int question = 2 * d;
    int base = 3 * d;
    int wanted = 4 * d;
    int mean = 5 * d;
    Arrays.fill(buffer, mean, mean + d, 0);
    for (int i = 0; i < kept; i++) {
      inputs.copy(state.row(i), buffer);
      Arithmetic.addScaled(buffer, mean, 1f / kept, buffer, click, d);
    }
    background.apply(buffer, mean, buffer, base);
    inputs.copy(state.row(kept - 1), buffer);
    System.arraycopy(buffer, click, buffer, wanted, d);
    for (int hop = 0; hop < config.hops(); hop++) {
      System.arraycopy(buffer, base, buffer, question, d);
      asked.add(buffer, wanted, buffer, question);
      for (int i = 0; i < kept; i++) {
        attention[i] = score(state, i, buffer, question);
      }
      if (config.softmaxAttention()) {
        Arithmetic.softmax(attention, kept);
      }
      Arrays.fill(query, 0);
      for (int i = 0; i < kept; i++) {
        inputs.addTo(query, state.row(i), attention[i]);
      }
      System.arraycopy(query, 0, buffer, found, d);
      Arithmetic.addScaled(buffer, wanted, 1, buffer, found, d);
    }
    session.apply(buffer, found, query, 0);
    last.apply(buffer, click, buffer, base);
    for (int j = 0; j < d; j++) {
      query[j] = Arithmetic.tanh(query[j]) * Arithmetic.tanh(buffer[base + j]);
    }
    StepEncoder.scale(config.items(), query);
  }

  private float score(SessionState state, int kept, float[] buffer, int question) {
    int d = config.dimension();
    int key = state.at(kept);
    float sum = 0;
    if (ages.length == 0) {
      for (int j = 0; j < d; j++) {
        sum += w0[j] * Arithmetic.sigmoid(buffer[question + j] + state.slots[key + j]);
      }
    } else {
      int age = (config.lastClicks() - state.kept() + kept) * d;
      for (int j = 0; j < d; j++) {
        float key1 = state.slots[key + j] + ages[age + j];
        sum += w0[j] * Arithmetic.sigmoid(buffer[question + j] + key1);
      }
    }
    return sum;
  }
}
