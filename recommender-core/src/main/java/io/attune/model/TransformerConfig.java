package io.attune.model;

import com.fasterxml.jackson.annotation.JsonAlias;
import java.util.Objects;

/**
 * Configuration of a Transformer over the clicks of a session (Kang and McAuley 2018, SASRec; Sun
 * et al. 2019, BERT4Rec).
 *
 * @param dimension embedding size D, 1 to 1024, a multiple of the heads; also the size of all
 *     layers
 * @param layers how many blocks follow each other, 1 to 64
 * @param heads N, heads of each attention
 * @param feedForward inner size of each block's feed-forward, as a multiple of D
 * @param similarity how items are held and compared
 * @param positions how the order of clicks is told
 * @param timeBias whether attention knows how long ago a click was; only where {@code direction} is
 *     causal
 * @param sharing whether blocks share their weights
 * @param readout what becomes the query vector
 * @param direction which clicks a position may look at
 * @param lastClicks W, how many clicks back a position looks in each layer, itself included
 * @param inputDropout share of the embedded click's elements dropped in training, 0 to below 1
 * @param attentionDropout share of the attention weights dropped in training
 * @param layerDropout share of the elements dropped after attention and feed-forward in training
 * @param maskShare share of the clicks masked in training where {@code direction} is both
 */
public record TransformerConfig(
    int dimension,
    int layers,
    int heads,
    int feedForward,
    @JsonAlias("items") Similarity similarity,
    PositionEncoding positions,
    TimeBias timeBias,
    LayerSharing sharing,
    Readout readout,
    Direction direction,
    int lastClicks,
    float inputDropout,
    float attentionDropout,
    float layerDropout,
    float maskShare)
    implements EncoderConfig {

  public TransformerConfig {
    // Models of before there was a choice do not name it.
    timeBias = Objects.requireNonNullElse(timeBias, TimeBias.NONE);
    Bounds.requireSize("dimension", dimension, MAX_DIMENSIONS);
    Bounds.requireSize("layers", layers, 64);
    Bounds.requireSize("heads", heads, dimension);
    Bounds.requireSize("feedForward", feedForward, 16);
    Bounds.requireSize("lastClicks", lastClicks, 10_000);
    Bounds.requireShare("inputDropout", inputDropout);
    Bounds.requireShare("attentionDropout", attentionDropout);
    Bounds.requireShare("layerDropout", layerDropout);
    Bounds.requireShare("maskShare", maskShare);
    int per = positions == PositionEncoding.ROTARY ? 2 * heads : heads;
    if (dimension % per != 0) {
      throw new IllegalArgumentException("dimension must be a multiple of " + per + " with " + heads
          + " heads and " + positions + " positions, not " + dimension);
    }
    if (direction == Direction.BIDIRECTIONAL && timeBias != TimeBias.NONE) {
      throw new IllegalArgumentException(
          "timeBias must be none where direction is both: the masked place has no time yet");
    }
    if (direction == Direction.BIDIRECTIONAL && readout != Readout.LAST) {
      throw new IllegalArgumentException(
          "readout must be last where direction is both: the masked place has no item to average");
    }
  }

  @Override
  public boolean looksAtTimes() {
    return timeBias != TimeBias.NONE;
  }

  @Override
  public String summary() {
    return "self-attention over the clicks; the best single encoder on shop visits and histories so far";
  }

  /** The shipped defaults, chosen on validation data. */
  public static TransformerConfig defaults() {
    return new TransformerConfig(
        100,
        2,
        2,
        4,
        Similarity.cosine(16),
        PositionEncoding.LEARNED,
        TimeBias.NONE,
        LayerSharing.INDEPENDENT,
        Readout.MEAN,
        Direction.CAUSAL,
        50,
        0.4f,
        0.1f,
        0.2f,
        0.3f);
  }
}
