package io.attune.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class TimeTextTest {
  @Test
  void aDurationIsANumberAndAUnit() {
    assertThat(TimeText.duration("45s")).isEqualTo(Duration.ofSeconds(45));
    assertThat(TimeText.duration(" 30M ")).isEqualTo(Duration.ofMinutes(30));
    assertThat(TimeText.duration("12h")).isEqualTo(Duration.ofHours(12));
    assertThat(TimeText.duration("1d")).isEqualTo(Duration.ofDays(1));
    for (String wrong : List.of("", "0s", "1.5h", "30", "2w", "half")) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> TimeText.duration(wrong))
          .withMessageContaining("such as 45s, 30m, 12h or 1d, but is '" + wrong + "'");
    }
  }

  @Test
  void aUnitHasASymbol() {
    assertThat(List.of("s", "ms", "us", "NS").stream().map(TimeText::unit))
        .containsExactly(
            TimeUnit.SECONDS, TimeUnit.MILLISECONDS, TimeUnit.MICROSECONDS, TimeUnit.NANOSECONDS);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TimeText.unit("min"))
        .withMessage("a time unit must be s, ms, us or ns, but is 'min'");
  }
}
