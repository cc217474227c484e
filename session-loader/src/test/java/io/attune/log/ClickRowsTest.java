package io.attune.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.log.ClickRows.Taken;
import io.attune.log.LogOptions.BadLines;
import io.attune.log.LogOptions.SessionsBy;
import java.nio.charset.StandardCharsets;
import java.sql.Date;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ClickRowsTest {
  private static final long AT = 1_500_000_000_123L;

  @Test
  void columnsAreFoundByTheirUsualNames() throws LogFormatException {
    ClickRows rows = ClickRows.of(
        List.of("price", "Visitor_ID", "itemid", "event", "ts"), LogOptions.standard(), "t");
    assertThat(rows.keyColumn()).isEqualTo(1);
    assertThat(rows.itemColumn()).isEqualTo(2);
    assertThat(rows.timeColumn()).isEqualTo(4);
    assertThat(rows.actionColumn()).isEqualTo(-1);
    assertThat(rows.sessionsBy()).isEqualTo(SessionsBy.INACTIVITY);
  }

  @Test
  void valuesOfAnyTypeBecomeIdsAndTimes() throws LogFormatException {
    ClickRows rows = ClickRows.of(List.of("session", "item", "time"), LogOptions.standard(), "t");
    for (Object time : List.of(
        AT,
        AT * 1000,
        AT / 1000.0,
        "1500000000.123",
        "2017-07-14T02:40:00.123Z",
        Instant.ofEpochMilli(AT),
        new Timestamp(AT),
        LocalDateTime.parse("2017-07-14T02:40:00.123"))) {
      assertThat(rows.take("f", 1, " s ", 17.0, time, null)).isEqualTo(Taken.CLICK);
      assertThat(rows.key()).isEqualTo("s");
      assertThat(rows.item()).isEqualTo("17");
      assertThat(rows.time()).as("%s", time).isEqualTo(AT);
    }
    long midnight = Instant.parse("2017-07-14T00:00:00Z").toEpochMilli();
    for (Object day :
        List.of(LocalDate.parse("2017-07-14"), Date.valueOf("2017-07-14"), "2017-07-14")) {
      rows.take("f", 1, 5L, "é".getBytes(StandardCharsets.UTF_8), day, null);
      assertThat(rows.key()).isEqualTo("5");
      assertThat(rows.item()).isEqualTo("é");
      assertThat(rows.time()).isEqualTo(midnight);
    }
  }

  @Test
  void aMalformedRowIsAnErrorThatNamesItsPlace() throws LogFormatException {
    ClickRows rows = ClickRows.of(List.of("session", "item", "time"), LogOptions.standard(), "t");
    assertThatThrownBy(() -> rows.take("hdfs://a/b", 7, "s", null, AT, null))
        .isInstanceOf(LogFormatException.class)
        .hasMessage("hdfs://a/b:7: expected as item an id, but it is empty");
    assertThatThrownBy(() -> rows.take("f", 8, "s", "i", true, null))
        .hasMessage("f:8: expected a time in the column 'time', found 'true'");
    ClickRows skipping = ClickRows.of(
        List.of("session", "item"), LogOptions.builder().badLines(BadLines.SKIP).build(), "t");
    assertThat(skipping.take("f", 1, "", "i", null, null)).isEqualTo(Taken.BAD);
    assertThat(skipping.take("f", 1, "s", "i", null, null)).isEqualTo(Taken.CLICK);
    assertThat(skipping.time()).isEqualTo(ClickRows.NO_TIME);
  }

  @Test
  void onlyTheActionsThatWereAskedForAreClicks() throws LogFormatException {
    ClickRows rows = ClickRows.of(
        List.of("session", "item", "event"),
        LogOptions.builder().actions(Set.of("view")).build(),
        "t");
    assertThat(rows.actionColumn()).isEqualTo(2);
    assertThat(rows.take("f", 1, "s", "i", null, "buy")).isEqualTo(Taken.OTHER_ACTION);
    assertThat(rows.take("f", 2, "s", "i", null, "view")).isEqualTo(Taken.CLICK);
  }

  @Test
  void aTableWithoutTheColumnsSaysWhatIsMissing() {
    assertThatThrownBy(() -> ClickRows.of(List.of("a", "b"), LogOptions.standard(), "/log"))
        .isInstanceOf(LogFormatException.class)
        .hasMessageStartingWith("/log: expected an item column")
        .hasMessageContaining("a, b");
    assertThatThrownBy(() -> ClickRows.of(
            List.of("user", "item"),
            LogOptions.builder().sessionsBy(SessionsBy.INACTIVITY).build(),
            "/log"))
        .hasMessage("/log: expected times to make sessions by inactivity, but it has none");
  }
}
