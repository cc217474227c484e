package io.attune.log;

import static io.attune.log.Written.words;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.log.ClickLog.Loaded;
import io.attune.log.LogOptions.BadLines;
import io.attune.log.LogOptions.SessionsBy;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** In OpenSearch UBI, what makes a session does not depend on the order of the events. */
class UbiTest {
  @TempDir
  Path folder;

  /** A click in the given minute, without those keys that are empty. */
  private static String event(String session, String client, int minute, String item) {
    String keys = (session.isEmpty() ? "" : "\"session_id\":\"" + session + "\",")
        + (client.isEmpty() ? "" : "\"client_id\":\"" + client + "\",");
    return "{\"action_name\":\"click\"," + keys + "\"timestamp\":\"2026-03-01T10:"
        + (10 + minute) + ":00Z\",\"event_attributes\":{\"object\":{\"object_id\":\"" + item
        + "\"}}}\n";
  }

  private Loaded load(String text, LogOptions options) throws IOException {
    return ClickLog.load(List.of(Written.write(folder, "log", text)), options);
  }

  private Loaded load(String text) throws IOException {
    return load(text, LogOptions.standard());
  }

  @Test
  void sessionsAreByTheirIdWhenEveryClickHasOne() throws IOException {
    Loaded loaded =
        load(event("s1", "c1", 1, "a") + event("s2", "", 2, "b") + event("s1", "c1", 3, "c"));

    assertThat(words(loaded.sessions())).containsExactly("s1: a c", "s2: b");
    assertThat(loaded.report().sessionsBy()).isEqualTo(SessionsBy.SESSION);
    assertThat(loaded.report().notes())
        .singleElement()
        .asString()
        .contains("1 of 3 clicks have no client_id", "log:2", "by session_id");
  }

  @Test
  void sessionsAreByClientWhenAClickHasNoSessionInAnyOrder() throws IOException {
    List<String> lines = new ArrayList<>(List.of(
        event("s1", "c1", 1, "a"),
        event("s1", "c1", 2, "b"),
        event("", "c2", 3, "c"),
        event("", "c2", 4, "d").replace("\"client_id\"", "\"session_id\":null,\"client_id\""),
        event("s3", "c1", 5, "e")));
    for (int seed = 0; seed < 10; seed++) {
      Collections.shuffle(lines, new Random(seed));

      Loaded loaded = load(String.join("", lines));

      assertThat(words(loaded.sessions())).containsExactlyInAnyOrder("c1/1: a b e", "c2/1: c d");
      assertThat(loaded.report().sessionsBy()).isEqualTo(SessionsBy.INACTIVITY);
      assertThat(loaded.report().warnings())
          .singleElement()
          .asString()
          .contains("2 of 5 clicks have no session_id, such as ");
    }
  }

  @Test
  void theWholeOfSeveralFilesDecides() throws IOException {
    Path first = Written.write(folder, "first", event("s1", "c1", 1, "a"));
    Path second = Written.write(folder, "second", event("", "c1", 2, "b"));

    for (List<Path> files : List.of(List.of(first, second), List.of(second, first))) {
      assertThat(words(ClickLog.load(files, LogOptions.standard()).sessions()))
          .containsExactly("c1/1: a b");
    }
  }

  @Test
  void ifNeitherKeyIsCompleteTheErrorNamesTheOption() throws IOException {
    String text = event("s1", "", 1, "a") + event("", "c1", 2, "b") + event("s1", "", 3, "c");

    assertThatThrownBy(() -> load(text))
        .isInstanceOf(LogFormatException.class)
        .hasMessageContaining("log:2: ")
        .hasMessageContaining("log:2 has no session_id")
        .hasMessageContaining("log:1 no client_id")
        .hasMessageContaining("--sessions-by");
    Loaded chosen = load(
        text,
        LogOptions.builder()
            .sessionsBy(SessionsBy.SESSION)
            .badLines(BadLines.SKIP)
            .build());
    assertThat(words(chosen.sessions())).containsExactly("s1: a c");
    assertThat(chosen.report().badLines()).isEqualTo(1);
  }

  @Test
  void aClickWithoutAnyKeyIsMalformed() {
    assertThatThrownBy(() -> load(event("s1", "c1", 1, "a") + event("", "", 2, "b")))
        .hasMessageContaining("log:2: expected a session_id or a client_id");
  }

  @Test
  void otherFormatsTogetherWithEventsAreRefused() {
    Path events = Written.write(folder, "events", event("s1", "c1", 1, "a"));
    Path table = Written.write(folder, "table", Written.CSV);

    for (List<Path> files : List.of(List.of(events, table), List.of(table, events))) {
      assertThatThrownBy(() -> ClickLog.load(files, LogOptions.standard()))
          .hasMessageContaining("load them separately")
          .hasMessageContaining("--sessions-by");
    }
  }

  @Test
  void fieldsOfTheEventTakePrecedenceOverItsAttributes() throws IOException {
    String event = "{\"event_attributes\":{\"session_id\":\"inner\",\"object\":{\"object_id\":7.0,"
        + "\"timestamp\":\"never\",\"session_id\":\"deep\"}},\"action_name\":\"click\","
        + "\"session_id\":\"outer\",\"timestamp\":1772359260123}\n";
    String inner = event.replace("\"session_id\":\"outer\",", "");

    assertThat(words(load(event + inner).sessions())).containsExactly("outer: 7", "inner: 7");
  }
}
