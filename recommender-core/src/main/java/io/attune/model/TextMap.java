package io.attune.model;

import io.attune.vector.Tensor;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A linear map of what is written about an item to a vector of one table: features that occur in
 * texts of many items with one vector mean that vector.
 *
 * @param rarity (F): how rare each feature is among the texts that it was learned from
 * @param weights float32 (F, D): the part of each feature
 * @param length of the vectors that it makes
 */
public record TextMap(float[] rarity, Tensor weights, float length) {
  private static final String PREFIX = "texts.";

  /** Checks the shapes. */
  public TextMap {
    if (weights.shape().length != 2 || weights.shape()[0] != rarity.length || rarity.length == 0) {
      throw new IllegalArgumentException("the model's weights of texts should be of shape ("
          + rarity.length + " features, elements), but are " + weights);
    }
    if (!(length >= 0 && length < Float.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "vectors from texts should be of a length of 0 or more, not " + length);
    }
  }

  /** D, the number of elements of a vector. */
  public int dimension() {
    return Math.toIntExact(weights.shape()[1]);
  }

  /** The same with vectors of another length. */
  public TextMap withLength(float other) {
    return new TextMap(rarity, weights, other);
  }

  /**
   * Writes the vector that a text gives an item.
   *
   * @param into receives D elements from {@code from}; unchanged where no word of the text is known
   * @return whether a word is known
   */
  public boolean vector(String text, float[] into, int from) {
    TextFeatures features = TextFeatures.of(text, rarity.length);
    float[] values = features.weights(rarity);
    double[] sum = new double[dimension()];
    for (int i = 0; i < values.length; i++) {
      int row = features.places()[i] * sum.length;
      for (int k = 0; k < sum.length; k++) {
        sum[k] += values[i] * weights.values()[row + k];
      }
    }
    double norm = Math.sqrt(Arrays.stream(sum).map(value -> value * value).sum());
    if (!(norm > 0)) {
      return false;
    }
    for (int k = 0; k < sum.length; k++) {
      into[from + k] = (float) (length * sum[k] / norm);
    }
    return true;
  }

  /**
   * Adds the map to the weights of a model of one encoder.
   *
   * @param table the table whose vectors it makes, such as {@link Model#ITEMS}
   */
  public void addTo(Map<String, Tensor> model, String table) {
    model.put(PREFIX + table, weights);
    model.put(PREFIX + table + ".rarity", new Tensor(new long[] {rarity.length}, rarity));
    model.put(PREFIX + table + ".length", new Tensor(new long[] {1}, new float[] {length}));
  }

  /**
   * The map of a model of one encoder.
   *
   * @param table as for {@link #addTo}
   * @return null if the model was trained without texts
   * @throws IllegalArgumentException if it is incomplete or of a wrong shape
   */
  static @Nullable TextMap of(Map<String, Tensor> model, String table) {
    Tensor weights = model.get(PREFIX + table);
    Tensor rarity = model.get(PREFIX + table + ".rarity");
    Tensor length = model.get(PREFIX + table + ".length");
    if (weights == null) {
      return null;
    }
    if (rarity == null || length == null || length.values().length != 1) {
      throw new IllegalArgumentException("the model's weights " + PREFIX + table
          + " should have their rarity and length beside them");
    }
    return new TextMap(rarity.values(), weights, length.values()[0]);
  }

  /** Whether a weight of a model is part of such a map. */
  public static boolean isPart(String name) {
    return name.startsWith(PREFIX);
  }
}
