package io.attune.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class LearningRateScheduleTest {
  private final LearningRateSchedule schedule = new LearningRateSchedule(2, 100, 1100);

  @Test
  void theRateRisesLinearlyToItsPeak() {
    assertThat(schedule.rate(49)).isCloseTo(1, within(1e-12));
    assertThat(schedule.rate(99)).isCloseTo(2, within(1e-12));
  }

  @Test
  void theRateFallsAlongHalfACosineToAHundredthOfItsPeak() {
    assertThat(schedule.rate(600)).isCloseTo(2 * (0.01 + 0.99 / 2), within(1e-12));
    assertThat(schedule.rate(1100)).isCloseTo(0.02, within(1e-12));
    assertThat(schedule.rate(9999)).isCloseTo(0.02, within(1e-12));
  }

  @Test
  void withoutWarmUpItStartsAtThePeak() {
    assertThat(new LearningRateSchedule(2, 0, 10).rate(0)).isEqualTo(2);
  }
}
