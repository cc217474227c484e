package io.attune.model;

import com.fasterxml.jackson.annotation.JsonAlias;

/**
 * Configuration of NARM, a GRU with attention over the clicks (Li et al. 2017).
 *
 * @param dimension embedding size D, 1 to 1024 (Lucene's limit for vectors in an index)
 * @param hidden hidden size H of the GRU
 * @param similarity how items are held and compared
 * @param score how attention compares two states
 * @param softmaxAttention whether attention weights are normalised by a softmax over the clicks
 *     looked back on; NARM's paper normalises nothing
 * @param readout what becomes the query vector; the mean is weighted by a softmax of the same
 *     scores
 * @param lastClicks W, how many clicks attention looks back on, the newest included; the GRU sees
 *     all of them
 * @param inputDropout share of the embedded click's elements dropped in training, 0 to below 1
 * @param contextDropout share of the elements of {@code [global, local]} dropped in training
 */
public record NarmConfig(
    int dimension,
    int hidden,
    @JsonAlias("items") Similarity similarity,
    AttentionScore score,
    boolean softmaxAttention,
    Readout readout,
    int lastClicks,
    float inputDropout,
    float contextDropout)
    implements EncoderConfig {

  public NarmConfig {
    Bounds.requireSize("dimension", dimension, MAX_DIMENSIONS);
    Bounds.requireSize("hidden", hidden, 4096);
    Bounds.requireSize("lastClicks", lastClicks, 10_000);
    Bounds.requireShare("inputDropout", inputDropout);
    Bounds.requireShare("contextDropout", contextDropout);
  }

  @Override
  public String summary() {
    return "GRU with attention over its states: a state of few numbers, close to the best on shop visits";
  }

  /** The shipped defaults, chosen on validation data of short shop sessions. */
  public static NarmConfig defaults() {
    return new NarmConfig(
        100,
        100,
        Similarity.cosine(16),
        AttentionScore.ADDITIVE,
        false,
        Readout.SUM,
        50,
        0.4f,
        0.5f);
  }
}
