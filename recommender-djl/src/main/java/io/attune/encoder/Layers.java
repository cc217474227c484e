package io.attune.encoder;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import io.attune.model.Similarity;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/** What encoders are made of. All results can take part in a backward pass. */
final class Layers {
  /** How many clicks back training shows a recurrent unit, beyond those that are looked back on. */
  static final int REMEMBERED = 50;

  private static final float NORM_EPSILON = 1e-5f;

  private Layers() {}

  /** The rows of {@code table} (R, H) at {@code index} (…), as (…, H). */
  static NDArray rows(NDArray table, NDArray index) {
    return index
        .getNDArrayInternal()
        .embedding(index, table, SparseFormat.DENSE)
        .singletonOrThrow();
  }

  /** Drops a share of the elements, and scales up the others; nothing outside training. */
  static NDArray dropout(NDArray x, float rate, boolean training) {
    return training && rate > 0
        ? x.getNDArrayInternal().dropout(x, rate, true).singletonOrThrow()
        : x;
  }

  /**
   * A number as a tensor. Where gradients are collected, the engine must not be given a Java
   * number.
   *
   * @return float32 (1)
   */
  static NDArray number(NDManager manager, double value) {
    return manager.full(new Shape(1), (float) value, DataType.FLOAT32);
  }

  /** Adds the weights of {@link #linear}. */
  static void addLinear(Weights weights, String name, RandomGenerator random, int in, int out) {
    float bound = (float) (1 / Math.sqrt(in));
    weights.uniform(name + ".w", random, bound, in, out);
    weights.uniform(name + ".b", random, 0, out);
  }

  /** {@code x W + b}: float32 (R, in) to (R, out). */
  static NDArray linear(Weights weights, String name, NDArray x) {
    return x.matMul(weights.get(name + ".w")).add(weights.get(name + ".b"));
  }

  /** Adds the weights of {@link #norm}. */
  static void addNorm(Weights weights, String name, int size) {
    float[] ones = new float[size];
    Arrays.fill(ones, 1);
    weights.add(name + ".gain", ones, new Shape(size));
    weights.add(name + ".bias", new float[size], new Shape(size));
  }

  /** Layer normalisation over the last axis (Ba, Kiros and Hinton 2016, equation 3). */
  static NDArray norm(Weights weights, String name, NDArray x) {
    NDArray gain = weights.get(name + ".gain");
    return x.getNDArrayInternal()
        .layerNorm(x, gain.getShape(), gain, weights.get(name + ".bias"), NORM_EPSILON)
        .singletonOrThrow();
  }

  /** Adds the weights of {@link #gru}. */
  static void addGru(Weights weights, RandomGenerator random, int in, int hidden) {
    float bound = (float) (1 / Math.sqrt(hidden));
    weights.uniform("gru.w_ih", random, bound, 3L * hidden, in);
    weights.uniform("gru.w_hh", random, bound, 3L * hidden, hidden);
    weights.uniform("gru.b_ih", random, bound, 3L * hidden);
    weights.uniform("gru.b_hh", random, bound, 3L * hidden);
  }

  /**
   * The states of a gated recurrent unit after each click, starting from zeros (Cho et al. 2014,
   * equations 5 to 8; the engine's form, which gates the hidden part of the candidate after its
   * product).
   *
   * @param clicks float32 (B, L, D)
   * @return float32 (B · L, H)
   */
  static NDArray gru(Weights weights, NDArray clicks, boolean training) {
    NDList separate = new NDList(
        weights.get("gru.w_ih"),
        weights.get("gru.w_hh"),
        weights.get("gru.b_ih"),
        weights.get("gru.b_hh"));
    // On a GPU the engine would do this itself at each call, and complain each time.
    NDList parameters = clicks.getDevice().isGpu() ? sideBySide(separate) : separate;
    long hidden = parameters.get(1).getShape().get(1);
    NDArray start = clicks.getManager().zeros(new Shape(1, clicks.getShape().get(0), hidden));
    return clicks
        .getNDArrayInternal()
        .gru(clicks, start, parameters, true, 1, 0, training, false, true)
        .get(0)
        .reshape(-1, hidden);
  }

  /** The same arrays as parts of one, in their order. */
  static NDList sideBySide(NDList arrays) {
    NDList flat = new NDList();
    arrays.forEach(array -> flat.add(array.flatten()));
    NDArray all = NDArrays.concat(flat);
    NDList parts = new NDList();
    long from = 0;
    for (NDArray array : arrays) {
      parts.add(all.get(new NDIndex("{}:{}", from, from + array.size())).reshape(array.getShape()));
      from += array.size();
    }
    return parts;
  }

  /**
   * Attention weights over the window of each position: a softmax over the clicks in it, or the
   * bare scores; zero where masked.
   *
   * @param scores float32 (P, W)
   */
  static NDArray attention(NDArray scores, Positions positions, boolean softmax) {
    return softmax ? softmax(scores, positions.mask()) : scores.mul(positions.mask());
  }

  /** A softmax over what is not masked: float32 (P, W), like the mask. */
  static NDArray softmax(NDArray scores, NDArray mask) {
    // A masked score is far below any other, so that its share is exactly zero.
    NDArray far = number(mask.getManager(), 1e9);
    return scores.add(mask.sub(1f).mul(far)).softmax(-1);
  }

  /**
   * The weighted sums of a window: (P, W) and (P, W, H) to (P, H). Not a matrix product: those of
   * one row add in an order that depends on W, and so on the other sessions of a batch.
   */
  static NDArray sums(NDArray attention, NDArray seen) {
    return attention.expandDims(2).mul(seen).sum(new int[] {1});
  }

  /** The inner products with the vectors of a window: (P, H) and (P, W, H) to (P, W). */
  static NDArray products(NDArray query, NDArray seen) {
    return seen.mul(query.expandDims(1)).sum(new int[] {2}); // as sums, no matrix product
  }

  /** The query vector as items are compared with it: {@code scale · q / |q|}, float32 (P, D). */
  static NDArray query(Similarity items, NDArray query) {
    if (!items.normalized()) {
      return query;
    }
    NDManager manager = query.getManager();
    NDArray length = // float32 (P, 1)
        query.mul(query).sum(new int[] {1}, true).add(number(manager, 1e-12)).sqrt();
    return query.mul(number(manager, items.scale()).div(length));
  }
}
