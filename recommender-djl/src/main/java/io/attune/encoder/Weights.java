package io.attune.encoder;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;

/**
 * The named weights of an encoder, in the order in which they were added.
 *
 * <p>Initial values are drawn in Java, so that a seed gives the same weights on every engine and
 * device. The arrays belong to the manager that was passed in; closing it frees them.
 */
public final class Weights {
  private final NDManager manager;
  private final Map<String, NDArray> arrays;
  private final UnaryOperator<String> naming;
  private final Set<String> constants;

  public Weights(NDManager manager) {
    this(manager, new LinkedHashMap<>(), new HashSet<>(), UnaryOperator.identity());
  }

  private Weights(
      NDManager manager,
      Map<String, NDArray> arrays,
      Set<String> constants,
      UnaryOperator<String> naming) {
    this.manager = manager;
    this.arrays = arrays;
    this.constants = constants;
    this.naming = naming;
  }

  /**
   * A view for one of several encoders that share these weights.
   *
   * @param name maps the encoder's own name of a weight to its name among all
   */
  Weights named(UnaryOperator<String> name) {
    return new Weights(manager, arrays, constants, name);
  }

  /**
   * Adds a weight drawn uniformly from {@code [-bound, bound)}.
   *
   * @param name its name in the model file
   * @param bound half the width of the range; 0 gives zeros
   * @param shape its sizes
   * @throws IllegalArgumentException when the name is taken
   */
  public void uniform(String name, RandomGenerator random, float bound, long... shape) {
    Shape sizes = new Shape(shape);
    float[] values = new float[Math.toIntExact(sizes.size())];
    for (int i = 0; bound > 0 && i < values.length; i++) {
      values[i] = (random.nextFloat() * 2 - 1) * bound;
    }
    add(name, values, sizes);
  }

  /** Adds a weight whose values are known, such as one read from a model file. */
  public void add(String name, float[] values, Shape shape) {
    String full = naming.apply(name);
    if (arrays.containsKey(full)) {
      throw new IllegalArgumentException("weight " + full + " exists already");
    }
    arrays.put(full, manager.create(values, shape));
  }

  /**
   * The weight of a name.
   *
   * @throws IllegalArgumentException when there is none
   */
  public NDArray get(String name) {
    String full = naming.apply(name);
    NDArray array = arrays.get(full);
    if (array == null) {
      throw new IllegalArgumentException("no weight " + full + " among " + arrays.keySet());
    }
    return array;
  }

  /** All weights by name, in order of addition; a view. */
  public Map<String, NDArray> arrays() {
    return Collections.unmodifiableMap(arrays);
  }

  /**
   * Makes a weight one that no gradient changes, such as a memory.
   *
   * @param name of a weight that was added
   */
  void keepConstant(String name) {
    get(name);
    constants.add(naming.apply(name));
  }

  /** The weights that gradients change, by name, in order of addition. */
  public Map<String, NDArray> trained() {
    Map<String, NDArray> trained = new LinkedHashMap<>(arrays);
    trained.keySet().removeAll(constants);
    return trained;
  }

  /** All weights in order of addition. */
  public NDList list() {
    return new NDList(arrays.values());
  }

  /** Makes the engine collect gradients for all weights, or stop doing so. */
  public void setRequiresGradient(boolean required) {
    trained().values().forEach(array -> array.setRequiresGradient(required));
  }
}
