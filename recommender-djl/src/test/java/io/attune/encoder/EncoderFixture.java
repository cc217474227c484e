package io.attune.encoder;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import io.attune.model.EncoderConfig;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** An encoder with initial weights and a table of random item vectors. */
final class EncoderFixture {
  private static final int ITEMS = 20;

  private final NDManager manager;
  private final EncoderConfig config;
  private final SessionEncoder encoder;
  private final Weights weights;
  private final float[] table;

  EncoderFixture(NDManager manager, EncoderConfig config) {
    this.manager = manager;
    this.config = config;
    this.encoder = SessionEncoder.of(config);
    this.weights = new Weights(manager);
    encoder.initialize(weights, new SplittableRandom(4));
    weights.arrays().forEach((name, weight) -> {
      if (name.endsWith("gaps") || name.endsWith("edges")) {
        draw(weight);
      }
    });
    SplittableRandom random = new SplittableRandom(8);
    table = new float[(ITEMS + 1) * config.dimension()];
    for (int i = config.dimension(); i < table.length; i++) {
      table[i] = random.nextFloat() * 2 - 1;
    }
  }

  /** What starts as zeros would tell nothing. */
  private void draw(NDArray biases) {
    SplittableRandom draws = new SplittableRandom(9);
    float[] values = new float[(int) biases.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = draws.nextFloat() * 4 - 2;
    }
    biases.set(new NDIndex("..."), manager.create(values, biases.getShape()));
  }

  /** Replaces a weight. */
  void set(String name, float... values) {
    NDArray weight = weights.get(name);
    weight.set(new NDIndex("..."), manager.create(values, weight.getShape()));
  }

  float[] weight(String name) {
    return weights.get(name).toFloatArray();
  }

  float[] table() {
    return table;
  }

  /** The query vectors, float32 (P, D). */
  float[] encode(List<int[]> sessions, int length, int... positions) {
    return run(timed(sessions, length, positions), false).queries().toFloatArray();
  }

  /** The query vectors of a batch, float32 (P, D). */
  float[] encode(SessionBatch batch) {
    return run(batch, false).queries().toFloatArray();
  }

  /** Sessions whose pauses grow from less than a second to minutes. */
  static SessionBatch timed(List<int[]> sessions, int length, int... positions) {
    SessionBatch bare = SessionBatch.of(sessions, length, positions);
    long[] times = bare.times();
    for (int s = 0; s < sessions.size(); s++) {
      for (int click = 0; click < sessions.get(s).length; click++) {
        times[s * length + click] = 1_700_000_000_000L + s + (long) Math.pow(9, click) * 100;
      }
    }
    return bare;
  }

  SessionEncoder.Encoded run(SessionBatch batch, boolean training) {
    return run(batch, embedded(batch), training);
  }

  private SessionEncoder.Encoded run(SessionBatch batch, NDArray embedded, boolean training) {
    return encoder.encode(
        weights, embedded, Positions.of(manager, batch, encoder.window()), training);
  }

  /** float32 (B, L, D). */
  private NDArray embedded(SessionBatch batch) {
    int d = config.dimension();
    float[] clicks = new float[batch.rows().length * d];
    for (int i = 0; i < batch.rows().length; i++) {
      System.arraycopy(table, batch.rows()[i] * d, clicks, i * d, d);
    }
    return manager.create(clicks, new Shape(batch.sessions(), batch.length(), d));
  }

  /** The gradients of the clicks and of all weights, one after the other. */
  float[] gradient(boolean collectGarbage) {
    weights.setRequiresGradient(true);
    SessionBatch batch =
        timed(List.of(new int[] {3, 9, 4, 7}, new int[] {2, 5}), 4, 0, 1, 2, 3, 4, 5);
    NDArray clicks = embedded(batch);
    clicks.setRequiresGradient(true);
    Torch.seed(11);
    try (GradientCollector collector = Engine.getEngine("PyTorch").newGradientCollector()) {
      SessionEncoder.Encoded encoded = run(batch, clicks, true);
      NDArray sum = encoded.queries().mul(target()).sum();
      if (encoded.halting() != null) {
        sum = sum.add(encoded.halting().cost());
      }
      if (collectGarbage) {
        disturb();
      }
      collector.backward(sum);
    }
    float[] all = clicks.getGradient().toFloatArray();
    for (NDArray weight : weights.trained().values()) {
      NDArray gradient = weight.getGradient();
      float[] values = gradient.toFloatArray();
      int at = all.length;
      all = Arrays.copyOf(all, at + values.length);
      System.arraycopy(values, 0, all, at, values.length);
      gradient.subi(gradient);
    }
    return all;
  }

  /** A direction to pull the queries in, float32 (D): their length may be given. */
  private NDArray target() {
    float[] values = new float[config.dimension()];
    for (int i = 0; i < values.length; i++) {
      values[i] = 1f / (i + 1);
    }
    return manager.create(values);
  }

  private static void disturb() {
    for (int i = 0; i < 3; i++) {
      System.gc();
      // Freed direct memory is handed out again and overwritten.
      for (int j = 0; j < 64; j++) {
        ByteBuffer.allocateDirect(256).putLong(0, 0x7fc07fc07fc07fc0L);
      }
    }
  }
}
