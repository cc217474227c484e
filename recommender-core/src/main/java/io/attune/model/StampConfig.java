package io.attune.model;

import com.fasterxml.jackson.annotation.JsonAlias;

/**
 * Configuration of an attentive memory: the last click asks the clicks, once as in STAMP (Liu et
 * al. 2018) or in several hops as in end-to-end memory networks (Sukhbaatar et al. 2015).
 *
 * @param dimension embedding size D, 1 to 1024
 * @param similarity how items are held and compared
 * @param hops how often the clicks are asked, 1 to 16
 * @param softmaxAttention whether attention weights are normalised by a softmax over the clicks;
 *     STAMP normalises nothing, memory networks do
 * @param agePositions whether a learned vector for a click's age, counted back from the newest, is
 *     added to it
 * @param lastClicks W, how many clicks are remembered, the newest included
 * @param inputDropout share of the embedded click's elements dropped in training, 0 to below 1
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
    return "attention over the bare clicks, asked by the last one: no recurrence, the state is item"
        + " numbers";
  }

  /** The shipped defaults: STAMP's single hop, with ages. */
  public static StampConfig defaults() {
    return new StampConfig(100, Similarity.cosine(16), 1, false, true, 20, 0.4f);
  }
}
