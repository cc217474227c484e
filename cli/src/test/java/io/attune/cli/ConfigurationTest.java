package io.attune.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.model.AttentionScore;
import io.attune.model.Direction;
import io.attune.model.EncoderConfig;
import io.attune.model.EnsembleConfig;
import io.attune.model.NarmConfig;
import io.attune.model.Readout;
import io.attune.model.Similarity;
import io.attune.model.StampConfig;
import io.attune.model.TransformerConfig;
import io.attune.training.ItemInitialization;
import io.attune.training.Precision;
import io.attune.training.Preset;
import io.attune.training.SamplingDistribution;
import io.attune.training.TrainingConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigurationTest {
  @TempDir
  private Path folder;

  @Test
  void withoutFileAndSettingsItIsTheDefaults() throws IOException {
    assertThat(Configuration.of(Preset.SHORT_SESSIONS, null, null, Map.of()))
        .isEqualTo(
            new Configuration(Preset.SHORT_SESSIONS.encoder(), Preset.SHORT_SESSIONS.training()));
  }

  @Test
  void aFileOverridesDefaultsAndASettingOverridesTheFile() throws IOException {
    Path file = file("""
        encoder:
          type: narm
          score: scaled-dot
          similarity:
            scale: 12
        training:
          epochs: 9
          patience: 4
        """);

    Configuration made = Configuration.of(
        Preset.SHORT_SESSIONS, null, file, Map.of("training.epochs", "2", "precision", "fp32"));

    NarmConfig encoder = (NarmConfig) made.encoder();
    assertThat(encoder.score()).isEqualTo(AttentionScore.SCALED_DOT);
    assertThat(encoder.similarity().scale()).isEqualTo(12);
    assertThat(encoder.dimension()).isEqualTo(NarmConfig.defaults().dimension());
    assertThat(made.training().epochs()).isEqualTo(2);
    assertThat(made.training().patience()).isEqualTo(4);
    assertThat(made.training().precision()).isEqualTo(Precision.FP32);
  }

  @Test
  void everyPresetAndEveryEncoderMakesAConfigurationThatCanBeWrittenAndRead() throws IOException {
    for (Preset preset : Preset.values()) {
      assertThat(Preset.named(preset.label())).isEqualTo(preset);
      for (String encoder : EncoderConfig.defaults().keySet()) {
        Configuration made = Configuration.of(preset, encoder, null, Map.of());
        assertThat(made.training()).isEqualTo(preset.training());
        assertThat(Configuration.of(preset, null, file(made.yaml()), Map.of())).isEqualTo(made);
      }
    }
  }

  @Test
  void theEndOfAPathNamesAKey() throws IOException {
    Configuration made = Configuration.of(
        Preset.SHORT_SESSIONS,
        "narm",
        null,
        Map.of("similarity.scale", "20", "learningRate", "1e-3"));

    assertThat(made.encoder().similarity().scale()).isEqualTo(20);
    assertThat(made.training().learningRate()).isEqualTo(0.001);
  }

  @Test
  void itsYamlGivesTheSameConfiguration() throws IOException {
    Configuration made = Configuration.of(
        Preset.SHORT_SESSIONS, "narm", null, Map.of("epochs", "3", "score", "dot"));

    assertThat(Configuration.of(Preset.SHORT_SESSIONS, null, file(made.yaml()), Map.of()))
        .isEqualTo(made);
  }

  @Test
  void anEmptyFileChangesNothing() throws IOException {
    assertThat(Configuration.of(Preset.SHORT_SESSIONS, null, file(""), Map.of()))
        .isEqualTo(Configuration.of(Preset.SHORT_SESSIONS, null, null, Map.of()));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      epochs       | many  | training.epochs must be a whole number, not 'many'
      epochs       | 2.5   | training.epochs must be a whole number, not '2.5'
      epochs       | 0     | training: epochs must be from 1 to 10000, not 0
      epochs       | ''    | training.epochs must have a value, not ''
      refit        | yes   | training.refit must be true or false, not 'yes'
      learningRate | fast  | training.learningRate must be a number, not 'fast'
      learningRate | NaN   | training: learningRate must be in (0, 1], not NaN
      score        | sharp | encoder.score must be one of additive, dot, scaled-dot, general, not 'sharp'
      scale        | 500   | encoder.similarity: scale must be from 1 to 100, not 500.0
      encoder.type | gru   | encoder.type is 'narm', given by --encoder, not 'gru'
      """)
  void aBadValueIsToldWithItsKeyAndTheRule(String key, String value, String message) {
    assertThatThrownBy(
            () -> Configuration.of(Preset.SHORT_SESSIONS, "narm", null, Map.of(key, value)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @Test
  void vectorsThatTheDriftWouldMakeTooLongAreRefused() throws IOException {
    assertThatThrownBy(() ->
            Configuration.of(Preset.SHORT_SESSIONS, "narm", null, Map.of("dimension", "1024")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("dimension, with 4 elements for the drift, must be from 1 to 1024, not 1028");
    Map<String, String> both = Map.of("first.dimension", "512", "second.dimension", "512");
    assertThatThrownBy(() -> Configuration.of(Preset.SHORT_SESSIONS, "ensemble", null, both))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the sum of both dimensions must be from 1 to 1024, not 1032");
    Map<String, String> without = new HashMap<>(both);
    without.put("popularityDrift", "0");
    assertThat(Configuration.of(Preset.SHORT_SESSIONS, "ensemble", null, without)
            .encoder()
            .dimension())
        .isEqualTo(1024);
  }

  @Test
  void whatKeysEncodersAndValuesWereCalledBeforeIsStillRead() throws IOException {
    Path file = file("""
        encoder:
          type: pair
          first:
            items:
              scale: 12
          second:
            sharing: own
        training:
          newest: 0.5
          trend: 0.2
          sampler: log-uniform
          itemStart: random
          averaging: 0.1
        """);
    Configuration before = Configuration.of(Preset.SHORT_SESSIONS, null, file, Map.of());
    EnsembleConfig shipped = EnsembleConfig.defaults();
    NarmConfig narm = (NarmConfig) shipped.first();
    assertThat(before.encoder())
        .isEqualTo(new EnsembleConfig(
            narm.toBuilder().similarity(Similarity.cosine(12)).build(), shipped.second()));
    assertThat(before.training())
        .isEqualTo(TrainingConfig.builder()
            .recencyShare(0.5)
            .popularityDrift(0.2)
            .samplingDistribution(SamplingDistribution.LOG_UNIFORM)
            .itemInitialization(ItemInitialization.RANDOM)
            .weightAveraging(0.1)
            .build());

    Map<String, String> settings =
        Map.of("direction", "both", "readout", "last", "items.scale", "12", "trend", "0.2");
    Configuration set = Configuration.of(Preset.SHORT_SESSIONS, "transformer", null, settings);
    assertThat(set.encoder())
        .isEqualTo(TransformerConfig.builder()
            .direction(Direction.BIDIRECTIONAL)
            .readout(Readout.LAST)
            .similarity(Similarity.cosine(12))
            .build());
    assertThat(set.training().popularityDrift()).isEqualTo(0.2);
    assertThat(Configuration.of(Preset.SHORT_SESSIONS, "memory", null, Map.of()).encoder())
        .isEqualTo(StampConfig.defaults());
  }

  @Test
  void anUnknownKeyListsTheKnownOnes() throws IOException {
    assertThatThrownBy(
            () -> Configuration.of(Preset.SHORT_SESSIONS, null, null, Map.of("epoch", "3")))
        .hasMessageStartingWith("there is no key 'epoch'; there are encoder.type, ")
        .hasMessageContaining("encoder.similarity.scale")
        .hasMessageContaining("training.epochs");
    Path file = file("training:\n  epoch: 3\n");
    assertThatThrownBy(() -> Configuration.of(Preset.SHORT_SESSIONS, null, file, Map.of()))
        .hasMessageStartingWith(
            file + ": there is no key 'training.epoch'; there are training.epochs");
  }

  @Test
  void whatIsNoYamlOrNoConfigurationNamesTheFile() throws IOException {
    Path file = file("training:\n  epochs: [1\n");
    assertThatThrownBy(() -> Configuration.of(Preset.SHORT_SESSIONS, null, file, Map.of()))
        .hasMessageStartingWith(file + ":")
        .hasMessageContaining("not YAML");
    file("training: 3\n");
    assertThatThrownBy(() -> Configuration.of(Preset.SHORT_SESSIONS, null, file, Map.of()))
        .hasMessage(file + ": expected keys below 'training', not 3");
    assertThatThrownBy(() ->
            Configuration.of(Preset.SHORT_SESSIONS, null, folder.resolve("none.yml"), Map.of()))
        .isInstanceOf(NoSuchFileException.class);
  }

  private Path file(String text) throws IOException {
    return Files.writeString(folder.resolve("config.yml"), text);
  }
}
