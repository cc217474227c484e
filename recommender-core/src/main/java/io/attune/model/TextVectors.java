package io.attune.model;

import io.attune.vector.Tensor;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The vectors that a model gives items by what is written about them, in any language: for those
 * that nobody had clicked when it was trained, or that did not exist then. A model has them if it
 * was trained with texts.
 *
 * <p>Immutable and thread-safe.
 */
public final class TextVectors {
  private final List<TextMap> parts; // side by side: one, or that of each encoder of an ensemble
  private final int dimension;
  private final BitSet fromWords; // rows of the model's table

  private TextVectors(List<TextMap> parts, int dimension, BitSet fromWords) {
    this.parts = parts;
    this.dimension = dimension;
    this.fromWords = fromWords;
  }

  /**
   * The item vectors of a model by texts.
   *
   * @return null if it was trained without texts
   * @throws IllegalArgumentException if what it keeps of them does not fit its encoder
   */
  public static @Nullable TextVectors of(Model model) {
    return of(model.manifest().encoder(), model.weights(), Model.ITEMS, model.counts());
  }

  /**
   * The vectors of one of a model's tables by texts.
   *
   * @param weights as {@link Model#weights}; tables are not needed
   * @param table {@link Model#ITEMS} or {@link Model#INPUTS}
   * @param counts (V): number of training clicks of each item, row 1 first
   * @return null if it was trained without texts
   * @throws IllegalArgumentException if what it keeps of them does not fit its encoder
   */
  public static @Nullable TextVectors of(
      EncoderConfig encoder, Map<String, Tensor> weights, String table, long[] counts) {
    List<TextMap> parts = parts(encoder, weights, table);
    if (parts.isEmpty()) {
      return null;
    }
    BitSet fromWords = new BitSet();
    for (int row = 1; row <= counts.length; row++) {
      fromWords.set(row, counts[row - 1] == 0);
    }
    return new TextVectors(parts, encoder.dimension(), fromWords);
  }

  private static List<TextMap> parts(
      EncoderConfig encoder, Map<String, Tensor> weights, String table) {
    return switch (encoder) {
      // An unclicked item has no popularity, so what is behind the encoder's elements stays zero.
      case DriftConfig drift -> parts(drift.encoder(), weights, table);
      case EnsembleConfig both -> {
        List<TextMap> one = parts(both.first(), named(weights, EnsembleConfig.first("")), table);
        List<TextMap> other =
            parts(both.second(), named(weights, EnsembleConfig.second("")), table);
        if (one.isEmpty() != other.isEmpty()) {
          throw new IllegalArgumentException(
              "both encoders of the model should know texts, or none");
        }
        List<TextMap> parts = new ArrayList<>(one);
        parts.addAll(other);
        yield parts;
      }
      default -> {
        TextMap map = TextMap.of(weights, encoder.similarity().tied() ? Model.ITEMS : table);
        if (map != null && map.dimension() != encoder.dimension()) {
          throw new IllegalArgumentException("the model's weights of texts should make vectors of "
              + encoder.dimension() + " elements, not " + map.dimension());
        }
        yield map == null ? List.of() : List.of(map);
      }
    };
  }

  private static Map<String, Tensor> named(Map<String, Tensor> weights, String prefix) {
    Map<String, Tensor> named = new LinkedHashMap<>();
    weights.forEach((name, weight) -> {
      if (name.startsWith(prefix)) {
        named.put(name.substring(prefix.length()), weight);
      }
    });
    return named;
  }

  /**
   * The text of an item that has several, such as a title and a brand.
   *
   * @param texts in the order in which they were trained on
   */
  public static String joined(Collection<String> texts) {
    return String.join("\n", texts);
  }

  /**
   * Whether the vector of an item of the model is made of its words, since nobody had clicked it.
   *
   * @param row the item's row
   */
  public boolean isFromWords(int row) {
    return fromWords.get(row);
  }

  /** D, the number of elements of a vector: that of the model's item vectors. */
  public int dimension() {
    return dimension;
  }

  /**
   * The vector that a text gives an item.
   *
   * @return float32 (D); null where no word of the text is known
   */
  public float @Nullable [] vector(String text) {
    float[] vector = new float[dimension];
    boolean known = false;
    int from = 0;
    for (TextMap part : parts) {
      known |= part.vector(text, vector, from);
      from += part.dimension();
    }
    return known ? vector : null;
  }
}
