package io.attune.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class TableChoiceTest {
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
    return Stream.of(names).map(TableChoiceTest::text).toList();
  }

  @Test
  void aColumnWithinGroupsIsFoundByItsOwnName() throws LogFormatException {
    ClickRows rows = ClickRows.ofTable(
        texts("device.name", "event.session_id", "event.item_id", "event.meta.ts"), STANDARD, "t");
    assertThat(rows.keyColumn()).isEqualTo(1);
    assertThat(rows.itemColumn()).isEqualTo(2);
    assertThat(rows.timeColumn()).isEqualTo(3);
  }

  @Test
  void aColumnWithinGroupsIsNotGuessedWhereTwoHaveItsName() throws LogFormatException {
    List<TableColumn> table = texts("session_id", "shown.item_id", "clicked.item_id");
    assertThatThrownBy(() -> ClickRows.ofTable(table, STANDARD, "t"))
        .isInstanceOf(LogFormatException.class)
        .hasMessageContaining("expected an item column")
        .hasMessageContaining("shown.item_id, clicked.item_id");
    LogOptions named = LogOptions.builder().itemColumn("clicked.item_id").build();
    assertThat(ClickRows.ofTable(table, named, "t").itemColumn()).isEqualTo(2);
  }

  @Test
  void aListOfItemsMakesARowASession() throws LogFormatException {
    ClickRows rows = ClickRows.ofTable(
        List.of(
            text("session_id"),
            one("timestamp", ValueType.TIMESTAMP),
            list("tags", ValueType.TEXT),
            list("items", ValueType.WHOLE)),
        STANDARD,
        "t");
    assertThat(rows.lists()).isTrue();
    assertThat(rows.itemColumn()).isEqualTo(3);
    assertThat(rows.timeColumn()).isEqualTo(-1);
    assertThat(rows.sessionsBy()).isEqualTo(LogOptions.SessionsBy.SESSION);
  }

  @Test
  void aListOfTimesGoesWithTheListOfItems() throws LogFormatException {
    ClickRows rows = ClickRows.ofTable(
        List.of(
            text("user_id"),
            list("item_ids", ValueType.TEXT),
            list("timestamps", ValueType.TIMESTAMP)),
        STANDARD,
        "t");
    assertThat(rows.lists()).isTrue();
    assertThat(rows.timeColumn()).isEqualTo(2);
    assertThat(rows.sessionsBy()).isEqualTo(LogOptions.SessionsBy.USER);
  }

  @Test
  void anItemBesideAListOfItemsMustBeNamed() throws LogFormatException {
    List<TableColumn> table =
        List.of(text("session_id"), text("item_id"), list("items", ValueType.TEXT));
    assertThatThrownBy(() -> ClickRows.ofTable(table, STANDARD, "t"))
        .hasMessageContaining("a list, 'items': name the one to take with --item-column");
    assertThat(
            ClickRows.ofTable(table, LogOptions.builder().itemColumn("item_id").build(), "t")
                .lists())
        .isFalse();
    assertThat(ClickRows.ofTable(table, LogOptions.builder().itemColumn("items").build(), "t")
            .lists())
        .isTrue();
  }

  @Test
  void valuesThatCannotBeIdsOrTimesAreRefusedByType() {
    assertThatThrownBy(() -> ClickRows.ofTable(
            List.of(text("session_id"), one("item", ValueType.TRUTH)), STANDARD, "t"))
        .hasMessage("t: expected ids in the column 'item', but its values are true or false:"
            + " name another with --item-column");
    assertThatThrownBy(() -> ClickRows.ofTable(
            List.of(one("session", ValueType.TIMESTAMP), text("item")), STANDARD, "t"))
        .hasMessageContaining("its values are times: name another with --session-column");
    assertThatThrownBy(() -> ClickRows.ofTable(
            List.of(text("session"), text("item"), one("time", ValueType.TIME_OF_DAY)),
            STANDARD,
            "t"))
        .hasMessageContaining("expected times in the column 'time', but its values are times of a"
            + " day: name another with --time-column");
    assertThatThrownBy(() -> ClickRows.ofTable(
            List.of(text("session"), list("items", ValueType.GROUP)), STANDARD, "t"))
        .hasMessageContaining("but its values are groups of columns");
  }
}
