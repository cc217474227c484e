package io.attune.training;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class EarlyStoppingTest {
  private static final int SAMPLED = 2;
  private static final int MANY = 1_000_000;

  /** The epochs that run, and the best of them. */
  private record Outcome(int ran, int best) {}

  private static Outcome run(EarlyStopping rule, double... validation) {
    int done = 0;
    int best = 0;
    while (done < validation.length && !rule.stops(done, best)) {
      if (rule.isBest(done + 1, validation[done], best, best == 0 ? 0 : validation[best - 1])) {
        best = done + 1;
      }
      done++;
    }
    return new Outcome(done, best);
  }

  private static EarlyStopping rule(int epochs, int patience, LossKind loss) {
    TrainingConfig training = TrainingConfig.builder()
        .epochs(epochs)
        .patience(patience)
        .loss(loss)
        .sampledEpochs(SAMPLED)
        .build();
    return new EarlyStopping(training.firstJudged(1000), patience);
  }

  @Test
  void aFallAfterTheEpochsOverSamplesDoesNotEndTheTrainingBeforeItsMainPart() {
    EarlyStopping rule = rule(4, 1, LossKind.FULL);
    assertThat(run(rule, 0.20, 0.19, 0.21, 0.22)).isEqualTo(new Outcome(4, 4));
    assertThat(run(rule, 0.20, 0.19, 0.18, 0.185)).isEqualTo(new Outcome(4, 4));
  }

  @Test
  void theFirstEpochOverAllItemsIsTheFirstToBeJudged() {
    EarlyStopping rule = rule(6, 1, LossKind.FULL);
    assertThat(run(rule, 0.20, 0.21, 0.19, 0.18, 0.3, 0.3)).isEqualTo(new Outcome(4, 3));
    assertThat(run(rule(6, 2, LossKind.FULL), 0.20, 0.21, 0.19, 0.18, 0.3, 0.3))
        .isEqualTo(new Outcome(6, 5));
  }

  @Test
  void whereAllEpochsAreOfOneKindEachIsJudged() {
    for (LossKind loss : new LossKind[] {LossKind.SAMPLED, LossKind.GBCE}) {
      assertThat(run(rule(4, 1, loss), 0.20, 0.19, 0.3, 0.3)).isEqualTo(new Outcome(2, 1));
    }
    assertThat(run(rule(SAMPLED, 1, LossKind.FULL), 0.20, 0.19)).isEqualTo(new Outcome(2, 1));
    assertThat(TrainingConfig.defaults().firstJudged(MANY))
        .isEqualTo(TrainingConfig.defaults().loss(3, MANY) == LossKind.FULL ? 3 : 1);
  }
}
