package io.attune.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.log.LogOptions.BadLines;
import io.attune.log.LogOptions.SessionsBy;
import io.attune.log.RowParser.Outcome;
import io.attune.session.Sessions;
import java.nio.charset.StandardCharsets;
import java.sql.Date;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class RowParserTest {
  private static final long AT = 1_500_000_000_123L;

  private static List<TableColumn> columns(String... names) {
    return Stream.of(names)
        .map(name -> new TableColumn(name, ValueType.TEXT, false))
        .toList();
  }

  @Test
  void columnsAreFoundByTheirUsualNames() throws LogFormatException {
    RowParser parser = RowParser.of(
        columns("price", "Visitor_ID", "itemid", "event", "ts"), LogOptions.standard(), "t");
    assertThat(parser.keyColumn()).isEqualTo(1);
    assertThat(parser.itemColumn()).isEqualTo(2);
    assertThat(parser.timeColumn()).isEqualTo(4);
    assertThat(parser.actionColumn()).isEqualTo(-1);
    assertThat(parser.sessionsBy()).isEqualTo(SessionsBy.INACTIVITY);
  }

  @Test
  void valuesOfAnyTypeBecomeIdsAndTimes() throws LogFormatException {
    RowParser parser = RowParser.of(columns("session", "item", "time"), LogOptions.standard(), "t");
    for (Object time : List.of(
        AT,
        AT * 1000,
        AT / 1000.0,
        "1500000000.123",
        "2017-07-14T02:40:00.123Z",
        Instant.ofEpochMilli(AT),
        new Timestamp(AT),
        LocalDateTime.parse("2017-07-14T02:40:00.123"))) {
      assertThat(parser.parse("f", 1, " s ", 17.0, time, null)).isEqualTo(Outcome.PARSED);
      assertThat(parser.key()).isEqualTo("s");
      assertThat(parser.item()).isEqualTo("17");
      assertThat(parser.time()).as("%s", time).isEqualTo(AT);
    }
    long midnight = Instant.parse("2017-07-14T00:00:00Z").toEpochMilli();
    for (Object day :
        List.of(LocalDate.parse("2017-07-14"), Date.valueOf("2017-07-14"), "2017-07-14")) {
      parser.parse("f", 1, 5L, "é".getBytes(StandardCharsets.UTF_8), day, null);
      assertThat(parser.key()).isEqualTo("5");
      assertThat(parser.item()).isEqualTo("é");
      assertThat(parser.time()).isEqualTo(midnight);
    }
  }

  @Test
  void aMalformedRowIsAnErrorWithFileAndRow() throws LogFormatException {
    RowParser parser = RowParser.of(columns("session", "item", "time"), LogOptions.standard(), "t");
    assertThatThrownBy(() -> parser.parse("hdfs://a/b", 7, "s", null, AT, null))
        .isInstanceOf(LogFormatException.class)
        .hasMessage("hdfs://a/b:7: the item id is empty");
    assertThatThrownBy(() -> parser.parse("f", 8, "s", "i", true, null))
        .hasMessage("f:8: expected a time in the column 'time', found 'true'");
    RowParser skipping = RowParser.of(
        columns("session", "item"), LogOptions.builder().badLines(BadLines.SKIP).build(), "t");
    assertThat(skipping.parse("f", 1, "", "i", null, null)).isEqualTo(Outcome.MALFORMED);
    assertThat(skipping.parse("f", 1, "s", "i", null, null)).isEqualTo(Outcome.PARSED);
    assertThat(skipping.time()).isEqualTo(Sessions.NO_TIME);
  }

  @Test
  void onlyTheActionsThatWereAskedForAreClicks() throws LogFormatException {
    RowParser parser = RowParser.of(
        columns("session", "item", "event"),
        LogOptions.builder().actions(Set.of("view")).build(),
        "t");
    assertThat(parser.actionColumn()).isEqualTo(2);
    assertThat(parser.parse("f", 1, "s", "i", null, "buy")).isEqualTo(Outcome.OTHER_ACTION);
    assertThat(parser.parse("f", 2, "s", "i", null, "view")).isEqualTo(Outcome.PARSED);
  }

  @Test
  void aTableWithoutTheColumnsSaysWhatIsMissing() {
    assertThatThrownBy(() -> RowParser.of(columns("a", "b"), LogOptions.standard(), "/log"))
        .isInstanceOf(LogFormatException.class)
        .hasMessageStartingWith("/log: expected an item column")
        .hasMessageContaining("a, b");
    assertThatThrownBy(() -> RowParser.of(
            columns("user", "item"),
            LogOptions.builder().sessionsBy(SessionsBy.INACTIVITY).build(),
            "/log"))
        .hasMessage("/log: expected times for sessions by inactivity, but there are none");
  }
}
