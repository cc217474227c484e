package io.attune.log;

import static io.attune.log.Written.words;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.log.ClickLog.Loaded;
import io.attune.log.LogOptions.SessionsBy;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tables without a header are recognised, read by column numbers, or refused; never as sequences.
 */
class HeaderlessTableTest {
  private static final String RATINGS =
      "196\t242\t3\t881250949\n186\t302\t3\t881250986\n196\t377\t1\t881250940\n";

  @TempDir
  Path folder;

  private Loaded load(String text, LogOptions options) throws IOException {
    return ClickLog.load(List.of(Written.write(folder, "log", text)), options);
  }

  private Loaded load(String text) throws IOException {
    return load(text, LogOptions.standard());
  }

  private static LogOptions.Builder numbered(int user, int item) {
    return LogOptions.builder()
        .userColumn(Integer.toString(user))
        .itemColumn(Integer.toString(item));
  }

  @ParameterizedTest
  @ValueSource(strings = {"\t", ",", ";", "|", " "})
  void ratingsAreUserItemRatingAndTime(String delimiter) throws IOException {
    Loaded loaded = load(RATINGS.replace("\t", delimiter));

    assertThat(loaded.report().files().getFirst().format()).isEqualTo(LogFormat.HEADERLESS);
    assertThat(loaded.report().sessionsBy()).isEqualTo(SessionsBy.USER);
    assertThat(words(loaded.sessions())).containsExactly("196: 377 242", "186: 302");
  }

  @Test
  void halfStarsAreRatingsToo() throws IOException {
    assertThat(words(load("1,31,2.5,1260759144\n1,29,3.0,1260759179\n").sessions()))
        .containsExactly("1: 31 29");
  }

  @ParameterizedTest
  @CsvSource({"881250949,881250986", "1700000000123,1700000001123", "2024-01-02,2024-01-03T10:00"})
  void triplesAreUserItemAndTime(String first, String second) throws IOException {
    Loaded loaded = load("u1 i5 " + second + "\nu1 i6 " + first + "\n");

    assertThat(words(loaded.sessions())).containsExactly("u1: i6 i5");
    assertThat(loaded.sessions().hasTimes()).isTrue();
  }

  @Test
  void checkInsAreUserTimeCoordinatesAndPlace() throws IOException {
    String text = """
        0,2010-10-19T23:55:27Z,30.23,-97.79,22847
        0,2010-10-18T22:17:43Z,0.0,0.0,88c46bf20db295831bd2d1718ad7e6f5
        """;

    assertThat(words(load(text).sessions()))
        .containsExactly("0: 88c46bf20db295831bd2d1718ad7e6f5 22847");
    assertThat(words(load(text.replace(',', '\t')).sessions()))
        .containsExactly("0: 88c46bf20db295831bd2d1718ad7e6f5 22847");
  }

