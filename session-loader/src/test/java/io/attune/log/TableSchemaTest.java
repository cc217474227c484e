package io.attune.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class TableSchemaTest {
  private static final LogOptions STANDARD = LogOptions.standard();

  private static TableColumn one(String name, ValueType type) {
    return new TableColumn(name, type, false);
  }

  private static TableColumn text(String name) {
    return one(name, ValueType.TEXT);
  }

  private static TableColumn list(String name, ValueType type) {
    return new TableColumn(name, type, true);
  }

  private static List<TableColumn> texts(String... names) {
    return Stream.of(names).map(TableSchemaTest::text).toList();
  }

  @Test
  void aColumnWithinStructsIsFoundByItsOwnName() throws LogFormatException {
    RowParser parser = RowParser.of(
        texts("device.name", "event.session_id", "event.item_id", "event.meta.ts"), STANDARD, "t");
    assertThat(parser.keyColumn()).isEqualTo(1);
    assertThat(parser.itemColumn()).isEqualTo(2);
    assertThat(parser.timeColumn()).isEqualTo(3);
  }

  @Test
  void anAmbiguousColumnWithinStructsIsNotGuessed() throws LogFormatException {
    List<TableColumn> table = texts("session_id", "shown.item_id", "clicked.item_id");
    assertThatThrownBy(() -> RowParser.of(table, STANDARD, "t"))
        .isInstanceOf(LogFormatException.class)
        .hasMessageContaining("expected an item column")
        .hasMessageContaining("shown.item_id, clicked.item_id");
    LogOptions named = LogOptions.builder().itemColumn("clicked.item_id").build();
    assertThat(RowParser.of(table, named, "t").itemColumn()).isEqualTo(2);
  }

  @Test
  void aListOfItemsMakesARowASession() throws LogFormatException {
    RowParser parser = RowParser.of(
        List.of(
            text("session_id"),
            one("timestamp", ValueType.TIMESTAMP),
            list("tags", ValueType.TEXT),
            list("items", ValueType.INTEGER)),
        STANDARD,
        "t");
    assertThat(parser.sessionRows()).isTrue();
    assertThat(parser.itemColumn()).isEqualTo(3);
    assertThat(parser.timeColumn()).isEqualTo(-1);
    assertThat(parser.sessionsBy()).isEqualTo(LogOptions.SessionsBy.SESSION);
  }

  @Test
  void aListOfTimesGoesWithTheListOfItems() throws LogFormatException {
    RowParser parser = RowParser.of(
        List.of(
            text("user_id"),
            list("item_ids", ValueType.TEXT),
            list("timestamps", ValueType.TIMESTAMP)),
        STANDARD,
        "t");
    assertThat(parser.sessionRows()).isTrue();
    assertThat(parser.timeColumn()).isEqualTo(2);
    assertThat(parser.sessionsBy()).isEqualTo(LogOptions.SessionsBy.USER);
  }

  @Test
  void anItemColumnNextToAListOfItemsMustBeChosen() throws LogFormatException {
    List<TableColumn> table =
        List.of(text("session_id"), text("item_id"), list("items", ValueType.TEXT));
    assertThatThrownBy(() -> RowParser.of(table, STANDARD, "t"))
        .hasMessageContaining(
            "an item per row and the list 'items': choose one with --item-column");
    assertThat(RowParser.of(table, LogOptions.builder().itemColumn("item_id").build(), "t")
            .sessionRows())
        .isFalse();
    assertThat(RowParser.of(table, LogOptions.builder().itemColumn("items").build(), "t")
            .sessionRows())
        .isTrue();
  }

  @Test
  void valuesThatCannotBeIdsOrTimesAreRefusedByType() {
    assertThatThrownBy(() -> RowParser.of(
            List.of(text("session_id"), one("item", ValueType.BOOLEAN)), STANDARD, "t"))
        .hasMessage("t: expected ids in the column 'item', but its values are booleans: choose"
            + " another with --item-column");
    assertThatThrownBy(() ->
            RowParser.of(List.of(one("session", ValueType.TIMESTAMP), text("item")), STANDARD, "t"))
        .hasMessageContaining("its values are timestamps: choose another with --session-column");
    assertThatThrownBy(() -> RowParser.of(
            List.of(text("session"), text("item"), one("time", ValueType.TIME_OF_DAY)),
            STANDARD,
            "t"))
        .hasMessageContaining("expected times in the column 'time', but its values are times of"
            + " day: choose another with --time-column");
    assertThatThrownBy(() ->
            RowParser.of(List.of(text("session"), list("items", ValueType.STRUCT)), STANDARD, "t"))
        .hasMessageContaining("but its values are structs");
  }
}
