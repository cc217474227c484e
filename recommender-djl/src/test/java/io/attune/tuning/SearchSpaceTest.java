package io.attune.tuning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.model.Edges;
import io.attune.model.EncoderConfig;
import io.attune.model.EnsembleConfig;
import io.attune.model.Similarity;
import io.attune.model.TransformerConfig;
import io.attune.training.Preset;
import io.attune.training.TrainingConfig;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SearchSpaceTest {
  @Test
  void everyEncoderAndEveryPresetHasASpaceWhoseCandidatesAreValidAndDiffer() {
    for (Preset preset : Preset.values()) {
      for (EncoderConfig encoder : EncoderConfig.defaults().values()) {
        if (encoder instanceof EnsembleConfig) {
          continue;
        }
        Candidate from = new Candidate(encoder, preset.training());
        List<Candidate> drawn = draw(SearchSpace.around(from, Set.of()), 200);
        assertThat(drawn).hasSize(200).doesNotHaveDuplicates().startsWith(from);
        assertThat(drawn).extracting(Candidate::encoder).hasSizeGreaterThan(50);
        assertThat(drawn.stream().map(each -> each.training().learningRate()).distinct())
            .hasSizeGreaterThan(20);
        assertThat(drawn)
            .allMatch(each -> each.encoder().getClass() == encoder.getClass())
            .allMatch(each -> each.training().epochs() == preset.training().epochs());
      }
    }
  }

  @Test
  void theEncodersOfAnEnsembleAreTunedOneByOne() {
    Candidate ensemble = new Candidate(EnsembleConfig.defaults(), Preset.SHORT_SESSIONS.training());
    assertThatThrownBy(() -> SearchSpace.around(ensemble, Set.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("--encoder narm");
  }

  @Test
  void aboutHalfOfTheSettingsStayAsTheyAre() {
    TrainingConfig training = Preset.SHORT_SESSIONS.training();
    Candidate from = new Candidate(Preset.SHORT_SESSIONS.encoder(), training);
    long kept = draw(SearchSpace.around(from, Set.of()), 400).stream()
        .filter(each -> each.training().learningRate() == training.learningRate())
        .count();
    assertThat(kept).isBetween(160L, 250L);
  }

  @Test
  void whatIsKeptStaysAsItIs() {
    Candidate from =
        new Candidate(Preset.SHORT_SESSIONS.encoder(), Preset.SHORT_SESSIONS.training());
    Set<String> kept = Set.of("dimension", "learningRate", "similarity");
    assertThat(draw(SearchSpace.around(from, kept), 100))
        .allMatch(each -> each.encoder().dimension() == from.encoder().dimension())
        .allMatch(each -> each.encoder().similarity().equals(from.encoder().similarity()))
        .allMatch(each -> each.training().learningRate() == from.training().learningRate())
        .anyMatch(each -> ((TransformerConfig) each.encoder()).layers() == 3)
        .anyMatch(each -> ((TransformerConfig) each.encoder()).edges() == Edges.SESSION_GRAPH);
  }

  @Test
  void inputTablesOfTheirOwnStayWhateverTheSimilarity() {
    TransformerConfig untied =
        TransformerConfig.builder().similarity(new Similarity(false, 1, false)).build();
    Candidate from = new Candidate(untied, Preset.SHORT_SESSIONS.training());
    assertThat(draw(SearchSpace.around(from, Set.of()), 100))
        .noneMatch(each -> each.encoder().similarity().tied())
        .anyMatch(each -> each.encoder().similarity().normalized());
  }

  @Test
  void aSearchBesideSamplesBeginsWithThemInEveryTrial() {
    Candidate from =
        new Candidate(Preset.SHORT_SESSIONS.encoder(), Preset.SHORT_SESSIONS.training());
    assertThat(draw(SearchSpace.around(from, Set.of()), 200))
        .extracting(each -> each.training().sampledEpochs())
        .containsOnly(1, 2, 3);
    Candidate without =
        new Candidate(Preset.LONG_HISTORIES.encoder(), Preset.LONG_HISTORIES.training());
    assertThat(draw(SearchSpace.around(without, Set.of()), 100))
        .extracting(each -> each.training().sampledEpochs())
        .containsOnly(0);
  }

  private static List<Candidate> draw(SearchSpace space, int count) {
    return space.candidates(new SplittableRandom(3)).limit(count).toList();
  }
}