  @Test
  void aMalformedLineAmongManyIsNamed() {
    String many = RATINGS.repeat(5);

    assertThatThrownBy(() -> load(many + "196\t242\t3\n" + many))
        .hasMessageContaining("log:16: expected 4 columns, found 3");
    assertThatThrownBy(() -> load(many + "196\t242\t3\t0\t\n".replace("0\t", "soon") + many))
        .hasMessageContaining("log:16: expected a time")
        .hasMessageContaining("'soon'");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "196 242 3\n186 302 3\n196 377 1\n",
        "196\t242\t3\n186\t302\t3\n",
        "196,242,3\n186,302,3\n",
        "1,5,88,1700000000\n1,6,99,1700000001\n",
        "0\t1\t1\t5\t0\t1382\n1\t2\t0\t44\t1\t102\n",
        "1433221332117,257597,view,355908,\n1433224214164,992329,view,248676,\n",
        "u1\t2009-05-04T23:08:57Z\ta1\tDeep Dish\t\tFame\nu1\t2009-05-04T13:54:10Z\ta2\tX\tt1\tY\n",
        "1 1700000005 1700000000\n2 1700000006 1700000001\n",
        "1 5.0 6.5\n2 7.0 8.5\n",
        "1,5,12/1/2010 8:26\n1,6,12/1/2010 8:27\n",
        "1,5\n1,6\n",
      })
  void otherTablesAreRefusedWithARemedy(String text) {
    assertThatThrownBy(() -> load(text))
        .isInstanceOf(LogFormatException.class)
        .hasMessageContaining("a table without a header, with the columns 1 ")
        .hasMessageContaining("give their numbers with --user-column");
  }

  @Test
  void severalBlanksBetweenColumnsAreRefused() {
    assertThatThrownBy(() -> load("196   242 881250949\n186   302 881250986\n"))
        .hasMessageContaining("several spaces between columns");
  }

  @Test
  void sequencesCanBeForced() throws IOException {
    LogOptions forced = LogOptions.builder().format(LogFormat.SEQUENCES).build();

    assertThat(words(load("196 242 3\n186 302 3\n", forced).sessions()))
        .containsExactly("196: 242 3", "186: 302 3");
  }

  @Test
  void columnsAreNamedByNumber() throws IOException {
    String text = "1,2268318,2520377,pv,1511544070\n2,10,20,buy,1511572885\n1,7,8,pv,1511544000\n";
    LogOptions options =
        numbered(1, 2).timeColumn("5").actionColumn("4").actions(List.of("pv")).build();

    assertThat(words(load(text, options).sessions())).containsExactly("1/1: 7 2268318");
    assertThatThrownBy(() -> load(text, LogOptions.builder().itemColumn("2").build()))
        .hasMessageContaining("log:1: ")
        .hasMessageContaining("--session-column, --user-column");
    assertThatThrownBy(() -> load(text, numbered(1, 9).build()))
        .hasMessageContaining("at least 9")
        .hasMessageContaining("--delimiter");
    assertThatThrownBy(() -> load(text, numbered(1, 1).build()))
        .hasMessageContaining("--user-column, --item-column have the same number");
  }

  @ParameterizedTest
  @ValueSource(strings = {"Wer;Was;Wann\n", "wer;artikel_id;wann\n", "user_id;x;y\n", ""})
  void aHeaderAboveNumberedColumnsIsNoClick(String header) throws IOException {
    LogOptions timed = numbered(1, 2).timeColumn("3").build();
    String text = header + "1;5;1700000000\n1;6;1700000001\n";

    assertThat(words(load(text, timed).sessions())).containsExactly("1/1: 5 6");
    assertThat(words(load(text, numbered(1, 2).build()).sessions())).containsExactly("1: 5 6");
  }

  @Test
  void aNameOfAColumnNeedsAHeader() {
    LogOptions named = LogOptions.builder().itemColumn("item").build();

    assertThatThrownBy(() -> load(RATINGS, named)).hasMessageContaining("a table without a header");
    assertThatThrownBy(() -> load(Written.SEQUENCES, named))
        .hasMessageContaining("a header because of --item-column, but the format looks like");
  }

  @Test
  void aHeaderAboveColumnsOfListsIsOne() {
    assertThatThrownBy(() ->
            load("SessionId;Position;Lists;Scores\n1;0;21,22,23;0.3,0.2,0.1\n1;1;22,23,24;3,2,1\n"))
        .hasMessageContaining("--item-column")
        .hasMessageContaining("SessionId, Position, Lists, Scores");
  }

  @Test
  void twitterDatesAreReadByTheirPattern() throws IOException {
    String text =
        "470\ta b\tTue Apr 03 18:00:09 +0000 2012\n470\tc d\tTue Apr 03 19:30:00 +0200 2012\n";
    LogOptions options =
        numbered(1, 2).timeColumn("3").timeFormat("EEE MMM dd HH:mm:ss Z yyyy").build();

    Loaded loaded = load(text, options);

    assertThat(words(loaded.sessions())).containsExactly("470/1: c d", "470/2: a b");
    assertThat(loaded.sessions().time(1))
        .isEqualTo(Instant.parse("2012-04-03T18:00:09Z").toEpochMilli());
  }
}
