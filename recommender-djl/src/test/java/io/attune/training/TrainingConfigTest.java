package io.attune.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.junit.jupiter.api.Test;

class TrainingConfigTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** Each value another than the shipped one. */
  private static final TrainingConfig OTHER = TrainingConfig.builder()
      .epochs(7)
      .stepTargets(33)
      .learningRate(0.25)
      .warmup(0.2)
      .weightDecay(0.125)
      .clipNorm(3)
      .validation(0.4)
      .patience(6)
      .refit(false)
      .order(TrainingOrder.CHRONOLOGICAL)
      .recencyShare(0.5)
      .popularityDrift(0.7)
      .driftEstimate(DriftEstimate.FORECAST)
      .precision(Precision.BF16)
      .loss(LossKind.GBCE)
      .sampledEpochs(5)
      .negatives(99)
      .samplingDistribution(SamplingDistribution.LOG_UNIFORM)
      .calibration(0.3)
      .itemInitialization(ItemInitialization.RANDOM)
      .weightAveraging(0.6)
      .clicked(ClickedItems.OFF)
      .build();

  @Test
  void aBuilderPutsEachValueWhereItsNameSays() throws JsonProcessingException {
    ObjectNode shipped = JSON.valueToTree(TrainingConfig.defaults());
    ObjectNode other = JSON.valueToTree(OTHER);
    assertThat(other.size()).isEqualTo(22);
    shipped
        .properties()
        .forEach(each ->
            assertThat(other.get(each.getKey())).as(each.getKey()).isNotEqualTo(each.getValue()));
    assertThat(OTHER.toBuilder().build()).isEqualTo(OTHER);
    assertThat(JSON.treeToValue(other, TrainingConfig.class)).isEqualTo(OTHER);
  }

  @Test
  void whatIsBuiltIsChecked() {
    assertThatThrownBy(() -> TrainingConfig.builder().epochs(0).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("epochs must be from 1 to 10000, not 0");
  }
}
