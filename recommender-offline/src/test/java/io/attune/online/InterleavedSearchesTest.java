package io.attune.online;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.online.InterleavedSearches.CreditedClick;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InterleavedSearchesTest {
  @TempDir
  private Path folder;

  /** A hit that was shown at ten past the minute; no team if that is empty. */
  private static String shown(
      String query, String session, int position, String item, String team) {
    return "{\"action_name\":\"impression\",\"query_id\":\"" + query + "\",\"session_id\":\""
        + session + "\",\"timestamp\":\"2026-03-01T10:00:10Z\",\"event_attributes\":{\"object\":"
        + "{\"object_id\":\"" + item + "\"},\"position\":{\"ordinal\":" + position
        + "},\"interleaving\":{\"rankings\":[\"words\",\"learned\"],\"coins\":\"c" + query.charAt(0)
        + "\"" + (team.isEmpty() ? "" : ",\"team\":\"" + team + "\"")
        + "},\"model\":\"m1\",\"device\":\"phone\"}}\n";
  }

  private static String click(String query, String session, String item) {
    return "{\"action_name\":\"click\","
        + (query.isEmpty() ? "" : "\"query_id\":\"" + query + "\",")
        + "\"session_id\":\"" + session + "\",\"timestamp\":\"2026-03-01T10:00:30+00:00\","
        + "\"event_attributes\":{\"object\":{\"object_id\":\"" + item + "\"}}}\n";
  }

  private static final String SEARCH = shown("q1", "anna", 1, "x", "")
      + shown("q1", "anna", 2, "y", "learned")
      + shown("q1", "anna", 3, "z", "words");

  private Path write(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  private InterleavedSearches read(String text) throws IOException {
    return InterleavedSearches.read(List.of(write("events", text)), List.of());
  }

  @Test
  void aClickCountsForTheTeamOfItsHit() throws IOException {
    InterleavedSearches read =
        read(SEARCH + click("q1", "anna", "z") + "\n" + click("q1", "anna", "y"));

    assertThat(read.rankings()).containsExactly("words", "learned");
    assertThat(read.clicks())
        .containsExactly(
            new CreditedClick("anna", 3, "phone", false),
            new CreditedClick("anna", 2, "phone", true));
    assertThat(read.searches()).isEqualTo(1);
    assertThat(read.contested()).isEqualTo(1);
    assertThat(read.firstOfA()).isZero();
    assertThat(read.firstOfB()).isEqualTo(1);
    assertThat(read.models()).isEqualTo(1);
    assertThat(read.from()).isEqualTo(Instant.parse("2026-03-01T10:00:10Z"));
    assertThat(read.to()).isEqualTo(read.from());
    assertThat(read.notes()).isEmpty();
  }

  @Test
  void theOrderOfLinesAndFilesDoesNotMatter() throws IOException {
    String text = SEARCH
        + shown("p2", "bert", 1, "x", "words")
        + shown("p2", "bert", 2, "y", "")
        + click("q1", "anna", "z")
        + click("p2", "bert", "x")
        + click("p2", "bert", "y");
    List<String> lines = text.lines().collect(java.util.stream.Collectors.toList());
    Collections.reverse(lines);
    Path reversed = folder.resolve("reversed.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(reversed))) {
      out.write(String.join("\r\n", lines.subList(0, 5)).getBytes(StandardCharsets.UTF_8));
    }
    Path rest = write("rest", String.join("\n", lines.subList(5, lines.size())));

    InterleavedSearches split = InterleavedSearches.read(List.of(rest, reversed), List.of());

    InterleavedSearches whole = read(text);
    assertThat(split.clicks()).containsExactlyInAnyOrderElementsOf(whole.clicks());
    assertThat(split.notes()).isEqualTo(whole.notes());
    assertThat(List.of(split.firstOfA(), split.firstOfB())).containsExactly(1L, 1L);
  }

  @Test
  void whatDoesNotCountIsNoted() throws IOException {
    Map<String, Long> notes = read(SEARCH
            + click("q1", "anna", "y")
            + click("q1", "anna", "y")
            + click("q1", "anna", "x")
            + click("q1", "bert", "y")
            + click("q1", "anna", "w")
            + click("q9", "anna", "y")
            + click("", "anna", "y")
            + SEARCH
                .lines()
                .findFirst()
                .orElseThrow()
                .replaceFirst("\"interleaving.*\"model", "\"model")
            + "\n{\"action_name\":\"add_to_cart\"}\n"
            + click("q1", "anna", "z").replace("10:00:30+00:00", "09:00:00+00:00"))
        .notes();

    assertThat(notes)
        .containsExactlyInAnyOrderEntriesOf(Map.of(
            "repeated clicks on the same hit", 1L,
            "clicks on hits of no team, on which both rankings agree or that one has not", 1L,
            "clicks of another session than their search", 1L,
            "clicks on items that their search did not show", 1L,
            "clicks whose search is not in the events", 1L,
            "clicks without the id of a search", 1L,
            "impressions that are not interleaved", 1L,
            "events with other actions", 1L,
            "credited clicks with a time before their search: clocks differ, but they count", 1L));
  }

  @Test
  void aSearchThatIsRepeatedIsOneDraw() throws IOException {
    InterleavedSearches read = read(SEARCH + SEARCH.replace("\"q1\"", "\"q2\""));

    assertThat(read.searches()).isEqualTo(2);
    assertThat(read.firstOfA() + read.firstOfB()).isEqualTo(1);
  }

  @Test
  void eventsAreReadAsTheyComeOutOfOpenSearch() throws IOException {
    StringBuilder wrapped = new StringBuilder();
    (SEARCH + click("q1", "anna", "y"))
        .lines()
        .forEach(line -> wrapped
            .append("{\"index\":{\"_index\":\"ubi_events\"}}\n{\"_id\":\"7\",\"_source\":")
            .append(line.replace("\"2026-03-01T10:00:10Z\"", "1772359210000")
                .replace("session_id", "client_id"))
            .append("}\n"));

    assertThat(read(wrapped.toString()).clicks())
        .containsExactly(new CreditedClick("anna", 2, "phone", true));
  }

  @Test
  void oneOfSeveralComparisonsIsNamed() throws IOException {
    String text = SEARCH
        + click("q1", "anna", "y")
        + (shown("r1", "bert", 1, "x", "words") + click("r1", "bert", "x"))
            .replace("learned", "fixed");
    Path file = write("events", text);

    assertThatThrownBy(() -> InterleavedSearches.read(List.of(file), List.of()))
        .hasMessage("several comparisons: learned,words (1 search), fixed,words (1 search);"
            + " name one of them, such as --compare learned,words");
    assertThatThrownBy(() -> InterleavedSearches.read(List.of(file), List.of("a", "words")))
        .hasMessage("no search compares a and words; the events have learned,words (1 search),"
            + " fixed,words (1 search)");
    InterleavedSearches read = InterleavedSearches.read(List.of(file), List.of("fixed", "words"));
    assertThat(read.clicks()).containsExactly(new CreditedClick("bert", 1, "phone", true));
    assertThat(read.notes()).containsOnly(Map.entry("clicks of another comparison", 1L));
  }

  @Test
  void badEventsAreNamedWithTheirLine() throws IOException {
    Path where = folder.resolve("events");
    assertRefused(SEARCH + "{\"action_name\":", where + ":4: invalid JSON");
    assertRefused("[1]", where + ":1: expected a UBI event, a JSON object");
    assertRefused("{\"x\":1}", where + ":1: expected action_name");
    assertRefused(
        SEARCH + SEARCH,
        where + ":4: position 1 of search q1, which begins at " + where
            + ":1, is there twice; expected each event once");
    assertRefused(
        SEARCH + shown("q1", "bert", 4, "w", ""),
        where + ":4: query_id q1 is that of another search at " + where + ":1");
    assertRefused(
        shown("q1", "anna", 1, "x", "third"), ":1: team 'third' is none of words and learned");
    assertRefused(shown("q1", "anna", 0, "x", ""), "ordinal is 0; expected a position, from 1");
    assertRefused(SEARCH.replace("10:00:10Z", "10:00"), ":1: timestamp is \"2026-03-01T10:00\"");
    assertRefused(SEARCH.replace("\"query_id\":\"q1\",", ""), ":1: expected query_id");
    assertRefused(SEARCH.replace(",\"learned\"]", "]"), "interleaving.rankings is [\"words\"]");
    assertRefused(
        SEARCH.replace("\"anna\"", "\"\""), ":1: without a session_id: expected client_id");
    assertRefused(
        click("q1", "anna", "x"),
        where + ": no interleaved impressions among 1 event; expected those of searches with"
            + " compare=A,B, which attune serve --events logs");
    assertRefused("", "no interleaved impressions among 0 events");
    Files.write(where, new byte[] {'{', (byte) 0xff, '}'});
    assertThatThrownBy(() -> InterleavedSearches.read(List.of(where), List.of()))
        .hasMessageContaining(where + ": not UTF-8");
    assertThatThrownBy(() -> InterleavedSearches.read(List.of(where, where), List.of()))
        .isInstanceOf(IOException.class);
  }

  private void assertRefused(String text, String message) {
    assertThatThrownBy(() -> read(text))
        .as(text)
        .isInstanceOf(IOException.class)
        .hasMessageContaining(message);
  }
}
