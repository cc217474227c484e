package io.attune.model;

import com.fasterxml.jackson.annotation.JsonAlias;
import java.util.Objects;

/**
 * Configuration of a Transformer over the clicks of a session (Kang and McAuley 2018, SASRec; Sun
 * et al. 2019, BERT4Rec).
 *
 * @param dimension embedding size D, 1 to 1024, a multiple of the heads; also the size of all
 *     layers
 * @param layers number of blocks, 1 to 64
 * @param heads N, attention heads per block
 * @param feedForward inner size of the feed-forward layers, as a multiple of D
 * @param similarity how item vectors are compared with query vectors
 * @param positions the position encoding
 * @param timeBias whether attention takes the time between clicks into account; only if
 *     {@code direction} is causal
 * @param edges whether attention takes the graph of the session's items into account; only if
 *     {@code direction} is causal
 * @param sharing whether blocks share their weights
 * @param readout how the query vector is formed
 * @param direction which clicks a position attends to
 * @param lastClicks W, the attention window in clicks in each layer, including the position itself
 * @param inputDropout dropout of the embedded clicks, 0 to below 1
 * @param attentionDropout dropout of the attention weights
 * @param layerDropout dropout after attention and feed-forward
 * @param maskShare share of the clicks masked in training where {@code direction} is bidirectional
 */
public record TransformerConfig(
    int dimension,
    int layers,
    int heads,
    int feedForward,
    @JsonAlias("items") Similarity similarity,
    PositionEncoding positions,
    TimeBias timeBias,
    Edges edges,
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
    edges = Objects.requireNonNullElse(edges, Edges.NONE);
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
          "timeBias must be none where direction is bidirectional: the masked place has no time yet");
    }
    if (direction == Direction.BIDIRECTIONAL && edges != Edges.NONE) {
      throw new IllegalArgumentException(
          "edges must be none where direction is bidirectional: the masked place has no item yet");
    }
    if (direction == Direction.BIDIRECTIONAL && readout != Readout.LAST) {
      throw new IllegalArgumentException(
          "readout must be last where direction is bidirectional: the masked place has no item to average");
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
        .layers(layers)
        .heads(heads)
        .feedForward(feedForward)
        .similarity(similarity)
        .positions(positions)
        .timeBias(timeBias)
        .edges(edges)
        .sharing(sharing)
        .readout(readout)
        .direction(direction)
        .lastClicks(lastClicks)
        .inputDropout(inputDropout)
        .attentionDropout(attentionDropout)
        .layerDropout(layerDropout)
        .maskShare(maskShare);
  }

  /** The settings by name; {@link #build()} checks them. */
  public static final class Builder {
    private int dimension = 100;
    private int layers = 2;
    private int heads = 2;
    private int feedForward = 4;
    private Similarity similarity = Similarity.cosine(16);
    private PositionEncoding positions = PositionEncoding.LEARNED;
    private TimeBias timeBias = TimeBias.NONE;
    private Edges edges = Edges.NONE;
    private LayerSharing sharing = LayerSharing.INDEPENDENT;
    private Readout readout = Readout.PROJECTED;
    private Direction direction = Direction.CAUSAL;
    private int lastClicks = 50;
    private float inputDropout = 0.4f;
    private float attentionDropout = 0.1f;
    private float layerDropout = 0.2f;
    private float maskShare = 0.3f;

    private Builder() {}

    /** See {@link TransformerConfig#dimension()}. */
    public Builder dimension(int value) {
      dimension = value;
      return this;
    }

    /** See {@link TransformerConfig#layers()}. */
    public Builder layers(int value) {
      layers = value;
      return this;
    }

    /** See {@link TransformerConfig#heads()}. */
    public Builder heads(int value) {
      heads = value;
      return this;
    }

    /** See {@link TransformerConfig#feedForward()}. */
    public Builder feedForward(int value) {
      feedForward = value;
      return this;
    }

    /** See {@link TransformerConfig#similarity()}. */
    public Builder similarity(Similarity value) {
      similarity = value;
      return this;
    }

    /** See {@link TransformerConfig#positions()}. */
    public Builder positions(PositionEncoding value) {
      positions = value;
      return this;
    }

    /** See {@link TransformerConfig#timeBias()}. */
    public Builder timeBias(TimeBias value) {
      timeBias = value;
      return this;
    }

    /** See {@link TransformerConfig#edges()}. */
    public Builder edges(Edges value) {
      edges = value;
      return this;
    }

    /** See {@link TransformerConfig#sharing()}. */
    public Builder sharing(LayerSharing value) {
      sharing = value;
      return this;
    }

    /** See {@link TransformerConfig#readout()}. */
    public Builder readout(Readout value) {
      readout = value;
      return this;
    }

    /** See {@link TransformerConfig#direction()}. */
    public Builder direction(Direction value) {
      direction = value;
      return this;
    }

    /** See {@link TransformerConfig#lastClicks()}. */
    public Builder lastClicks(int value) {
      lastClicks = value;
      return this;
    }

    /** See {@link TransformerConfig#inputDropout()}. */
    public Builder inputDropout(float value) {
      inputDropout = value;
      return this;
    }

    /** See {@link TransformerConfig#attentionDropout()}. */
    public Builder attentionDropout(float value) {
      attentionDropout = value;
      return this;
    }

    /** See {@link TransformerConfig#layerDropout()}. */
    public Builder layerDropout(float value) {
      layerDropout = value;
      return this;
    }

    /** See {@link TransformerConfig#maskShare()}. */
    public Builder maskShare(float value) {
      maskShare = value;
      return this;
    }

    /**
     * The configuration.
     *
     * @throws IllegalArgumentException when a value is refused; the message says which, and why
     */
    public TransformerConfig build() {
      return new TransformerConfig(
          dimension,
          layers,
          heads,
          feedForward,
          similarity,
          positions,
          timeBias,
          edges,
          sharing,
          readout,
          direction,
          lastClicks,
          inputDropout,
          attentionDropout,
          layerDropout,
          maskShare);
    }
  }
}
