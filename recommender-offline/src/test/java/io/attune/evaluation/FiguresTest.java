package io.attune.evaluation;

import static org.assertj.core.api.Assertions.assertThat;

import io.attune.report.TextTable;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class FiguresTest {
  @Test
  void countsHaveSeparatorsAndANoun() {
    assertThat(Figures.count(1_235_380, "click")).isEqualTo("1,235,380 clicks");
    assertThat(Figures.count(1, "click")).isEqualTo("1 click");
  }

  @Test
  void fractionsBecomePercent() {
    assertThat(Figures.percent(0.53019)).isEqualTo("53.02");
  }

  @Test
  void nanIsADash() {
    assertThat(Figures.percent(Double.NaN)).isEqualTo("–");
    assertThat(Figures.decimal(Double.NaN, 2)).isEqualTo("–");
  }

  @Test
  void longDurationsAreFormattedAsClocks() {
    assertThat(Figures.seconds(4.23)).isEqualTo("4.2 s");
    assertThat(Figures.seconds(62)).isEqualTo("1:02 min");
    assertThat(Figures.clock(7509)).isEqualTo("2:05:09");
  }

  @Test
  void aTableAlignsFiguresToTheRight() {
    TextTable table = new TextTable(List.of("model", "HR@20"));
    table.add(List.of("narm", "9.10"));
    table.add(List.of("popularity", "53.02"));

    assertThat(table.lines())
        .containsExactly("model       HR@20", "narm         9.10", "popularity  53.02");
  }

  @Test
  void whatIsNotKnownWellIsRounded() {
    assertThat(Figures.roughly(Duration.ofMillis(800))).isEqualTo("10 s");
    assertThat(Figures.roughly(Duration.ofSeconds(87))).isEqualTo("90 s");
    assertThat(Figures.roughly(Duration.ofSeconds(91))).isEqualTo("2 min");
    assertThat(Figures.roughly(Duration.ofMinutes(99))).isEqualTo("99 min");
    assertThat(Figures.roughly(Duration.ofMinutes(150))).isEqualTo("2.5 h");
  }
}
