package io.attune.model;

import com.fasterxml.jackson.annotation.JsonAlias;

/**
 * Configuration of a plain GRU without attention, as GRU4Rec's encoder (Hidasi et al. 2016).
 *
 * @param dimension embedding size D, 1 to 1024
 * @param hidden hidden size H of the GRU
 * @param similarity how items are held and compared
 * @param inputDropout share of the embedded click's elements dropped in training, 0 to below 1
 * @param stateDropout share of the last state's elements dropped in training
 */
public record GruConfig(
    int dimension,
    int hidden,
    @JsonAlias("items") Similarity similarity,
    float inputDropout,
    float stateDropout)
    implements EncoderConfig {

  public GruConfig {
    Bounds.requireSize("dimension", dimension, MAX_DIMENSIONS);
    Bounds.requireSize("hidden", hidden, 4096);
    Bounds.requireShare("inputDropout", inputDropout);
    Bounds.requireShare("stateDropout", stateDropout);
  }

  @Override
  public String summary() {
    return "plain GRU without attention: the smallest state, and what attention is measured against";
  }

  /** The shipped defaults: those of NARM without its attention. */
  public static GruConfig defaults() {
    return new GruConfig(100, 100, Similarity.cosine(16), 0.4f, 0.5f);
  }
}
