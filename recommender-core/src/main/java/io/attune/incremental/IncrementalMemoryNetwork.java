package io.attune.incremental;

import io.attune.model.MemoryNetworkConfig;
import io.attune.vector.Arithmetic;
import io.attune.vector.ScratchPool;
import java.util.Arrays;
import java.util.List;

/**
 * The incremental form of {@code io.attune.encoder.MemoryNetwork}. The state is that of the
 * session's own encoder; the memory is part of the weights and the same for all sessions.
 */
final class IncrementalMemoryNetwork implements IncrementalEncoder {
  /** A share of a slot that changes no digit of what is read. */
  private static final float NEGLIGIBLE = 1e-10f;

  private final MemoryNetworkConfig config;
  private final IncrementalEncoder encoder;
  private final float[] keys; // (slots that are filled, D), of length one
  private final float[][] values; // (slots that are filled, D)
  private final float[] gate; // (2D), for the key and for what is read
  private final float bias;
  private final ScratchPool<Scratch> scratch;

  /** Scratch memory for one query. */
  private static final class Scratch {
    final float[] key;
    final float[] read;
    final float[] shares;

    Scratch(int dimension, int slots) {
      key = new float[dimension];
      read = new float[dimension];
      shares = new float[slots];
    }
  }

  /** Wraps the encoder of the session itself. */
  IncrementalMemoryNetwork(
      MemoryNetworkConfig config, IncrementalWeights weights, IncrementalEncoder encoder) {
    this.config = config;
    this.encoder = encoder;
    int d = config.dimension();
    float[] allKeys = weights.get(MemoryNetworkConfig.KEYS, config.slots(), d);
    float[] allValues = weights.get(MemoryNetworkConfig.VALUES, config.slots(), d);
    float[] found = new float[allKeys.length];
    float[][] held = new float[config.slots()][];
    int filled = 0;
    for (int slot = 0; slot < config.slots(); slot++) {
      float[] key = Arrays.copyOfRange(allKeys, slot * d, (slot + 1) * d);
      if (normalize(key)) {
        System.arraycopy(key, 0, found, filled * d, d);
        held[filled++] = Arrays.copyOfRange(allValues, slot * d, (slot + 1) * d);
      }
    }
    this.keys = Arrays.copyOf(found, filled * d);
    this.values = Arrays.copyOf(held, filled);
    this.gate = weights.get("gate.w", 2L * d);
    this.bias = weights.get("gate.b", 1)[0];
    this.scratch = new ScratchPool<>(() -> new Scratch(d, values.length));
  }

  /** Scales a vector to length one; one of zeros stays as it is. */
  private static boolean normalize(float[] vector) {
    float squares = Arithmetic.dot(vector, 0, vector, 0, vector.length);
    float factor = (float) (1 / Math.sqrt(squares + 1e-12f));
    for (int i = 0; i < vector.length; i++) {
      vector[i] *= factor;
    }
    return squares > 0;
  }

  @Override
  public SessionState start() {
    return encoder.start();
  }

  @Override
  public void advance(SessionState state, int row, long time) {
    encoder.advance(state, row, time);
  }

  @Override
  public void query(SessionState state, float[] query, float[] attention) {
    encoder.query(state, query, attention);
    if (values.length > 0) {
      scratch.use(s -> join(query, s));
    }
  }

  /** Joins a session's own query vector with what it reads. */
  private void join(float[] query, Scratch s) {
    int d = query.length;
    System.arraycopy(query, 0, s.key, 0, d);
    normalize(s.key);
    read(s);
    float f = Arithmetic.sigmoid(
        Arithmetic.dot(gate, 0, s.key, 0, d) + Arithmetic.dot(gate, d, s.read, 0, d) + bias);
    float scale = config.similarity().scale(); // 1 where vectors are not normalised
    for (int i = 0; i < d; i++) {
      query[i] += (1 - f) * (scale * s.read[i] - query[i]);
    }
    QueryNorm.apply(config.similarity(), query);
  }

  /** Reads the memory, addressed by the key. */
  private void read(Scratch s) {
    int d = s.key.length;
    for (int slot = 0; slot < values.length; slot++) {
      s.shares[slot] = config.sharpness() * Arithmetic.dot(s.key, 0, keys, slot * d, d);
    }
    Arithmetic.softmax(s.shares, values.length);
    Arrays.fill(s.read, 0);
    for (int slot = 0; slot < values.length; slot++) {
      if (s.shares[slot] > NEGLIGIBLE) {
        Arithmetic.addScaled(s.read, s.shares[slot], values[slot], d);
      }
    }
  }

  @Override
  public List<AttentionHead> heads(SessionState state) {
    return encoder.heads(state);
  }

  @Override
  public int[] visits(SessionState state) {
    return encoder.visits(state);
  }
}
