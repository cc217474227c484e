package io.attune.model;

import io.attune.vector.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An ensemble of two encoders, each with its own item vectors, trained one after the other. The
 * score of an item is the mean of their scores: the inner product of the concatenated item vectors
 * and the concatenated query vectors, each halved.
 *
 * <p>Source: Hinton 2002, "Training products of experts by minimizing contrastive divergence",
 * equation 1, for two: a mean of scores is a product of the softmaxes' roots.
 *
 * <p>Differs from the paper: the experts are trained separately, since joint training correlates
 * their errors and removes the gain.
 *
 * @param first the encoder whose elements come first in each vector
 * @param second the encoder whose elements follow
 */
public record EnsembleConfig(EncoderConfig first, EncoderConfig second) implements EncoderConfig {
  /** The weight of each score. */
  public static final float SHARE = 0.5f;

  private static final String FIRST = "first.";
  private static final String SECOND = "second.";

  public EnsembleConfig {
    for (EncoderConfig part : List.of(first, second)) {
      if (part.bare() instanceof EnsembleConfig) {
        throw new IllegalArgumentException(
            "an ensemble must be of two single encoders, not of ensembles");
      }
      if (part.bare() instanceof TransformerConfig transformer
          && transformer.direction() == Direction.BIDIRECTIONAL) {
        throw new IllegalArgumentException(
            "direction must be causal for an encoder of an ensemble: the other one sees no later click");
      }
    }
    if (first.equals(second)) {
      throw new IllegalArgumentException(
          "the encoders of an ensemble must differ, or both would be trained to the same numbers");
    }
    Bounds.requireSize(
        "the sum of both dimensions", first.dimension() + second.dimension(), MAX_DIMENSIONS);
  }

  @Override
  public int dimension() {
    return first.dimension() + second.dimension();
  }

  @Override
  public EncoderConfig bare() {
    return new EnsembleConfig(first.bare(), second.bare());
  }

  /** By inner product: each encoder has scaled its part of the vectors already. */
  @Override
  public Similarity similarity() {
    return new Similarity(
        false, 1, first.similarity().tied() && second.similarity().tied());
  }

  @Override
  public @Nullable VisitGap visitGap() {
    return first.visitGap() == null ? second.visitGap() : first.visitGap();
  }

  @Override
  public boolean looksAtTimes() {
    return first.looksAtTimes() || second.looksAtTimes();
  }

  @Override
  public String summary() {
    return "NARM and a Transformer whose scores are averaged: better than both, at the cost of both";
  }

  /** The shipped defaults: those of NARM and of the Transformer. */
  public static EnsembleConfig defaults() {
    return new EnsembleConfig(NarmConfig.defaults(), TransformerConfig.defaults());
  }

  /** The name of a weight of the first encoder in the ensemble. */
  public static String first(String name) {
    return FIRST + name;
  }

  /** The name of a weight of the second encoder in the ensemble. */
  public static String second(String name) {
    return SECOND + name;
  }

  /**
   * The weights of the ensemble, as {@link Model} keeps them. Its correction of clicked items is
   * the mean of both, as its score is.
   *
   * @param one the first encoder's, with its tables
   * @param other the second's
   */
  public Map<String, Tensor> join(Map<String, Tensor> one, Map<String, Tensor> other) {
    Map<String, Tensor> both = new LinkedHashMap<>();
    one.forEach((name, weight) -> both.put(first(name), weight));
    other.forEach((name, weight) -> both.put(second(name), weight));
    Tensor items = items(one);
    Tensor others = items(other);
    both.put(Model.ITEMS, items.beside(others));
    if (!similarity().tied()) {
      both.put(
          Model.INPUTS,
          one.getOrDefault(Model.INPUTS, items).beside(other.getOrDefault(Model.INPUTS, others)));
    }
    Tensor correction = ClickedCorrection.mean(
        one.get(ClickedCorrection.TENSOR), other.get(ClickedCorrection.TENSOR));
    if (correction != null) {
      both.put(ClickedCorrection.TENSOR, correction);
    }
    for (String joined : List.of(Model.INPUTS, Model.ITEMS, ClickedCorrection.TENSOR)) {
      both.remove(first(joined));
      both.remove(second(joined));
    }
    return both;
  }

  /**
   * The weights of one of the encoders, with its tables, as {@link #join} was given them. The
   * correction of clicked items, of which the ensemble keeps the mean, is that mean.
   *
   * @param joined as {@link Model} keeps them
   * @param ofFirst whether those of the first encoder, or of the second
   */
  public Map<String, Tensor> split(Map<String, Tensor> joined, boolean ofFirst) {
    EncoderConfig part = ofFirst ? first : second;
    int from = ofFirst ? 0 : first.dimension();
    String prefix = ofFirst ? FIRST : SECOND;
    Map<String, Tensor> weights = new LinkedHashMap<>();
    joined.forEach((name, weight) -> {
      if (name.startsWith(prefix)) {
        weights.put(name.substring(prefix.length()), weight);
      } else if (name.equals(ClickedCorrection.TENSOR)) {
        weights.put(name, weight);
      } else if (name.equals(Model.ITEMS)
          || (name.equals(Model.INPUTS) && !part.similarity().tied())) {
        weights.put(name, weight.columns(from, from + part.dimension()));
      }
    });
    return weights;
  }

  private static Tensor items(Map<String, Tensor> weights) {
    return Objects.requireNonNull(weights.get(Model.ITEMS), Model.ITEMS);
  }
}
