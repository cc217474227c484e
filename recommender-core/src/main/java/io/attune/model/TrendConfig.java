package io.attune.model;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * An encoder whose scores follow what is wanted of late. Training sees each item as often as it was
 * clicked over the whole log; an item that came up, or went away, since then is scored too low, or
 * too high. Its trend is added to its score: by elements behind those of its vector, whose inner
 * product with the elements behind those of every query vector is the trend.
 *
 * <p>Source: Saerens, Latinne and Decaestecker 2002, "Adjusting the outputs of a classifier to new
 * a priori probabilities", equation 2.4: the log-ratio of new and old priors is added to a logit.
 *
 * <p>Differs from the paper: the ratio is smoothed, and counts by a weight, since the clicks of a
 * session tell much of it already.
 *
 * @param encoder whose elements of a vector come first
 */
public record TrendConfig(EncoderConfig encoder) implements EncoderConfig {
  /**
   * Elements behind those of the encoder: one would do, but the engine's products of a row are the
   * same numbers in any batch only for sizes that are multiples of four.
   */
  public static final int ELEMENTS = 4;

  public TrendConfig {
    if (encoder instanceof TrendConfig) {
      throw new IllegalArgumentException("a trend is added once, not to an encoder that has one");
    }
    Bounds.requireSize(
        "dimension, with " + ELEMENTS + " elements for the trend,",
        encoder.dimension() + ELEMENTS,
        MOST_DIMENSIONS);
  }

  @Override
  public int dimension() {
    return encoder.dimension() + ELEMENTS;
  }

  /** By inner product: the encoder has scaled its part of the vectors already. */
  @Override
  public ItemSpace items() {
    return new ItemSpace(false, 1, encoder.items().tied());
  }

  @Override
  public boolean looksAtTimes() {
    return encoder.looksAtTimes();
  }

  @Override
  public String summary() {
    return encoder.summary();
  }

  @Override
  public EncoderConfig bare() {
    return encoder;
  }

  /** That of its encoder: whoever asks for one by name gets it with a trend or without. */
  @Override
  public String kind() {
    return encoder.kind();
  }

  /**
   * The weights with the trend, as {@link Model} keeps them.
   *
   * @param weights the encoder's, with its tables
   * @param trend (V + 1): what is added to the score of each item, by row
   */
  public Map<String, Tensor> join(Map<String, Tensor> weights, float[] trend) {
    Map<String, Tensor> joined = new LinkedHashMap<>(weights);
    Tensor items = Objects.requireNonNull(weights.get(Model.ITEMS), Model.ITEMS);
    joined.put(Model.ITEMS, items.beside(columns(trend)));
    float[] none = new float[trend.length];
    joined.computeIfPresent(Model.INPUTS, (name, table) -> table.beside(columns(none)));
    return joined;
  }

  /** The trend in the first element of each row, (V + 1, {@value #ELEMENTS}). */
  private static Tensor columns(float[] trend) {
    float[] columns = new float[Math.multiplyExact(trend.length, ELEMENTS)];
    for (int row = 0; row < trend.length; row++) {
      columns[row * ELEMENTS] = trend[row];
    }
    return new Tensor(new long[] {trend.length, ELEMENTS}, columns);
  }
}
