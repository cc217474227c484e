package io.attune.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.attune.session.Sessions;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TimeGapsTest {
  @ParameterizedTest
  @CsvSource({
    "PT0S, 0",
    "PT0.999S, 0",
    "PT1S, 1",
    "PT1.999S, 1",
    "PT2S, 2",
    "PT3.9S, 2",
    "PT4S, 3",
    "PT1M, 6",
    "PT1H, 12",
    "P194D, 24",
    "P195D, 25",
    "P40000D, 25"
  })
  void bucketsDouble(Duration gap, int bucket) {
    long start = 1_700_000_000_123L;
    assertThat(TimeGaps.bucket(start, start + gap.toMillis())).isEqualTo(bucket);
    assertThat(bucket).isLessThan(TimeGaps.BUCKETS);
  }

  @Test
  void aClickThatSeemsToComeBeforeAnEarlierOneIsAtItsTime() {
    assertThat(TimeGaps.bucket(5_000, 4_000)).isZero();
  }

  @Test
  void aTimeThatIsNotKnownHasABucketOfItsOwn() {
    assertThat(TimeGaps.bucket(Sessions.NO_TIME, 4_000)).isEqualTo(TimeGaps.UNKNOWN);
    assertThat(TimeGaps.bucket(4_000, Sessions.NO_TIME)).isEqualTo(TimeGaps.UNKNOWN);
    assertThat(TimeGaps.noTimes(3)).hasSize(3).containsOnly(Sessions.NO_TIME);
  }
}
