package io.attune.log;

import static io.attune.log.Written.words;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.log.ClickLog.Loaded;
import io.attune.log.LoadReport.FileReport;
import io.attune.log.LogOptions.SessionsBy;
import io.attune.session.DataHash;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FormatsTest {
  @TempDir
  Path folder;

  private Loaded load(String text, LogOptions options) throws IOException {
    return ClickLog.load(List.of(Written.write(folder, "log", text)), options);
  }

  private Loaded load(String text) throws IOException {
    return load(text, LogOptions.standard());
  }

  private static FileReport file(Loaded loaded) {
    return loaded.report().files().getFirst();
  }

  private static void isOf(Loaded loaded, LogFormat format, SessionsBy by) {
    assertThat(file(loaded).format()).isEqualTo(format);
    assertThat(loaded.report().sessionsBy()).isEqualTo(by);
  }

  @Test
  void aCsvIsReadByTheUsualNamesOfItsColumns() throws IOException {
    Loaded loaded = load(Written.CSV);

    isOf(loaded, LogFormat.CSV, SessionsBy.SESSION);
    assertThat(words(loaded.sessions())).containsExactly("s1: a b,c", "s2: a");
    assertThat(loaded.sessions().time(1)).isEqualTo(1_700_000_060_000L);
    assertThat(file(loaded).lines()).isEqualTo(4);
    assertThat(file(loaded).clicks()).isEqualTo(3);
    assertThat(file(loaded).first()).isEqualTo(Instant.ofEpochSecond(1_700_000_000));
    assertThat(file(loaded).last()).isEqualTo(Instant.ofEpochSecond(1_700_000_120));
    assertThat(loaded.report().warnings()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {",", ";", "\t", "|"})
  void theDelimiterIsFound(String delimiter) throws IOException {
    Loaded loaded = load("User ID,Product-Id\n1,5\n1,6\n".replace(",", delimiter));

    isOf(loaded, LogFormat.CSV, SessionsBy.USER);
    assertThat(words(loaded.sessions())).containsExactly("1: 5 6");
  }

  @Test
  void columnsWithOtherNamesAreNamedByOptions() throws IOException {
    String text = "who~what~when~item_id\nx~a~2024-01-02 10:00~0\nx~b~2024-01-02~0\n";
    LogOptions options = LogOptions.builder()
        .delimiter('~')
        .sessionColumn("who")
        .itemColumn("WHAT")
        .timeColumn("when")
        .build();

    assertThat(words(load(text, options).sessions())).containsExactly("x: b a");
    assertThatThrownBy(() ->
            load(text, LogOptions.builder().delimiter('~').itemColumn("nope").build()))
        .isInstanceOf(LogFormatException.class)
        .hasMessageContaining(
            "the column 'nope' of --item-column; the columns are who, what, when, item_id");
  }

  @Test
  void quotedLineFeedsCarriageReturnsAndAByteOrderMarkAreRead() throws IOException {
    Loaded loaded = load(
        "\ufeffsession_id,name,item_id\r\n1,\"two\r\nlines, \"\"quoted\"\"\",5\r\n1,x, 6 \r\n\r\n");

    assertThat(words(loaded.sessions())).containsExactly("1: 5 6");
  }

  @Test
  void idsOutsideOfAsciiKeepTheirCharacters() throws IOException {
    assertThat(words(load("session,item\nü,奶酪\nü,🧀\n").sessions())).containsExactly("ü: 奶酪 🧀");
  }

  @Test
  void yoochooseHasNoHeader() throws IOException {
    Loaded loaded = load(Written.YOOCHOOSE);

    isOf(loaded, LogFormat.YOOCHOOSE, SessionsBy.SESSION);
    assertThat(words(loaded.sessions())).containsExactly("1: 214536502 214536500", "2: 214662742");
    assertThat(loaded.sessions().time(0))
        .isEqualTo(Instant.parse("2014-04-07T10:51:09.277Z").toEpochMilli());
  }

  @Test
  void digineticaIsOrderedByTheTimeFrameWithinTheDay() throws IOException {
    Loaded loaded = load(Written.DIGINETICA);

    isOf(loaded, LogFormat.DIGINETICA, SessionsBy.SESSION);
    assertThat(words(loaded.sessions())).containsExactly("1: 31331 81766", "2: 32118");
    assertThat(loaded.sessions().time(0))
        .isEqualTo(Instant.parse("2016-05-09T00:00:31.018Z").toEpochMilli());
  }

  @Test
  void retailRocketTakesViewsAndCountsTheRest() throws IOException {
    Loaded loaded = load(Written.RETAILROCKET);

    isOf(loaded, LogFormat.RETAILROCKET, SessionsBy.INACTIVITY);
    assertThat(words(loaded.sessions()))
        .containsExactly("257597/1: 355908 355909", "992329/1: 248676");
    assertThat(file(loaded).otherActions()).isEqualTo(Map.of("addtocart", 1L));
    assertThat(loaded.report().warnings())
        .singleElement()
        .asString()
        .endsWith("skipped events of other actions: addtocart (1)");
  }

  @Test
  void theActionsToTakeCanBeNamed() throws IOException {
    LogOptions options =
        LogOptions.builder().actions(List.of("view", "addtocart")).build();

    assertThat(words(load(Written.RETAILROCKET, options).sessions()))
        .containsExactly("257597/1: 355908 355909", "257597/2: 355908", "992329/1: 248676");
  }

  @Test
  void ottoTakesClicksInTheOrderOfTheirTimes() throws IOException {
    Loaded loaded = load(Written.OTTO);

    isOf(loaded, LogFormat.OTTO, SessionsBy.SESSION);
    assertThat(words(loaded.sessions())).containsExactly("7: 3 1", "8: x");
    assertThat(file(loaded).otherActions()).isEqualTo(Map.of("carts", 1L));
  }

  @Test
  void ubiEventsAreReadPlainWrappedAndAsBulkRequest() throws IOException {
    Loaded loaded = load(Written.UBI);

    isOf(loaded, LogFormat.UBI, SessionsBy.SESSION);
    assertThat(words(loaded.sessions())).containsExactly("s1: A1 A2");
    assertThat(file(loaded).otherActions()).isEqualTo(Map.of("search", 1L));
  }

  @Test
  void ubiEventsWithoutSessionsAreCutByInactivity() throws IOException {
    Loaded loaded = load(Written.UBI.replace("\"session_id\":\"s1\",", ""));

    isOf(loaded, LogFormat.UBI, SessionsBy.INACTIVITY);
    assertThat(words(loaded.sessions())).containsExactly("c1/1: A1 A2");
  }

  @Test
  void movieLensUsersAreHistoriesInBothForms() throws IOException {
    Loaded colons = load(Written.MOVIELENS);
    Loaded csv = load(Written.MOVIELENS_CSV);

    isOf(colons, LogFormat.MOVIELENS, SessionsBy.USER);
    isOf(csv, LogFormat.MOVIELENS, SessionsBy.USER);
    assertThat(words(colons.sessions())).containsExactly("1: 1193 661", "2: 1193");
    assertThat(words(csv.sessions())).containsExactly("1: 31 1029", "2: 10");
  }

  @Test
  void historiesCanBeCutByInactivity() throws IOException {
    LogOptions options = LogOptions.builder()
        .sessionsBy(SessionsBy.INACTIVITY)
        .inactivity(Duration.ofSeconds(1300))
        .build();

    assertThat(words(load(Written.MOVIELENS, options).sessions()))
        .containsExactly("1/1: 1193", "1/2: 661", "2/1: 1193");
  }

  @Test
  void recBoleIsReadAsClicksAndAsLists() throws IOException {
    Loaded clicks = load(Written.RECBOLE);
    Loaded lists = load(Written.RECBOLE_LISTS);

    isOf(clicks, LogFormat.RECBOLE, SessionsBy.SESSION);
    isOf(lists, LogFormat.RECBOLE, SessionsBy.SESSION);
    assertThat(words(clicks.sessions())).containsExactly("1: 5 6", "2: 5");
    assertThat(clicks.sessions().time(1)).isEqualTo(1_462_752_031_500L);
    assertThat(words(lists.sessions())).containsExactly("1: 5 6 7 8", "2: 5 6");
  }

  @Test
  void pairsAndSequencesAreDistinguished() throws IOException {
    Loaded pairs = load(Written.PAIRS);
    Loaded sequences = load(Written.SEQUENCES);
    Loaded tabbed = load(Written.TABBED);

    isOf(pairs, LogFormat.PAIRS, SessionsBy.USER);
    isOf(sequences, LogFormat.SEQUENCES, SessionsBy.SESSION);
    isOf(tabbed, LogFormat.SEQUENCES, SessionsBy.SESSION);
    assertThat(words(pairs.sessions())).containsExactly("1: 1 2 3", "2: 1 4");
    assertThat(words(sequences.sessions())).containsExactly("1: 1 2 3", "2: 4 5");
    assertThat(words(tabbed.sessions())).containsExactly("0: 1 2", "1: 3 4 5");
  }

  @Test
  void aFormatCanBeNamedInsteadOfRecognised() throws IOException {
    LogOptions options = LogOptions.builder().format(LogFormat.SEQUENCES).build();

    assertThat(words(load(Written.PAIRS, options).sessions()))
        .containsExactly("1: 1", "1: 2", "1: 3", "2: 1", "2: 4");
    assertThat(words(load("anna cheese bread\n", options).sessions()))
        .containsExactly("anna: cheese bread");
    assertThatThrownBy(
            () -> load("1 2 3\n", LogOptions.builder().format(LogFormat.OTTO).build()))
        .isInstanceOf(LogFormatException.class)
        .hasMessageContaining("log:1: expected the format otto");
  }

  @Test
  void everyTextFormatMayBeCompressedWhateverItsName() throws IOException {
    for (String text : Written.texts()) {
      Path plain = Written.write(folder, "plain.gz", text);
      Path gzip = Written.write(folder, "gzip.csv", Written.gzip(Written.bytes(text)));
      Path zstd = Written.write(folder, "zstd.txt", Written.zstd(Written.bytes(text)));
      Loaded expected = ClickLog.load(List.of(plain), LogOptions.standard());
      for (Path path : List.of(gzip, zstd)) {
        Loaded loaded = ClickLog.load(List.of(path), LogOptions.standard());
        assertThat(words(loaded.sessions())).isEqualTo(words(expected.sessions()));
        assertThat(file(loaded).compression()).isEqualTo(path.equals(gzip) ? "gzip" : "zstd");
        assertThat(DataHash.of(loaded.sessions())).isEqualTo(DataHash.of(expected.sessions()));
      }
    }
  }

  @Test
  void twoGzipMembersOrZstdFramesAreOneLog() throws IOException {
    byte[] first = Written.gzip(Written.bytes("1 2 3\n"));
    byte[] second = Written.gzip(Written.bytes("2 4 5\n"));
    byte[] both = new byte[first.length + second.length];
    System.arraycopy(first, 0, both, 0, first.length);
    System.arraycopy(second, 0, both, first.length, second.length);

    Loaded loaded =
        ClickLog.load(List.of(Written.write(folder, "log", both)), LogOptions.standard());

    assertThat(words(loaded.sessions())).containsExactly("1: 2 3", "2: 4 5");
  }

  @Test
  void aSessionMayContinueInTheNextFileButLinesOfSequencesStaySeparate() throws IOException {
    Path one = Written.write(folder, "1.csv", "session,item,time\ns,a,20\nt,b,20\n");
    Path two = Written.write(folder, "2.csv", "time;item;session\n10;c;s\n");
    Path lines = Written.write(folder, "1.txt", Written.TABBED);
    Path more = Written.write(folder, "2.txt", "0\t9 9\n");
    List<Long> seen = new ArrayList<>();

    Loaded clicks = ClickLog.load(
        List.of(one, two), LogOptions.standard(), (path, done, total) -> seen.add(total - done));
    Loaded sequences = ClickLog.load(List.of(lines, more), LogOptions.standard());

    assertThat(words(clicks.sessions())).containsExactly("s: c a", "t: b");
    assertThat(clicks.report().files()).hasSize(2);
    assertThat(seen).isSortedAccordingTo((a, b) -> Long.compare(b, a)).endsWith(0L);
    assertThat(words(sequences.sessions())).containsExactly("0: 1 2", "1: 3 4 5", "0: 9 9");
    assertThat(sequences.report().files().get(1).repeatedIds()).isEqualTo(1);
  }

  @Test
  void incompatibleFilesAreRefused() {
    Path timed = Written.write(folder, "timed.csv", Written.CSV);
    Path untimed = Written.write(folder, "untimed.txt", Written.SEQUENCES);
    Path users = Written.write(folder, "users.csv", Written.RETAILROCKET);

    assertThatThrownBy(() -> ClickLog.load(List.of(timed, untimed), LogOptions.standard()))
        .hasMessageContaining("untimed.txt: expected times as in")
        .hasMessageContaining("load the files separately");
    assertThatThrownBy(() -> ClickLog.load(List.of(timed, users), LogOptions.standard()))
        .hasMessageContaining("users.csv: expected sessions by session as in")
        .hasMessageContaining("found sessions by inactivity");
  }

  @Test
  void aFormatsLabelIsReadAndAnUnknownOneListsAll() {
    assertThat(LogFormat.parse("Otto")).isEqualTo(LogFormat.OTTO);
    assertThatThrownBy(() -> LogFormat.parse("excel"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("parquet, otto, ubi")
        .hasMessageContaining("'excel'");
  }

  @Test
  void theSpeedIsComparedWithReadingTheBytes() throws IOException {
    long[] clock = {0};
    Path log = Written.write(folder, "log", Written.CSV);

    LoadSpeed speed =
        LoadSpeed.measure(List.of(log), LogOptions.standard(), () -> clock[0] += 1_500_000_000L);

    assertThat(speed).isEqualTo(new LoadSpeed(3, Written.CSV.length(), 1.5, 1.5));
    assertThat(speed.clicksPerSecond()).isEqualTo(2.0);
  }
}
