package io.attune.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.attune.encoder.EncoderConfigs;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class EncoderConfigTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  static Stream<EncoderConfig> all() {
    return EncoderConfigs.all();
  }

  @ParameterizedTest
  @MethodSource("all")
  void aConfigurationIsReadAsItWasWritten(EncoderConfig config) throws JsonProcessingException {
    assertThat(JSON.readValue(JSON.writeValueAsString(config), EncoderConfig.class))
        .isEqualTo(config);
  }

  @Test
  void aBuilderKeepsWhatItBeganWith() {
    Stream<EncoderConfig> shipped = EncoderConfig.defaults().values().stream();
    for (EncoderConfig config : Stream.concat(shipped, all()).toList()) {
      EncoderConfig same =
          switch (config) {
            case NarmConfig narm -> narm.toBuilder().build();
            case TransformerConfig transformer -> transformer.toBuilder().build();
            case GruConfig gru -> gru.toBuilder().build();
            case ConvolutionConfig convolution -> convolution.toBuilder().build();
            case HierarchicalConfig hierarchical -> hierarchical.toBuilder().build();
            case StampConfig stamp -> stamp.toBuilder().build();
            case MeanConfig mean -> mean.toBuilder().build();
            case MemoryNetworkConfig memory -> memory.toBuilder().build();
            case EnsembleConfig ensemble -> ensemble;
            case DriftConfig drift -> drift;
          };
      assertThat(same).isEqualTo(config);
    }
  }

  @Test
  void theDefaultsBearTheNamesThatAreWritten() {
    Map<String, EncoderConfig> defaults = EncoderConfig.defaults();
    int kinds = EncoderConfig.class.getPermittedSubclasses().length;
    assertThat(defaults).hasSize(kinds - 1); // Popularity drift is added to any, and has no name.
    defaults.forEach((name, config) -> {
      JsonNode tree = JSON.valueToTree(config);
      assertThat(tree.path("type").asText()).isEqualTo(name);
      assertThat(config.summary()).isNotBlank();
    });
  }

  /** As manifests were written before later settings were added, read as models read them. */
  @ParameterizedTest
  @ValueSource(strings = {"""
        {"type":"narm","dimension":100,"hidden":100,
        "similarity":{"normalized":true,"scale":16.0,"tied":true},"score":"additive",
        "softmaxAttention":false,"readout":"sum","lastClicks":50,"inputDropout":0.4,
        "contextDropout":0.5}""", """
        {"type":"transformer","dimension":100,"layers":2,"heads":2,"feedForward":4,
        "similarity":{"normalized":true,"scale":16.0,"tied":true},"positions":"learned",
        "timeBias":"none","sharing":"independent","readout":"projected","direction":"causal",
        "lastClicks":50,"inputDropout":0.4,"attentionDropout":0.1,"layerDropout":0.2,
        "maskShare":0.3}""", """
        {"type":"gru","dimension":100,"hidden":100,
        "similarity":{"normalized":true,"scale":16.0,"tied":true},"inputDropout":0.4,
        "stateDropout":0.5}""", """
        {"type":"convolution","dimension":100,"blocks":2,"kernel":3,
        "similarity":{"normalized":true,"scale":16.0,"tied":true},"readout":"projected",
        "inputDropout":0.4,"blockDropout":0.2}""", """
        {"type":"stamp","dimension":100,
        "similarity":{"normalized":true,"scale":16.0,"tied":true},"hops":1,
        "softmaxAttention":false,"agePositions":true,"lastClicks":20,"inputDropout":0.4}"""})
  void whatWasWrittenWithoutLaterSettingsHasTheirDefaults(String written)
      throws JsonProcessingException {
    JsonMapper asModels = JsonMapper.builder()
        .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
        .build();
    EncoderConfig read = asModels.readValue(written, EncoderConfig.class);
    assertThat(read).isEqualTo(EncoderConfig.defaults().get(read.kind()));
  }

  @Test
  void aTransformerOfBeforeTimesWereLookedAtDoesNotLookAtThem() throws JsonProcessingException {
    ObjectNode tree = JSON.valueToTree(TransformerConfig.defaults());
    tree.remove("timeBias");
    assertThat(JSON.treeToValue(tree, EncoderConfig.class))
        .isEqualTo(TransformerConfig.defaults())
        .extracting(config -> ((TransformerConfig) config).timeBias())
        .isEqualTo(TimeBias.NONE);
  }

  @Test
  void whoLooksBothWaysCannotLookAtTimes() {
    ObjectNode tree = JSON.valueToTree(EncoderConfigs.bidirectional());
    tree.put("timeBias", "gap");
    assertThatThrownBy(() -> JSON.treeToValue(tree, EncoderConfig.class))
        .hasMessageContaining("timeBias must be none where direction is bidirectional");
  }

  @Test
  void aTransformerOfBeforeThereWereEdgesHasNone() throws JsonProcessingException {
    ObjectNode tree = JSON.valueToTree(TransformerConfig.defaults());
    assertThat(tree.path("edges").asText()).isEqualTo("none");
    tree.remove("edges");
    assertThat(JSON.treeToValue(tree, EncoderConfig.class)).isEqualTo(TransformerConfig.defaults());
    tree.put("edges", "session-graph");
    assertThat(JSON.treeToValue(tree, EncoderConfig.class))
        .isEqualTo(TransformerConfig.builder().edges(Edges.SESSION_GRAPH).build());
  }

  @Test
  void whoLooksBothWaysHasNoEdges() {
    ObjectNode tree = JSON.valueToTree(EncoderConfigs.bidirectional());
    tree.put("edges", "session-graph");
    assertThatThrownBy(() -> JSON.treeToValue(tree, EncoderConfig.class))
        .hasMessageContaining("edges must be none where direction is bidirectional");
  }

  @Test
  void headsMustDivideTheDimension() {
    assertThatThrownBy(() -> TransformerConfig.builder().dimension(10).heads(4).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("multiple of 4")
        .hasMessageContaining("not 10");
  }

  @Test
  void theReceptiveFieldIsOneClickAndAllDelays() {
    // Dilations 1, 2, 4, 8 with three clicks each: 2 + 4 + 8 + 16 before the last.
    assertThat(ConvolutionConfig.defaults().receptiveField()).isEqualTo(31);
    ConvolutionConfig small = ConvolutionConfig.builder().blocks(1).kernel(2).build();
    assertThat(small.receptiveField()).isEqualTo(4);
    assertThatThrownBy(() -> small.toBuilder().kernel(1).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("kernel must be from 2 to 64, not 1");
    assertThatThrownBy(() -> small.toBuilder().blocks(6).kernel(4).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("blocks and kernel must have a receptive field of at most 10000 clicks,"
            + " not 12286 with 6 blocks and kernel 4");
  }

  @Test
  void anEnsembleIsOfTwoDifferentEncodersThatSeeNoLaterClick() {
    EnsembleConfig ensemble = EnsembleConfig.defaults();
    assertThatThrownBy(() -> new EnsembleConfig(GruConfig.defaults(), ensemble))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("not of ensembles");
    assertThatThrownBy(
            () -> new EnsembleConfig(EncoderConfigs.bidirectional(), GruConfig.defaults()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("direction must be causal");
    assertThatThrownBy(() -> new EnsembleConfig(GruConfig.defaults(), GruConfig.defaults()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("must differ");
    GruConfig large = GruConfig.builder().dimension(1000).build();
    assertThatThrownBy(() -> new EnsembleConfig(large, GruConfig.defaults()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the sum of both dimensions must be from 1 to 1024, not 1100");
  }

  @Test
  void aDriftIsAddedOnce() {
    DriftConfig drift = new DriftConfig(GruConfig.defaults());
    assertThatThrownBy(() -> new DriftConfig(drift))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("once");
    GruConfig large = GruConfig.builder().dimension(1024).build();
    assertThatThrownBy(() -> new DriftConfig(large))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("dimension, with 4 elements for the drift, must be from 1 to 1024, not 1028");
    EnsembleConfig ensemble = EnsembleConfig.defaults();
    assertThatThrownBy(() -> new EnsembleConfig(drift, new DriftConfig(ensemble)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("not of ensembles");
  }

  @Test
  void anEncoderBearsTheNameOfItsKind() {
    assertThat(new DriftConfig(NarmConfig.defaults()).kind()).isEqualTo("narm");
    EncoderConfig.defaults().forEach((name, config) -> assertThat(config.kind()).isEqualTo(name));
  }
}
