package io.attune.training;

import static org.assertj.core.api.Assertions.assertThat;

import io.attune.model.EncoderConfig;
import io.attune.model.EnsembleConfig;
import io.attune.model.NarmConfig;
import io.attune.model.TransformerConfig;
import io.attune.session.SessionStatistics;
import io.attune.session.Sessions;
import io.attune.session.Vocabulary;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class TrainingCostTest {
  private static final EncoderConfig NARM = NarmConfig.builder().dimension(100).build();
  private static final TrainingConfig SHOP = Preset.SHORT_SESSIONS.training();
  private static final TrainingConfig HISTORIES =
      Preset.LONG_HISTORIES.training().toBuilder().epochs(20).build();

  @Test
  void aShopsLogTrainsInTheTimeThatWasSeen() {
    // Diginetica: 3,200 targets a second over all items, 17,000 over samples, on two cores.
    TrainingCost diginetica = new TrainingCost(719_470, 43_097, NARM);

    assertThat(diginetica.of(SHOP)).isBetween(Duration.ofMinutes(17), Duration.ofMinutes(22));
    assertThat(diginetica.shortened(SHOP)).isSameAs(SHOP);
  }

  @Test
  void whatIsValidatedIsNotTrainedAndARefitTrainsAll() {
    TrainingCost cost = new TrainingCost(1_000_000, 10_000, NARM);
    TrainingConfig all = SHOP.toBuilder().validation(0).build();
    double once = cost.of(all).toSeconds();
    // Four times 100,000 predictions of 100 numbers, each times 20,000 / 90e9 s + 2.7e-7 s.
    double ranked = 19.7;

    assertThat((cost.of(SHOP).toSeconds() - ranked) / once).isBetween(1.89, 1.91);
    TrainingConfig first = SHOP.toBuilder().refit(false).build();
    assertThat((cost.of(first).toSeconds() - ranked) / once).isBetween(0.89, 0.91);
  }

  @Test
  void aValidationRanksAllItemsAfterEachEpoch() {
    TrainingCost cost = new TrainingCost(15_000_000, 1_000_000, NARM);
    TrainingConfig once = SHOP.toBuilder().refit(false).build();
    double trained = 0.9 * cost.of(once.toBuilder().validation(0).build()).toSeconds();

    // 1,500,000 predictions of 100 numbers, each times 2 x 1,000,000 / 90e9 s + 2.7e-7 s: 3,374 s.
    assertThat(cost.of(once).toSeconds() - trained).isBetween(4 * 3373.0, 4 * 3375.0);
  }

  @Test
  void anEnsembleTakesTheTimeOfBoth() {
    EncoderConfig transformer = TransformerConfig.builder().dimension(64).build();
    long first = new TrainingCost(1_000_000, 10_000, NARM).of(SHOP).toSeconds();
    long second = new TrainingCost(1_000_000, 10_000, transformer).of(SHOP).toSeconds();
    EnsembleConfig both = new EnsembleConfig(NARM, transformer);

    assertThat(new TrainingCost(1_000_000, 10_000, both).of(SHOP).toSeconds())
        .isBetween(first + second, first + second + 1);
  }

  @Test
  void aLargeLogIsTrainedMoreOverSamples() {
    TrainingCost cost = new TrainingCost(6_000_000, 50_000, NARM);

    assertThat(cost.shortened(SHOP)).isEqualTo(SHOP.toBuilder().sampledEpochs(3).build());
  }

  @Test
  void aLargerOneOverSamplesAlone() {
    TrainingCost cost = new TrainingCost(10_000_000, 100_000, NARM);

    assertThat(cost.shortened(SHOP))
        .isEqualTo(SHOP.toBuilder().loss(LossKind.SAMPLED).build());
  }

  @Test
  void aStillLargerOneInFewerEpochs() {
    TrainingConfig shortened = new TrainingCost(30_000_000, 300_000, NARM).shortened(SHOP);
    TrainingConfig least = new TrainingCost(1_000_000_000, 300_000, NARM).shortened(SHOP);

    assertThat(shortened).isEqualTo(SHOP.toBuilder().epochs(2).build());
    assertThat(least).isEqualTo(shortened);
  }

  @Test
  void historiesKeepTheirEpochsAsLongAsSamplesWillDo() {
    TrainingConfig shortened = new TrainingCost(4_000_000, 40_000, NARM).shortened(HISTORIES);

    assertThat(shortened.epochs()).isEqualTo(20);
    assertThat(new TrainingCost(4_000_000, 40_000, NARM).fits(shortened)).isTrue();
  }

  @Test
  void aLogHasATargetForEachClickButTheFirstOfASession() {
    Sessions log = Sessions.of(
        Vocabulary.of(List.of("a", "b", "c")), List.of(new int[] {1, 2, 1}, new int[] {2, 1}));

    assertThat(TrainingCost.of(SessionStatistics.of(log, 0), NARM))
        .isEqualTo(new TrainingCost(3, 2, NARM));
  }
}
