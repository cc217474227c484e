package io.attune.model;

/**
 * Configuration of an encoder with a memory of other sessions, addressed by content (Graves, Wayne
 * and Danihelka 2014, NTM; Wang et al. 2019, CSRM).
 *
 * @param encoder the encoder of the session itself, causal and without popularity drift
 * @param slots M, how many predictions of earlier sessions the memory holds, 4 to 65536: a multiple
 *     of 4, since the engine's products of a row are independent of the batch only then
 * @param sharpness β, by which the cosine of a query and a key is multiplied before the softmax
 *     over all slots, 0 to 100: the higher, the fewer slots count
 */
public record MemoryNetworkConfig(EncoderConfig encoder, int slots, float sharpness)
    implements EncoderConfig {
  /** The keys of the slots in a model, float32 (M, D): of length one, or zeros in an empty slot. */
  public static final String KEYS = "memory.keys";

  /** What the slots hold, float32 (M, D): the vector of the item that was clicked next. */
  public static final String VALUES = "memory.values";

  private static final int SLOT_STEP = 4;

  public MemoryNetworkConfig {
    if (encoder instanceof MemoryNetworkConfig
        || encoder instanceof EnsembleConfig
        || encoder instanceof DriftConfig) {
      throw new IllegalArgumentException("the encoder of a memory network must be a single one,"
          + " without a memory or popularity drift of its own");
    }
    if (encoder instanceof TransformerConfig transformer
        && transformer.direction() == Direction.BIDIRECTIONAL) {
      throw new IllegalArgumentException(
          "direction must be causal for the encoder of a memory network: a key sees no later click");
    }
    Bounds.requireBetween("slots", slots, SLOT_STEP, 65_536);
    if (slots % SLOT_STEP != 0) {
      throw new IllegalArgumentException(
          "slots must be a multiple of " + SLOT_STEP + ", not " + slots);
    }
    if (!(sharpness >= 0 && sharpness <= 100)) {
      throw new IllegalArgumentException("sharpness must be from 0 to 100, not " + sharpness);
    }
  }

  @Override
  public int dimension() {
    return encoder.dimension();
  }

  @Override
  public Similarity similarity() {
    return encoder.similarity();
  }

  @Override
  public boolean looksAtTimes() {
    return encoder.looksAtTimes();
  }

  @Override
  public String summary() {
    return "NARM with a memory of what others clicked next after similar sessions (NTM, CSRM):"
        + " for news that is retrained often, elsewhere no better than NARM";
  }

  /** The shipped defaults: NARM with 1,024 slots. */
  public static MemoryNetworkConfig defaults() {
    return builder().build();
  }

  /** Collects the settings by name, beginning with the shipped defaults. */
  public static Builder builder() {
    return new Builder();
  }

  /** Collects the settings by name, beginning with these. */
  public Builder toBuilder() {
    return new Builder().encoder(encoder).slots(slots).sharpness(sharpness);
  }

  /** The settings by name; {@link #build()} checks them. */
  public static final class Builder {
    private EncoderConfig encoder = NarmConfig.defaults();
    private int slots = 1024;
    private float sharpness = 20;

    private Builder() {}

    /** See {@link MemoryNetworkConfig#encoder()}. */
    public Builder encoder(EncoderConfig value) {
      encoder = value;
      return this;
    }

    /** See {@link MemoryNetworkConfig#slots()}. */
    public Builder slots(int value) {
      slots = value;
      return this;
    }

    /** See {@link MemoryNetworkConfig#sharpness()}. */
    public Builder sharpness(float value) {
      sharpness = value;
      return this;
    }

    /**
     * The configuration.
     *
     * @throws IllegalArgumentException when a value is refused; the message says which, and why
     */
    public MemoryNetworkConfig build() {
      return new MemoryNetworkConfig(encoder, slots, sharpness);
    }
  }
}
