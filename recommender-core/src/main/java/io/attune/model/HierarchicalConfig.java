package io.attune.model;

/**
 * Configuration of hierarchical attention over a visitor's visits: over the clicks of each visit,
 * and over the visits (Yang et al. 2016, HAN). Visits are found by the times of clicks.
 *
 * @param dimension embedding size D, 1 to 1024
 * @param hidden hidden size H of the GRU over the clicks of a visit
 * @param similarity how item vectors are compared with query vectors
 * @param visits K, how many finished visits are remembered, the newest, 1 to 100
 * @param visitGap the pause after which a click begins a new visit, in whole minutes, hours or days
 * @param inputDropout dropout of the embedded clicks, 0 to below 1
 * @param contextDropout dropout of the context {@code [state, visit, visitor]}
 */
public record HierarchicalConfig(
    int dimension,
    int hidden,
    Similarity similarity,
    int visits,
    VisitGap visitGap,
    float inputDropout,
    float contextDropout)
    implements EncoderConfig {
  /** W, the last clicks whose shares of attention are known. */
  public static final int WINDOW = 50;

  public HierarchicalConfig {
    Bounds.requireSize("dimension", dimension, MAX_DIMENSIONS);
    Bounds.requireSize("hidden", hidden, 4096);
    Bounds.requireSize("visits", visits, 100);
    Bounds.requireShare("inputDropout", inputDropout);
    Bounds.requireShare("contextDropout", contextDropout);
  }

  @Override
  public String summary() {
    return "attention over a visitor's visits and the clicks of each (HAN): for histories with times";
  }

  /** The shipped defaults. */
  public static HierarchicalConfig defaults() {
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
        .visits(visits)
        .visitGap(visitGap)
        .inputDropout(inputDropout)
        .contextDropout(contextDropout);
  }

  /** The settings by name; {@link #build()} checks them. */
  public static final class Builder {
    private int dimension = 100;
    private int hidden = 100;
    private Similarity similarity = Similarity.cosine(16);
    private int visits = 10;
    private VisitGap visitGap = VisitGap.USUAL;
    private float inputDropout = 0.4f;
    private float contextDropout = 0.5f;

    private Builder() {}

    /** See {@link HierarchicalConfig#dimension()}. */
    public Builder dimension(int value) {
      dimension = value;
      return this;
    }

    /** See {@link HierarchicalConfig#hidden()}. */
    public Builder hidden(int value) {
      hidden = value;
      return this;
    }

    /** See {@link HierarchicalConfig#similarity()}. */
    public Builder similarity(Similarity value) {
      similarity = value;
      return this;
    }

    /** See {@link HierarchicalConfig#visits()}. */
    public Builder visits(int value) {
      visits = value;
      return this;
    }

    /** See {@link HierarchicalConfig#visitGap()}. */
    public Builder visitGap(VisitGap value) {
      visitGap = value;
      return this;
    }

    /** See {@link HierarchicalConfig#inputDropout()}. */
    public Builder inputDropout(float value) {
      inputDropout = value;
      return this;
    }

    /** See {@link HierarchicalConfig#contextDropout()}. */
    public Builder contextDropout(float value) {
      contextDropout = value;
      return this;
    }

    /**
     * The configuration.
     *
     * @throws IllegalArgumentException when a value is refused; the message says which, and why
     */
    public HierarchicalConfig build() {
      return new HierarchicalConfig(
          dimension, hidden, similarity, visits, visitGap, inputDropout, contextDropout);
    }
  }
}
