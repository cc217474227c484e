package io.attune.model;

import com.fasterxml.jackson.annotation.JsonAlias;

/**
 * Configuration of STAMP (Liu et al. 2018): attention over the clicks, queried by the last one, in
 * one hop or, as in end-to-end memory networks (Sukhbaatar et al. 2015), in several.
 *
 * @param dimension embedding size D, 1 to 1024
 * @param similarity how item vectors are compared with query vectors
 * @param hops number of hops, 1 to 16
 * @param softmaxAttention whether a softmax over the clicks normalises the attention weights, as in
 *     memory networks; STAMP does not normalise
 * @param agePositions whether a learned vector for the age of a click, counted from the newest, is
 *     added to it
 * @param lastClicks W, the number of clicks attended to, including the newest
 * @param inputDropout dropout of the embedded clicks, 0 to below 1
 */
public record StampConfig(
    int dimension,
    @JsonAlias("items") Similarity similarity,
    int hops,
    boolean softmaxAttention,
    boolean agePositions,
    int lastClicks,
    float inputDropout)
    implements EncoderConfig {

  public StampConfig {
    Bounds.requireSize("dimension", dimension, MAX_DIMENSIONS);
    Bounds.requireSize("hops", hops, 16);
    Bounds.requireSize("lastClicks", lastClicks, 10_000);
    Bounds.requireShare("inputDropout", inputDropout);
  }

  @Override
  public String summary() {
    return "attention over the clicks, queried by the last one (STAMP): no recurrence, a state of item"
        + " rows";
  }

  /** The shipped defaults: STAMP's single hop, with ages. */
  public static StampConfig defaults() {
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
        .similarity(similarity)
        .hops(hops)
        .softmaxAttention(softmaxAttention)
        .agePositions(agePositions)
        .lastClicks(lastClicks)
        .inputDropout(inputDropout);
  }

  /** The settings by name; {@link #build()} checks them. */
  public static final class Builder {
    private int dimension = 100;
    private Similarity similarity = Similarity.cosine(16);
    private int hops = 1;
    private boolean softmaxAttention = false;
    private boolean agePositions = true;
    private int lastClicks = 20;
    private float inputDropout = 0.4f;

    private Builder() {}

    /** See {@link StampConfig#dimension()}. */
    public Builder dimension(int value) {
      dimension = value;
      return this;
    }

    /** See {@link StampConfig#similarity()}. */
    public Builder similarity(Similarity value) {
      similarity = value;
      return this;
    }

    /** See {@link StampConfig#hops()}. */
    public Builder hops(int value) {
      hops = value;
      return this;
    }

    /** See {@link StampConfig#softmaxAttention()}. */
    public Builder softmaxAttention(boolean value) {
      softmaxAttention = value;
      return this;
    }

    /** See {@link StampConfig#agePositions()}. */
    public Builder agePositions(boolean value) {
      agePositions = value;
      return this;
    }

    /** See {@link StampConfig#lastClicks()}. */
    public Builder lastClicks(int value) {
      lastClicks = value;
      return this;
    }

    /** See {@link StampConfig#inputDropout()}. */
    public Builder inputDropout(float value) {
      inputDropout = value;
      return this;
    }

    /**
     * The configuration.
     *
     * @throws IllegalArgumentException when a value is refused; the message says which, and why
     */
    public StampConfig build() {
      return new StampConfig(
          dimension, similarity, hops, softmaxAttention, agePositions, lastClicks, inputDropout);
    }
  }
}
