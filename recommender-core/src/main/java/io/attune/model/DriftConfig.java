package io.attune.model;

import io.attune.vector.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An encoder with a correction for popularity drift. Training sees each item as often as it was
 * clicked over the whole log, so an item that has recently become more popular is scored too low,
 * and one that has become less popular too high. The correction, which is the same for every
 * session, is added to the item's score: as further elements of its vector, which every query
 * vector multiplies by a constant.
 *
 * <p>Source: Saerens, Latinne and Decaestecker 2002, "Adjusting the outputs of a classifier to new
 * a priori probabilities", equation 2.4: the log-ratio of new and old priors is added to a logit.
 *
 * <p>Differs from the paper: the ratio is smoothed and weighted, since a session's clicks already
 * reflect much of it.
 *
 * @param encoder the corrected encoder, whose elements come first in each vector
 */
public record DriftConfig(EncoderConfig encoder) implements EncoderConfig {
  /**
   * Additional elements: one would do, but the engine's products of a row are independent of the
   * batch only for sizes that are multiples of four.
   */
  public static final int ELEMENTS = 4;

  public DriftConfig {
    if (encoder instanceof DriftConfig) {
      throw new IllegalArgumentException(
          "popularity drift is added once, not to an encoder that has one");
    }
    Bounds.requireSize(
        "dimension, with " + ELEMENTS + " elements for the drift,",
        encoder.dimension() + ELEMENTS,
        MAX_DIMENSIONS);
  }

  @Override
  public int dimension() {
    return encoder.dimension() + ELEMENTS;
  }

  /** By inner product: the encoder has scaled its part of the vectors already. */
  @Override
  public Similarity similarity() {
    return new Similarity(false, 1, encoder.similarity().tied());
  }

  @Override
  public @Nullable VisitGap visitGap() {
    return encoder.visitGap();
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

  /** That of its encoder: whoever asks for one by name gets it with popularity drift or without. */
  @Override
  public String kind() {
    return encoder.kind();
  }

  /**
   * The weights with the drift, as {@link Model} keeps them.
   *
   * @param weights the encoder's, with its tables
   * @param drift (V + 1): what is added to the score of each item, by row
   */
  public Map<String, Tensor> join(Map<String, Tensor> weights, float[] drift) {
    Map<String, Tensor> joined = new LinkedHashMap<>(weights);
    Tensor items = Objects.requireNonNull(weights.get(Model.ITEMS), Model.ITEMS);
    joined.put(Model.ITEMS, items.beside(columns(drift)));
    float[] none = new float[drift.length];
    joined.computeIfPresent(Model.INPUTS, (name, table) -> table.beside(columns(none)));
    return joined;
  }

  /**
   * The weights without the drift: what {@link #join} was given.
   *
   * @param joined as {@link Model} keeps them
   */
  public Map<String, Tensor> split(Map<String, Tensor> joined) {
    Map<String, Tensor> weights = new LinkedHashMap<>(joined);
    for (String table : List.of(Model.ITEMS, Model.INPUTS)) {
      weights.computeIfPresent(table, (name, wide) -> wide.columns(0, encoder.dimension()));
    }
    return weights;
  }

  /** The drift in the first element of each row, (V + 1, {@value #ELEMENTS}). */
  private static Tensor columns(float[] drift) {
    float[] columns = new float[Math.multiplyExact(drift.length, ELEMENTS)];
    for (int row = 0; row < drift.length; row++) {
      columns[row * ELEMENTS] = drift[row];
    }
    return new Tensor(new long[] {drift.length, ELEMENTS}, columns);
  }
}
