package io.attune.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.session.LoggedQuery;
import io.attune.session.Sessions;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class QueryLogTest {
  private static final long NOON = 1_767_268_800_000L; // 2026-01-01T12:00Z

  @TempDir
  private Path folder;

  private Path file(String name, String content) throws IOException {
    return Files.writeString(folder.resolve(name), content);
  }

  private static QueryLog read(Path file, Path... logs) throws LogFormatException {
    return QueryLog.read(file, List.of(logs), LogOptions.standard(), false);
  }

  @Test
  void aTableHasQueriesWithShownItemsInEitherForm() throws IOException {
    Path bars = file("bars.tsv", """
        query_id\tsession_id\twords\tshown\tclicked\ttime
        q1\ts1\tred shoes\ta|b c| d \tb c\t2026-01-01T12:00:00Z
        """);
    assertThat(read(bars).queries())
        .containsExactly(
            new LoggedQuery("q1", "s1", "red shoes", List.of("a", "b c", "d"), "b c", NOON, 2));
    Path spaces = file("spaces.csv", """
        session,shown_ids,item_id
        s1,a  b c,c

        "s,2","a a b",b
        """);
    assertThat(read(spaces).queries())
        .containsExactly(
            new LoggedQuery("", "s1", "", List.of("a", "b", "c"), "c", Sessions.NO_TIME, 2),
            new LoggedQuery("", "s,2", "", List.of("a", "b"), "b", Sessions.NO_TIME, 4));
  }

  @Test
  void aCompressedFileIsReadAsWell() throws IOException {
    Path zipped = folder.resolve("queries.csv.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(zipped))) {
      out.write("session;query;item\ns1;shoe;a\n".getBytes(StandardCharsets.UTF_8));
    }
    assertThat(read(zipped).queries())
        .containsExactly(new LoggedQuery("", "s1", "shoe", List.of(), "a", Sessions.NO_TIME, 2));
  }

  @Test
  void theOptionsOfTheLogNameColumnsOfQueriesToo() throws IOException {
    Path trivago = file("trivago.tsv", """
        user_id\tsession_id\ttimestamp\taction_type\treference\timpressions\tprices
        u\ts\t1767268700\tinteraction item image\t7\t\t
        u\ts\t1767268800\tclickout item\t5\t7|5\t71|107
        """);
    LogOptions options =
        LogOptions.builder().itemColumn("reference").actionColumn("action_type").build();
    QueryLog read = QueryLog.read(trivago, List.of(), options, false);
    assertThat(read.queries())
        .containsExactly(new LoggedQuery("", "s", "", List.of("7", "5"), "5", NOON, 3));
    assertThat(read.leftOut()).isEqualTo(Map.of("lines without words and shown items", 1L));
    assertThat(QueryLog.read(trivago, List.of(), options, true)
            .queries()
            .getFirst()
            .session())
        .isEqualTo("u");
  }

  @Test
  void jsonLinesHaveListsAndNumbers() throws IOException {
    Path json = file("queries.jsonl", """
        {"session": 7, "query": "red", "shown": ["a b", "c", 3.0], "clicked": 3, "time": 1767268800}

        {"_source": {"session": "8", "query": "blue", "shown": [], "clicked": "c", "time": 1767268800000}}
        """);
    assertThat(read(json).queries())
        .containsExactly(
            new LoggedQuery("", "7", "red", List.of("a b", "c", "3"), "3", NOON, 1),
            new LoggedQuery("", "8", "blue", List.of(), "c", NOON, 3));
  }

  @Test
  void clicksOfUbiQueriesAreThoseOfEventsWithTheirId() throws IOException {
    Path queries = file("ubi_queries.jsonl", """
        {"index": {"_id": "1"}}
        {"query_id":"q1","client_id":"c1","user_query":"red","query_response_hit_ids":["a","b"],"timestamp":"2026-01-01T12:00:00Z","query_attributes":{"user_query":"no"}}
        {"query_id":"q2","client_id":"c1","user_query":"blue","query_response_hit_ids":["a"],"timestamp":"2026-01-01T12:01:00Z"}
        {"query_id":"q1","client_id":"c1","user_query":"red","query_response_hit_ids":["a","b"],"timestamp":"2026-01-01T12:02:00Z"}
        """);
    Path events = file("ubi_events.jsonl", """
        {"action_name":"impression","query_id":"q1","client_id":"c1","session_id":"s1","timestamp":"2026-01-01T12:00:01Z","event_attributes":{"object":{"object_id":"a"}}}
        {"action_name":"click","query_id":"q1","client_id":"c1","session_id":"s1","timestamp":"2026-01-01T12:00:09Z","event_attributes":{"object":{"object_id":"a"}}}
        {"action_name":"click","query_id":"q1","client_id":"c1","session_id":"s1","timestamp":"2026-01-01T12:00:05Z","event_attributes":{"object":{"object_id":"b"}}}
        {"action_name":"click","client_id":"c1","session_id":"s1","timestamp":"2026-01-01T12:03:00Z","event_attributes":{"object":{"object_id":"a"}}}
        """);
    QueryLog bySession = read(queries, events);
    assertThat(bySession.queries())
        .containsExactly(new LoggedQuery("q1", "s1", "red", List.of("a", "b"), "b", NOON, 2));
    assertThat(bySession.leftOut())
        .isEqualTo(Map.of(
            "queries without a clicked item", 1L, "queries with the id of an earlier one", 1L));
    assertThat(QueryLog.read(queries, List.of(events), LogOptions.standard(), true)
            .queries()
            .getFirst()
            .session())
        .isEqualTo("c1");
    Path other = file("other.csv", "session,item\ns,a\n");
    assertThatThrownBy(() -> read(queries, other))
        .hasMessageContaining("ubi_queries.jsonl: no query with a clicked item (3 queries without a"
            + " clicked item): the file has no column of clicked items, and no click among the UBI"
            + " events of the log names one of its queries");
  }

  @Test
  void furtherClicksOfAQueryAreCounted() throws IOException {
    Path twice = file("twice.csv", """
        query_id,session,query,clicked
        1,s,red,a
        1,s,red,b
        1,t,red,c
        2,s,red,
        """);
    QueryLog read = read(twice);
    assertThat(read.queries().stream().map(LoggedQuery::clicked)).containsExactly("a", "c");
    assertThat(read.leftOut())
        .isEqualTo(Map.of("further clicks of a query", 1L, "queries without a clicked item", 1L));
  }

  @Test
  void whatIsMissingIsNamedWithTheColumnsThatAreThere() throws IOException {
    assertThatThrownBy(() -> read(file("a.csv", "session,item\ns,a\n")))
        .hasMessageContaining("a.csv:1: expected a column of words, such as query or user_query, or"
            + " of shown items")
        .hasMessageEndingWith("the columns are session, item");
    assertThatThrownBy(() -> read(file("b.csv", "query,item\nred,a\n")))
        .hasMessageContaining("b.csv:1: expected a column of the session, such as session_id");
    assertThatThrownBy(() -> QueryLog.read(
            file("b.csv", "query,session,item\nred,s,a\n"), List.of(), LogOptions.standard(), true))
        .hasMessageContaining("expected a column of the user, such as user_id");
    assertThatThrownBy(() -> read(file("c.csv", "query,session\nred,s\n")))
        .hasMessageContaining("c.csv:1: expected a column of the clicked item");
    assertThatThrownBy(() -> read(file("d.jsonl", "{\"session\":\"s\",\"clicked\":\"a\"}\n")))
        .hasMessageContaining("the columns are session, clicked");
    assertThatThrownBy(() -> read(file("e.csv", ""))).hasMessageContaining("the file is empty");
    assertThatThrownBy(() -> read(file("f.json", "[{\"session\":\"s\"}]\n")))
        .hasMessageContaining("expected a table or JSON lines, a query in each");
    assertThatThrownBy(() -> read(file("h.tsv", "session\tshown\tclicked\ns\ta,b,c\ta\n")))
        .hasMessageContaining(
            "h.tsv:2: expected shown ids parted by bars or spaces, found 'a,b,c'");
    assertThatThrownBy(() -> read(file("p.parquet", "PAR1\0\0")))
        .hasMessageContaining(
            "p.parquet: expected a table with a header or JSON lines, but this is" + " Parquet");
    assertThatThrownBy(() -> read(file("g.csv", "query,session,item\n")))
        .hasMessageContaining("g.csv: no query with a clicked item, only a header");
  }

  @Test
  void malformedLinesAreRefusedOrSkippedAndCounted() throws IOException {
    Path times = file("times.csv", """
        session,query,clicked,time
        s,red,a,yesterday
        s,red,a
        s,red,a,
        s,red,a,1767268800
        """);
    assertThatThrownBy(() -> read(times))
        .hasMessageContaining("times.csv:2: expected a time as a number or in ISO 8601")
        .hasMessageContaining("found 'yesterday'");
    LogOptions skipping =
        LogOptions.builder().badLines(LogOptions.BadLines.SKIP).build();
    QueryLog read = QueryLog.read(times, List.of(), skipping, false);
    assertThat(read.queries()).hasSize(1);
    assertThat(read.leftOut()).isEqualTo(Map.of("malformed lines", 3L));
    assertThatThrownBy(() -> read(file("wide.csv", "session,query,clicked\ns,red\n")))
        .hasMessageContaining("wide.csv:2: expected 3 columns as in the header, found 2");
    assertThatThrownBy(
            () -> read(file("bad.jsonl", "{\"session\":1,\"query\":\"a\",\"clicked\":2}\n{\"a\n")))
        .hasMessageContaining("bad.jsonl:2: invalid JSON");
    assertThatThrownBy(() ->
            read(file("list.jsonl", "{\"session\":1,\"query\":\"a\",\"clicked\":[\"x\",\"y\"]}\n")))
        .hasMessageContaining("list.jsonl:1: expected a list for shown items alone, found 'x, y'");
    assertThatThrownBy(() -> read(file("late.jsonl", """
                {"session":1,"query":"a","clicked":2,"time":1767268800}
                {"session":1,"query":"a","clicked":2}
                """)))
        .hasMessageContaining("late.jsonl:2: expected a time");
  }
}
