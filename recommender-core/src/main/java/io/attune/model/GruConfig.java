package io.attune.model;

import com.fasterxml.jackson.annotation.JsonAlias;

/**
 * Configuration of a plain GRU without attention, as GRU4Rec's encoder (Hidasi et al. 2016).
 *
 * @param dimension embedding size D, 1 to 1024
 * @param hidden hidden size H of the GRU
 * @param similarity how item vectors are compared with query vectors
 * @param inputDropout dropout of the embedded clicks, 0 to below 1
 * @param stateDropout dropout of the last state
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
    return builder().build();
  }

  /** Collects the settings by name, beginning with the shipped defaults. */
  public static Builder builder() {
    return new Builder();
  }

  /** Collects the settings by name, beginning with these. */
  public Builder toBuilder() {
    return new Builder()
        .dimension(dimension)
        .hidden(hidden)
        .similarity(similarity)
        .inputDropout(inputDropout)
        .stateDropout(stateDropout);
  }

  /** The settings by name; {@link #build()} checks them. */
  public static final class Builder {
    private int dimension = 100;
    private int hidden = 100;
    private Similarity similarity = Similarity.cosine(16);
    private float inputDropout = 0.4f;
    private float stateDropout = 0.5f;

    private Builder() {}

    /** See {@link GruConfig#dimension()}. */
    public Builder dimension(int value) {
      dimension = value;
      return this;
    }

    /** See {@link GruConfig#hidden()}. */
    public Builder hidden(int value) {
      hidden = value;
      return this;
    }

    /** See {@link GruConfig#similarity()}. */
    public Builder similarity(Similarity value) {
      similarity = value;
      return this;
    }

    /** See {@link GruConfig#inputDropout()}. */
    public Builder inputDropout(float value) {
      inputDropout = value;
      return this;
    }

    /** See {@link GruConfig#stateDropout()}. */
    public Builder stateDropout(float value) {
      stateDropout = value;
      return this;
    }

    /**
     * The configuration.
     *
     * @throws IllegalArgumentException when a value is refused; the message says which, and why
     */
    public GruConfig build() {
      return new GruConfig(dimension, hidden, similarity, inputDropout, stateDropout);
    }
  }
}
