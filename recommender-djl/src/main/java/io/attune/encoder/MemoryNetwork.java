package io.attune.encoder;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.attune.model.MemoryNetworkConfig;
import java.util.random.RandomGenerator;

/**
 * A memory around another encoder: the session's own query vector finds what was clicked next after
 * similar sessions of other visitors, and a gate joins the two.
 *
 * <p>With the own query {@code c}, the slots' keys {@code k_i} and values {@code v_i}: {@code w =
 * softmax(β · cos(c, k_i))}, {@code o = Σ w_i v_i}, {@code f = σ(W [c / |c|, o] + b)}; finally
 * {@code query = f · c + (1 − f) · s · o}, scaled as the items are compared, where {@code s} is the
 * scale of cosines. A session that may read no slot has {@code query = c}.
 *
 * <p>Source: Graves, Wayne and Danihelka 2014, "Neural Turing Machines": content addressing is
 * equations 5 and 6, reading equation 2. Wang, Ren, Mei, Chen, Ma and de Rijke 2019, "A
 * Collaborative Session-based Recommendation Approach with Parallel Memory Modules" (CSRM): the
 * newest sessions of all visitors as slots, and the fusion gate, a single number as in its authors'
 * code.
 *
 * <p>Differs from the papers: β is a setting; all slots are read, not the k nearest, so that no
 * vector jumps when two slots change places; a slot's value is the vector of the item that was
 * clicked next, not the key; the gate has a bias, which first lets a session mostly be itself; what
 * is read enters the gate as it is, not standardised; each position of a session is a slot.
 *
 * <p>The memory is a weight that no gradient changes; {@code io.attune.training.SessionMemory}
 * writes it. In training, {@link Positions#readable} says what a position may read.
 */
final class MemoryNetwork implements SessionEncoder {
  /** The gate's bias at first: σ(2) = 0.88 of a session's own vector. */
  private static final float MOSTLY_OWN = 2;

  private final MemoryNetworkConfig config;
  private final SessionEncoder encoder;

  MemoryNetwork(MemoryNetworkConfig config) {
    this.config = config;
    this.encoder = SessionEncoder.of(config.encoder());
  }

  @Override
  public int window() {
    return encoder.window();
  }

  @Override
  public int reach() {
    return encoder.reach();
  }

  @Override
  public long temporary(int length) {
    return Math.max(encoder.temporary(length), (long) config.slots() * length);
  }

  @Override
  public void initialize(Weights weights, RandomGenerator random) {
    encoder.initialize(weights, random);
    int d = config.dimension();
    weights.uniform("gate.w", random, (float) (1 / Math.sqrt(2.0 * d)), 2L * d);
    weights.add("gate.b", new float[] {MOSTLY_OWN}, new Shape(1));
    // Drawn as all weights are; training empties it before its first step.
    for (String part : new String[] {MemoryNetworkConfig.KEYS, MemoryNetworkConfig.VALUES}) {
      weights.uniform(part, random, 1, config.slots(), d);
      weights.keepConstant(part);
    }
  }

  @Override
  public Encoded encode(Weights weights, NDArray clicks, Positions positions, boolean training) {
    Encoded encoded = encoder.encode(weights, clicks, positions, training);
    NDArray own = encoded.queries(); // float32 (P, D)
    NDManager manager = own.getManager();
    NDArray keys = weights.get(MemoryNetworkConfig.KEYS).stopGradient(); // float32 (M, D)
    keys.attach(manager); // what is made of it ends with the batch
    NDArray readable = positions.readable() == null ? filled(keys) : positions.readable();

    NDArray key = unit(own); // float32 (P, D)
    NDArray far = Layers.number(manager, 1e9);
    NDArray scores = // float32 (P, M)
        key.matMul(unit(keys).transpose())
            .mul(Layers.number(manager, config.sharpness()))
            .add(readable.sub(1f).mul(far));
    NDArray read = // float32 (P, D)
        scores.softmax(-1).matMul(weights.get(MemoryNetworkConfig.VALUES));
    // Sums, not a matrix product: those with a single column depend on the batch.
    NDArray gate = NDArrays.concat(new NDList(key, read), 1) // float32 (P, 1)
        .mul(weights.get("gate.w"))
        .sum(new int[] {1}, true)
        .add(weights.get("gate.b"));
    // 1 − σ(gate) by a softmax: a sigmoid's last bit depends on its place in a tensor this narrow.
    NDArray other = NDArrays.concat(new NDList(gate, manager.zeros(gate.getShape())), 1)
        .softmax(-1)
        .get(new NDIndex(":, 1:"));
    NDArray any = readable.max(new int[] {1}, true); // float32 (P, 1) or (1, 1)
    NDArray share = other.mul(any); // float32 (P, 1)
    NDArray scale = Layers.number(manager, config.similarity().scale());
    NDArray query = own.add(read.mul(scale).sub(own).mul(share)); // float32 (P, D)
    return new Encoded(
        Layers.query(config.similarity(), query), encoded.attention(), encoded.halting());
  }

  /** 1 at each slot that holds something, float32 (1, M). */
  private static NDArray filled(NDArray keys) {
    return keys.mul(keys)
        .sum(new int[] {1})
        .gt(Layers.number(keys.getManager(), 0))
        .toType(DataType.FLOAT32, false)
        .expandDims(0);
  }

  /** Vectors scaled to length one, float32 (R, D). */
  private static NDArray unit(NDArray vectors) {
    NDManager manager = vectors.getManager();
    NDArray length = // float32 (R, 1)
        vectors
            .mul(vectors)
            .sum(new int[] {1}, true)
            .add(Layers.number(manager, 1e-12))
            .sqrt();
    return vectors.div(length);
  }
}
