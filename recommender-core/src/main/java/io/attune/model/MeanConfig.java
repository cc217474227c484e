package io.attune.model;

/**
 * Configuration of the mean of the last clicked items' vectors: an encoder without weights of its
 * own, so it goes with item vectors of any origin.
 *
 * @param dimension embedding size D, 1 to 1024
 * @param similarity how item vectors are compared with query vectors
 * @param lastClicks W, the number of clicks in the mean, including the newest; 1 is the vector of
 *     the last click alone
 * @param inputDropout dropout of the embedded clicks, 0 to below 1
 */
public record MeanConfig(int dimension, Similarity similarity, int lastClicks, float inputDropout)
    implements EncoderConfig {

  public MeanConfig {
    Bounds.requireSize("dimension", dimension, MAX_DIMENSIONS);
    Bounds.requireSize("lastClicks", lastClicks, 10_000);
    Bounds.requireShare("inputDropout", inputDropout);
  }

  @Override
  public String summary() {
    return "mean of the clicked items' vectors, without weights of its own: for imported vectors, and"
        + " what attention is measured against";
  }

  /** The shipped defaults. */
  public static MeanConfig defaults() {
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
        .lastClicks(lastClicks)
        .inputDropout(inputDropout);
  }

  /** The settings by name; {@link #build()} checks them. */
  public static final class Builder {
    private int dimension = 100;
    private Similarity similarity = Similarity.cosine(16);
    private int lastClicks = 50;
    private float inputDropout = 0.4f;

    private Builder() {}

    /** See {@link MeanConfig#dimension()}. */
    public Builder dimension(int value) {
      dimension = value;
      return this;
    }

    /** See {@link MeanConfig#similarity()}. */
    public Builder similarity(Similarity value) {
      similarity = value;
      return this;
    }

    /** See {@link MeanConfig#lastClicks()}. */
    public Builder lastClicks(int value) {
      lastClicks = value;
      return this;
    }

    /** See {@link MeanConfig#inputDropout()}. */
    public Builder inputDropout(float value) {
      inputDropout = value;
      return this;
    }

    /**
     * The configuration.
     *
     * @throws IllegalArgumentException when a value is refused; the message says which, and why
     */
    public MeanConfig build() {
      return new MeanConfig(dimension, similarity, lastClicks, inputDropout);
    }
  }
}
