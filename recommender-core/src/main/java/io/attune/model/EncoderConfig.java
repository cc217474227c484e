package io.attune.model;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What kind of encoder a model has and its sizes: the part of a model that is fixed before training
 * and that serving must know.
 *
 * <p>The set is closed: an encoder is added by permitting its configuration here. Nothing in this
 * package needs an engine.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = NarmConfig.class, name = "narm"),
  @JsonSubTypes.Type(value = TransformerConfig.class, name = "transformer"),
  @JsonSubTypes.Type(value = GruConfig.class, name = "gru"),
  @JsonSubTypes.Type(value = ConvolutionConfig.class, name = "convolution"),
  @JsonSubTypes.Type(value = HierarchicalConfig.class, name = "hierarchical"),
  @JsonSubTypes.Type(value = StampConfig.class, name = "stamp", names = "memory"),
  @JsonSubTypes.Type(value = MeanConfig.class, name = "mean"),
  @JsonSubTypes.Type(value = MemoryNetworkConfig.class, name = "memory-network"),
  @JsonSubTypes.Type(value = EnsembleConfig.class, name = "ensemble", names = "pair"),
  @JsonSubTypes.Type(value = DriftConfig.class, name = "drift", names = "trend")
})
public sealed interface EncoderConfig
    permits NarmConfig,
        TransformerConfig,
        GruConfig,
        ConvolutionConfig,
        HierarchicalConfig,
        StampConfig,
        MeanConfig,
        MemoryNetworkConfig,
        EnsembleConfig,
        DriftConfig {
  /** Lucene's limit for vectors in an index. */
  int MAX_DIMENSIONS = 1024;

  /** Embedding size D: the length of item vectors and query vectors. */
  int dimension();

  /** How item vectors are held and compared. */
  Similarity similarity();

  /** Whether clicks must have times. */
  default boolean looksAtTimes() {
    return false;
  }

  /** The pause after which a click begins a new visit; null if it does not tell visits apart. */
  default @Nullable VisitGap visitGap() {
    return null;
  }

  /** What it is and when to choose it, in one line. */
  String summary();

  /** What is trained of it: itself, without popularity drift. */
  default EncoderConfig bare() {
    return this;
  }

  /** The name of its kind, such as {@code narm}. */
  default String kind() {
    return defaults().entrySet().stream()
        .filter(shipped -> shipped.getValue().getClass() == getClass())
        .map(Map.Entry::getKey)
        .findFirst()
        .orElseThrow();
  }

  /**
   * The encoders by name with their shipped defaults, in the order in which to try them. Popularity
   * drift is none of them: training adds it to any.
   */
  static Map<String, EncoderConfig> defaults() {
    Map<String, EncoderConfig> all = new LinkedHashMap<>();
    all.put("narm", NarmConfig.defaults());
    all.put("transformer", TransformerConfig.defaults());
    all.put("gru", GruConfig.defaults());
    all.put("convolution", ConvolutionConfig.defaults());
    all.put("hierarchical", HierarchicalConfig.defaults());
    all.put("stamp", StampConfig.defaults());
    all.put("mean", MeanConfig.defaults());
    all.put("memory-network", MemoryNetworkConfig.defaults());
    all.put("ensemble", EnsembleConfig.defaults());
    return Collections.unmodifiableMap(all);
  }
}
