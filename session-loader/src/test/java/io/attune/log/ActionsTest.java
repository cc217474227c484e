package io.attune.log;

import static io.attune.log.Written.words;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.log.ClickLog.Loaded;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which events count as clicks. Actions that are asked for must occur. */
class ActionsTest {
  private static final String HOTELS = """
      user_id,session_id,timestamp,action_type,item_id
      u1,s1,1541037520,search for poi,Old Town
      u1,s1,1541037640,clickout item,109038
      u1,s1,1541037760,clickout item,666856
      """;

  @TempDir
  Path folder;

  private Loaded load(String text, String... actions) throws IOException {
    return ClickLog.load(
        List.of(Written.write(folder, "log", text)),
        LogOptions.builder().actions(List.of(actions)).build());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "action_type",
        "actionType",
        "Event Type",
        "eventName",
        "event_name",
        "action",
        "action type"
      })
  void theColumnOfActionsIsFoundByItsUsualNames(String name) throws IOException {
    Loaded loaded = load(HOTELS.replace("action_type", name), "clickout item");

    assertThat(words(loaded.sessions())).containsExactly("s1: 109038 666856");
    assertThat(loaded.report().files().getFirst().otherActions())
        .isEqualTo(Map.of("search for poi", 1L));
  }

  @Test
  void blanksAroundAnActionDoNotCount() throws IOException {
    assertThat(load(HOTELS, " clickout item").sessions().clicks()).isEqualTo(2);
  }

  @Test
  void actionsWithoutAColumnOfThemAreRefused() throws IOException {
    String text = HOTELS.replace("action_type", "what");

    assertThatThrownBy(() -> load(text, "clickout item"))
        .hasMessageContaining(
            "expected an action column such as event_type or action, because of --actions")
        .hasMessageContaining("name it with --action-column")
        .hasMessageContaining("user_id, session_id, timestamp, what, item_id");
    LogOptions named = LogOptions.builder()
        .actions(List.of("clickout item"))
        .actionColumn("what")
        .build();
    assertThat(ClickLog.load(List.of(Written.write(folder, "log", text)), named)
            .sessions()
            .clicks())
        .isEqualTo(2);
  }

  @Test
  void formatsWithoutActionsRefuseThem() {
    List<String> texts = new ArrayList<>(List.of(
        Written.MOVIELENS,
        Written.MOVIELENS_CSV,
        Written.RECBOLE,
        Written.RECBOLE_LISTS,
        Written.DIGINETICA,
        Written.YOOCHOOSE,
        Written.PAIRS,
        Written.SEQUENCES,
        "1 2 1700000000\n2 3 1700000001\n"));
    for (String text : texts) {
      assertThatThrownBy(() -> load(text, "view"))
          .as(text)
          .isInstanceOf(LogFormatException.class)
          .hasMessageContaining("--action");
    }
  }

  @Test
  void anActionThatNeverOccursIsRefusedWithThoseThatDo() {
    assertThatThrownBy(() -> load(HOTELS, "clickout item", "clikout"))
        .isInstanceOf(LogFormatException.class)
        .hasMessageContaining("no event has the action 'clikout' of --actions; the actions are"
            + " clickout item (2), search for poi (1)");
    assertThatThrownBy(() -> load(Written.OTTO, "click"))
        .hasMessageContaining("no event has the action 'click'")
        .hasMessageContaining("carts (1), clicks (3)");
    assertThatThrownBy(() -> load(Written.UBI, "clicked"))
        .hasMessageContaining("click (1), search (1), view (1)");
  }

  @Test
  void parquetRefusesActionsThatNeverOccurToo() throws IOException {
    Path parquet = Written.write(folder, "log", Written.resource("ids/int64.parquet"));
    LogOptions.Builder options =
        LogOptions.builder().actionColumn("item_id").actions(List.of("16706"));

    assertThat(ClickLog.load(List.of(parquet), options.build())
            .sessions()
            .vocabulary()
            .ids())
        .containsExactly("16706");
    assertThatThrownBy(() ->
            ClickLog.load(List.of(parquet), options.actions(List.of("view")).build()))
        .hasMessageContaining("no event has the action 'view' of --actions; the actions are")
        .hasMessageContaining("16706 (");
  }

  @Test
  void whenNothingSaysWhichCountTheReportSaysWhatWasTaken() throws IOException {
    Loaded loaded = load(HOTELS);

    assertThat(loaded.sessions().clicks()).isEqualTo(3);
    assertThat(loaded.report().warnings())
        .singleElement()
        .asString()
        .contains("events of all actions counted as clicks: clickout item (2), search for poi (1)")
        .contains("--actions");
    assertThat(load(HOTELS, "clickout item", "search for poi").report().warnings())
        .isEmpty();
  }

  @Test
  void manyDifferentActionsFillNoMemory() throws IOException {
    StringBuilder text = new StringBuilder("session_id,item_id,event\n");
    for (int i = 0; i < 500; i++) {
      text.append("1,5,e").append(i).append('\n');
    }
    text.append("1,6,view\n1,7,view\n");

    Loaded loaded = load(text.toString(), "view");

    assertThat(words(loaded.sessions())).containsExactly("1: 6 7");
    Map<String, Long> others = loaded.report().files().getFirst().otherActions();
    assertThat(others).hasSize(51).containsEntry("e0", 1L).containsEntry("(others)", 450L);
  }
}
