package io.attune.session;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CountsTest {
  @Test
  void oneIsSingularAndAllElseIsPlural() {
    assertThat(Counts.of(1, "click")).isEqualTo("1 click");
    assertThat(Counts.of(0, "click")).isEqualTo("0 clicks");
    assertThat(Counts.of(1_235_380, "click")).isEqualTo("1,235,380 clicks");
    assertThat(Counts.of(1, "click has", "clicks have")).isEqualTo("1 click has");
    assertThat(Counts.of(2, "click has", "clicks have")).isEqualTo("2 clicks have");
  }
}
