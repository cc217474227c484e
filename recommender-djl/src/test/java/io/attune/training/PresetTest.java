package io.attune.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.session.SessionStatistics;
import io.attune.session.Sessions;
import io.attune.session.Vocabulary;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class PresetTest {
  private static final Vocabulary VOCABULARY = Vocabulary.of(List.of("a", "b"));

  @Test
  void aLogsMedianLengthDecides() {
    assertThat(Preset.of(log(2, 4, 4, 60))).isEqualTo(Preset.SHORT_SESSIONS);
    assertThat(Preset.of(log(2, 5, 9, 9))).isEqualTo(Preset.LONG_HISTORIES);
    assertThat(Preset.reason(log(3))).isEqualTo("the median session has 3 clicks, fewer than 5");
    assertThat(Preset.reason(log(1))).isEqualTo("the median session has 1 click, fewer than 5");
  }

  @Test
  void aNameThatIsNoneSaysWhatThereIs() {
    assertThatThrownBy(() -> Preset.named("short"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("short-sessions, long-histories")
        .hasMessageContaining("'short'");
  }

  private static SessionStatistics log(int... lengths) {
    List<int[]> sessions = Arrays.stream(lengths)
        .mapToObj(length -> {
          int[] rows = new int[length];
          Arrays.fill(rows, 1);
          return rows;
        })
        .toList();
    return SessionStatistics.of(Sessions.of(VOCABULARY, sessions), 0);
  }
}
