package io.attune.model;

/**
 * Configuration of dilated causal convolutions over the clicks (Yuan et al. 2019, NextItNet).
 *
 * <p>Each residual block has two convolutions. Their dilations are 1 and 2 in the first block, and
 * go on doubling: 4 and 8, 16 and 32.
 *
 * @param dimension embedding size D, 1 to 1024; also the size of all layers
 * @param blocks number of residual blocks, 1 to 6
 * @param kernel k, clicks that a convolution combines, 2 to 64
 * @param similarity how item vectors are compared with query vectors
 * @param readout how the query vector is formed; a mean is over the clicks of the receptive field
 * @param inputDropout dropout of the embedded clicks, 0 to below 1
 * @param blockDropout dropout of what a block adds, and of the last output before its projection
 */
public record ConvolutionConfig(
    int dimension,
    int blocks,
    int kernel,
    Similarity similarity,
    Readout readout,
    float inputDropout,
    float blockDropout)
    implements EncoderConfig {
  private static final int MAX_FIELD = 10_000;

  public ConvolutionConfig {
    Bounds.requireSize("dimension", dimension, MAX_DIMENSIONS);
    Bounds.requireSize("blocks", blocks, 6);
    Bounds.requireBetween("kernel", kernel, 2, 64);
    Bounds.requireShare("inputDropout", inputDropout);
    Bounds.requireShare("blockDropout", blockDropout);
    int field = field(blocks, kernel);
    if (field > MAX_FIELD) {
      throw new IllegalArgumentException(
          "blocks and kernel must have a receptive field of at most " + MAX_FIELD + " clicks, not "
              + field + " with " + blocks + " blocks and kernel " + kernel);
    }
  }

  /** The number of convolutions. */
  public int convolutions() {
    return 2 * blocks;
  }

  /**
   * The distance, in clicks, of those that a convolution combines.
   *
   * @param convolution from 0, the one that reads the clicks
   */
  public int dilation(int convolution) {
    return 1 << convolution;
  }

  /** How many clicks back a convolution reads. */
  public int delay(int convolution) {
    return (kernel - 1) * dilation(convolution);
  }

  /** How many clicks the output at the last one depends on, that one included. */
  public int receptiveField() {
    return field(blocks, kernel);
  }

  /**
   * W, the clicks whose vectors the readout averages: those of the receptive field, or the last.
   */
  public int window() {
    return readout == Readout.LAST ? 1 : receptiveField();
  }

  /** One click, and the sum of all delays before it. */
  private static int field(int blocks, int kernel) {
    return 1 + (kernel - 1) * ((1 << (2 * blocks)) - 1);
  }

  @Override
  public String summary() {
    return "dilated convolutions over the last clicks (NextItNet): sees a fixed number of clicks, and"
        + " each in its own place";
  }

  /** The shipped defaults: the last 31 clicks, at about the cost of NARM. */
  public static ConvolutionConfig defaults() {
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
        .blocks(blocks)
        .kernel(kernel)
        .similarity(similarity)
        .readout(readout)
        .inputDropout(inputDropout)
        .blockDropout(blockDropout);
  }

  /** The settings by name; {@link #build()} checks them. */
  public static final class Builder {
    private int dimension = 100;
    private int blocks = 2;
    private int kernel = 3;
    private Similarity similarity = Similarity.cosine(16);
    private Readout readout = Readout.PROJECTED;
    private float inputDropout = 0.4f;
    private float blockDropout = 0.2f;

    private Builder() {}

    /** See {@link ConvolutionConfig#dimension()}. */
    public Builder dimension(int value) {
      dimension = value;
      return this;
    }

    /** See {@link ConvolutionConfig#blocks()}. */
    public Builder blocks(int value) {
      blocks = value;
      return this;
    }

    /** See {@link ConvolutionConfig#kernel()}. */
    public Builder kernel(int value) {
      kernel = value;
      return this;
    }

    /** See {@link ConvolutionConfig#similarity()}. */
    public Builder similarity(Similarity value) {
      similarity = value;
      return this;
    }

    /** See {@link ConvolutionConfig#readout()}. */
    public Builder readout(Readout value) {
      readout = value;
      return this;
    }

    /** See {@link ConvolutionConfig#inputDropout()}. */
    public Builder inputDropout(float value) {
      inputDropout = value;
      return this;
    }

    /** See {@link ConvolutionConfig#blockDropout()}. */
    public Builder blockDropout(float value) {
      blockDropout = value;
      return this;
    }

    /**
     * The configuration.
     *
     * @throws IllegalArgumentException when a value is refused; the message says which, and why
     */
    public ConvolutionConfig build() {
      return new ConvolutionConfig(
          dimension, blocks, kernel, similarity, readout, inputDropout, blockDropout);
    }
  }
}
