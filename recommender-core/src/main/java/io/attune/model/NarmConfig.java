package io.attune.model;

import com.fasterxml.jackson.annotation.JsonAlias;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;

/**
 * Configuration of NARM, a GRU with attention over the clicks (Li et al. 2017).
 *
 * @param dimension embedding size D, 1 to 1024 (Lucene's limit for vectors in an index)
 * @param hidden hidden size H of the GRU
 * @param similarity how item vectors are compared with query vectors
 * @param score the attention score of two states
 * @param softmaxAttention whether a softmax over the window normalises the attention weights;
 *     NARM's paper does not normalise
 * @param readout how the query vector is formed; a mean is weighted by a softmax of the attention
 *     scores
 * @param lastClicks W, the attention window in clicks, including the newest; the GRU sees all
 *     clicks
 * @param topClicks k of hard attention, which reads only the k clicks of the window with the
 *     highest scores; 0 reads all
 * @param inputDropout dropout of the embedded clicks, 0 to below 1
 * @param contextDropout dropout of the context {@code [global, local]}
 */
public record NarmConfig(
    int dimension,
    int hidden,
    @JsonAlias("items") Similarity similarity,
    AttentionScore score,
    boolean softmaxAttention,
    Readout readout,
    int lastClicks,
    @JsonSetter(nulls = Nulls.AS_EMPTY) int topClicks, // models of before have none
    float inputDropout,
    float contextDropout)
    implements EncoderConfig {

  public NarmConfig {
    Bounds.requireSize("dimension", dimension, MAX_DIMENSIONS);
    Bounds.requireSize("hidden", hidden, 4096);
    Bounds.requireSize("lastClicks", lastClicks, 10_000);
    Bounds.requireBetween("topClicks", topClicks, 0, lastClicks);
    Bounds.requireShare("inputDropout", inputDropout);
    Bounds.requireShare("contextDropout", contextDropout);
  }

  @Override
  public String summary() {
    return "GRU with attention over its states: a state of few numbers, close to the best on shop visits";
  }

  /** The shipped defaults, chosen on validation data of short shop sessions. */
  public static NarmConfig defaults() {
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
        .score(score)
        .softmaxAttention(softmaxAttention)
        .readout(readout)
        .lastClicks(lastClicks)
        .topClicks(topClicks)
        .inputDropout(inputDropout)
        .contextDropout(contextDropout);
  }

  /** The settings by name; {@link #build()} checks them. */
  public static final class Builder {
    private int dimension = 100;
    private int hidden = 100;
    private Similarity similarity = Similarity.cosine(16);
    private AttentionScore score = AttentionScore.ADDITIVE;
    private boolean softmaxAttention = false;
    private Readout readout = Readout.SUM;
    private int lastClicks = 50;
    private int topClicks = 0;
    private float inputDropout = 0.4f;
    private float contextDropout = 0.5f;

    private Builder() {}

    /** See {@link NarmConfig#dimension()}. */
    public Builder dimension(int value) {
      dimension = value;
      return this;
    }

    /** See {@link NarmConfig#hidden()}. */
    public Builder hidden(int value) {
      hidden = value;
      return this;
    }

    /** See {@link NarmConfig#similarity()}. */
    public Builder similarity(Similarity value) {
      similarity = value;
      return this;
    }

    /** See {@link NarmConfig#score()}. */
    public Builder score(AttentionScore value) {
      score = value;
      return this;
    }

    /** See {@link NarmConfig#softmaxAttention()}. */
    public Builder softmaxAttention(boolean value) {
      softmaxAttention = value;
      return this;
    }

    /** See {@link NarmConfig#readout()}. */
    public Builder readout(Readout value) {
      readout = value;
      return this;
    }

    /** See {@link NarmConfig#lastClicks()}. */
    public Builder lastClicks(int value) {
      lastClicks = value;
      return this;
    }

    /** See {@link NarmConfig#topClicks()}. */
    public Builder topClicks(int value) {
      topClicks = value;
      return this;
    }

    /** See {@link NarmConfig#inputDropout()}. */
    public Builder inputDropout(float value) {
      inputDropout = value;
      return this;
    }

    /** See {@link NarmConfig#contextDropout()}. */
    public Builder contextDropout(float value) {
      contextDropout = value;
      return this;
    }

    /**
     * The configuration.
     *
     * @throws IllegalArgumentException when a value is refused; the message says which, and why
     */
    public NarmConfig build() {
      return new NarmConfig(
          dimension,
          hidden,
          similarity,
          score,
          softmaxAttention,
          readout,
          lastClicks,
          topClicks,
          inputDropout,
          contextDropout);
    }
  }
}
