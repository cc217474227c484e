package io.attune.log;

import static io.attune.log.Written.words;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.log.ClickLog.Loaded;
import io.attune.log.LoadReport.FileReport;
import io.attune.log.LogOptions.BadLines;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a user is told about an invalid log: always the file, the line if it is known, and what was
 * expected.
 */
class BadInputTest {
  private static final String HEADER = "session_id,item_id,time\n";

  @TempDir
  Path folder;

  private Path log(String text) {
    return Written.write(folder, "log", text);
  }

  private static Loaded load(Path path) throws IOException {
    return ClickLog.load(List.of(path), LogOptions.standard());
  }

  private static Loaded skip(Path path) throws IOException {
    return ClickLog.load(
        List.of(path), LogOptions.builder().badLines(BadLines.SKIP).samples(2).build());
  }

  private void fails(Path path, String... parts) {
    assertThatThrownBy(() -> load(path))
        .isInstanceOfSatisfying(
            LogFormatException.class, e -> assertThat(e.file()).isEqualTo(path.toString()))
        .hasMessageStartingWith(path.toString())
        .satisfies(e -> assertThat(e.getMessage()).contains(parts));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '@',
      value = {
        "1,5@log:3: expected 3 columns, found 2",
        "1,5,7,8@log:3: expected 3 columns, found 4",
        "1,5,yesterday@log:3: expected a time as a number or in ISO 8601 (for other formats use --time-format), found 'yesterday'",
        "1,5,@log:3: expected a time as a number or in ISO 8601 (for other formats use --time-format), found ''",
        ",5,1700000000@log:3: the session id is empty",
        "1,,1700000000@log:3: the item id is empty",
        "1,\"5\"x,1700000000@log:3: expected 3 columns: Unexpected character after closing quote",
        "1,\"5,1700000000@log:3: expected 3 columns: Unclosed quoted field",
      })
  void aMalformedLineIsAnErrorOrIsSkippedAndCounted(String line, String message)
      throws IOException {
    Path path = log(HEADER + "1,4,1700000000\n" + line + "\n2,6,1700000001\n2,4,1700000002\n");

    fails(path, message);
    Loaded loaded = skip(path);
    assertThat(words(loaded.sessions())).containsExactly("1: 4", "2: 6 4");
    assertThat(loaded.report().badLines()).isEqualTo(1);
    assertThat(loaded.report().files().getFirst().samples())
        .singleElement()
        .asString()
        .contains(message);
    assertThat(loaded.report().warnings())
        .anySatisfy(warning -> assertThat(warning).contains(message));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '@',
      value = {
        "{\"session\":1,\"events\":[{\"aid\":1@invalid JSON",
        "{\"session\":1}@expected the fields session and events",
        "{\"session\":1,\"events\":{}}@expected an array of events",
        "{\"session\":1,\"events\":[{\"aid\":1}]}@expected aid and ts in each event",
        "[]@expected a JSON object",
        "{\"session\":1,\"events\":[]} {}@expected one JSON object per line, found more",
        "{\"session\":1,\"events\":[1]}@expected the events to be JSON objects",
      })
  void malformedJsonIsAnErrorOrIsSkippedAndCounted(String line, String message) throws IOException {
    Path path =
        log(Written.OTTO + line + "\n" + Written.OTTO.replace("\"session\":7", "\"session\":9"));

    fails(path, "log:3: ", message);
    assertThat(skip(path).report().badLines()).isEqualTo(1);
    assertThat(words(skip(path).sessions())).containsExactly("7: 3 1", "8: x x", "9: 3 1");
  }

  @Test
  void anItemOfOttoThatIsTooLongIsMalformed() throws IOException {
    String event = "{\"aid\":\"%s\",\"ts\":1661724000378,\"type\":\"%s\"}";
    String line = "{\"session\":1,\"events\":[" + event + "]}\n";
    String good = String.format(Locale.ROOT, line, "a", "clicks");

    Path item = log(good + String.format(Locale.ROOT, line, "x".repeat(40_000), "clicks"));
    fails(item, "log:2: the item id has 40000 bytes, but at most 32766 are allowed");
    assertThat(words(skip(item).sessions())).containsExactly("1: a");
    Path type = log(good + String.format(Locale.ROOT, line, "b", "x".repeat(40_000)));
    assertThat(words(load(type).sessions())).containsExactly("1: a");
    Path session = log(good + good.replace(":1,", ":\"" + "x".repeat(40_000) + "\","));
    fails(session, "log:2: the session id has 40000 bytes");
  }

  @Test
  void aFractionOfASecondThatDoesNotFitIsNoTime() {
    Path path = log(HEADER + "1,a,1.5\n1,b,99999999999999999.5\n");
    LogOptions seconds =
        LogOptions.builder().timeUnit(java.util.concurrent.TimeUnit.SECONDS).build();

    assertThatThrownBy(() -> ClickLog.load(List.of(path), seconds))
        .hasMessageContaining("log:3: expected a time");
  }

  @Test
  void malformedLinesOfIdsAreErrors() {
    fails(
        Written.write(folder, "ml", Written.MOVIELENS.repeat(30) + "1::2::3\n"),
        "ml:91: expected user::movie");
    fails(
        Written.write(folder, "pairs", Written.PAIRS.repeat(20) + "1 2 3\n"),
        "pairs:101: expected two ids");
    fails(
        Written.write(folder, "seq", Written.SEQUENCES.repeat(30) + "7\n"),
        "seq:61: expected an id and at least one item");
    fails(
        Written.write(folder, "inter", Written.RECBOLE_LISTS + "7\t8\n"),
        "inter:4: expected 3 columns, found 2");
    fails(
        Written.write(folder, "diginetica", Written.DIGINETICA + "7;NA;8;soon;2016-05-09\n"),
        ":5: ",
        "'soon'");
  }

  @Test
  void onlySomeOfManyBadLinesAreKeptAsSamples() throws IOException {
    FileReport report = skip(log(HEADER + "1,4,1700000000\n" + "1,5\n".repeat(100)))
        .report()
        .files()
        .getFirst();

    assertThat(report.badLines()).isEqualTo(100);
    assertThat(report.samples()).hasSize(2);
    assertThat(report.lines()).isEqualTo(102);
  }

  @Test
  void manyBrokenQuotesAreAnErrorEvenWhenBadLinesAreSkipped() {
    Path path = log(HEADER + "1,4,1700000000\n" + "1,\"5\"x,1700000000\n".repeat(200));

    assertThatThrownBy(() -> skip(path))
        .isInstanceOf(LogFormatException.class)
        .hasMessageContaining("more than 100 lines have broken quotes");
  }

  @Test
  void anUnknownFormatListsWhatWasTried() {
    for (String text : List.of("The quick brown fox\njumps over\n", "session_id\n", "a\n\nb")) {
      fails(
          log(text),
          "unknown format; tried:",
          "parquet:",
          "otto:",
          "movielens:",
          "csv: expected",
          "sequences:");
    }
    fails(
        log("session_id,foo\n1,2\n"),
        "expected an item column",
        "name it with --item-column; the columns are session_id, foo");
    fails(
        log("item_id,foo\n1,2\n"),
        "expected a session or user column",
        "name it with --session-column or --user-column; the columns are item_id, foo");
  }

  @Test
  void binaryDataAreSaidToBeBinary() {
    byte[] bytes = new byte[5000];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (i * 31);
    }
    fails(Written.write(folder, "log", bytes), "unknown format: binary data");
    fails(Written.write(folder, "zip", "PK\3\4\0\0\0\0"), "a zip archive or a spreadsheet");
    fails(
        Written.write(folder, "wide", Written.CSV.getBytes(StandardCharsets.UTF_16)),
        "UTF-16 text: convert it");
  }

  @Test
  void anEmptyFileAndOnlyAHeaderAreErrorsWhenNothingElseIsThere() throws IOException {
    Path empty = Written.write(folder, "empty", "");
    Path gzip = Written.write(folder, "empty.gz", Written.gzip(new byte[0]));
    Path header = Written.write(folder, "header", HEADER);

    fails(empty, "the file is empty");
    fails(gzip, "the file is empty");
    fails(header, "no clicks, only a header");
    Loaded loaded = ClickLog.load(List.of(empty, log(Written.CSV), header), LogOptions.standard());
    assertThat(loaded.sessions().clicks()).isEqualTo(3);
    assertThat(loaded.report().warnings())
        .containsExactly(empty + ": the file is empty", header + ": no clicks");
  }

  @Test
  void aFileInWhichNothingIsAClickSaysWhy() {
    fails(
        log(Written.RETAILROCKET.replace(",view,", ",transaction,")),
        "no clicks among the events addtocart (1), transaction (3)");
    Path path = log(HEADER + "1,5\n");
    assertThatThrownBy(() -> skip(path)).hasMessageContaining("no clicks: 1 line is malformed");
  }

  @Test
  void aFileWithOneItemLoadsWithAWarning() throws IOException {
    Loaded loaded = load(log(HEADER + "1,5,1700000000\n1,5,1700000001\n"));

    assertThat(loaded.sessions().clicks()).isEqualTo(2);
    assertThat(loaded.report().warnings())
        .containsExactly("all clicks are on one item: there is nothing to learn");
  }

  @ParameterizedTest
  @ValueSource(strings = {"gzip", "zstd"})
  void truncatedCompressedDataAreAnErrorWhereverTheyEnd(String how) {
    byte[] text = Written.bytes(HEADER + numbered(20_000));
    byte[] whole = how.equals("gzip") ? Written.gzip(text) : Written.zstd(text);
    for (int length : new int[] {6, 40, whole.length / 2, whole.length - 5}) {
      Path path = Written.write(folder, "log", Arrays.copyOf(whole, length));
      fails(path, "truncated");
    }
  }

  private static String numbered(int clicks) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < clicks; i++) {
      text.append(i / 5)
          .append(',')
          .append(i * 7919 % 1009)
          .append(',')
          .append(1_700_000_000 + i)
          .append('\n');
    }
    return text.toString();
  }

  @Test
  void damagedGzipIsAnError() {
    byte[] whole = Written.gzip(Written.bytes(HEADER + numbered(20_000)));
    whole[whole.length - 6] ^= 0x55;
    fails(Written.write(folder, "log", whole), "the compressed data are corrupt");
  }

  @Test
  void aLineOfTenMegabytesIsReadOrIsAnErrorButNeverMore() throws IOException {
    String items = "12345678 ".repeat(1_200_000);
    assertThat(load(Written.write(folder, "seq", "1 2 3\n2 " + items + "\n"))
            .sessions()
            .length(1))
        .isEqualTo(1_200_000);

    Path value = log(
        HEADER + "1,4,1700000000\n1," + "x".repeat(10_000_000) + ",1700000000\n2,4,1700000000\n");
    fails(value, "log:3: the item id has 10000000 bytes, but at most 32766 are allowed");
    assertThat(words(skip(value).sessions())).containsExactly("1: 4", "2: 4");

    Path lines = Written.write(folder, "lines", "1 2 3\n2 " + items + items + "\n3 4 5\n");
    fails(lines, "lines:2: expected a line of less than 16777216 bytes");
    assertThat(words(skip(lines).sessions())).containsExactly("1: 2 3", "3: 4 5");

    Path huge = log(
        HEADER + "1,4,1700000000\n1," + "x".repeat(20_000_000) + ",1700000000\n2,4,1700000000\n");
    fails(huge, "log:3: ", "a value is longer than 16 MiB");
    assertThat(words(skip(huge).sessions())).containsExactly("1: 4", "2: 4");
  }

  @Test
  void invalidUtf8InAnIdIsMalformedAndElsewhereDoesNotMatter() throws IOException {
    byte[] id =
        (HEADER + "1,4,1700000000\n1,\u00ff,1700000000\n").getBytes(StandardCharsets.ISO_8859_1);
    byte[] name =
        "session,name,item\n1,caf\u00e9,5\n1,th\u00e9,6\n".getBytes(StandardCharsets.ISO_8859_1);
    byte[] sequence = "1 2 3\n2 4\u00ff 5\n".getBytes(StandardCharsets.ISO_8859_1);

    fails(Written.write(folder, "id", id), "id:3: the item id is not valid UTF-8");
    fails(
        Written.write(folder, "sequence", sequence), "sequence:2: the item id is not valid UTF-8");
    assertThat(words(load(Written.write(folder, "name", name)).sessions()))
        .containsExactly("1: 5 6");
  }

  @Test
  void nulBytesInAnIdAreMalformed() {
    fails(
        log(HEADER + "1,4,1700000000\n".repeat(6000) + "1,4\0,1700000000\n"),
        "log:6002: the item id contains a NUL byte");
  }

  @Test
  void timesIn1970AndInTheFutureAreCountedAndReported() throws IOException {
    Path path = log(HEADER + "1,4,86400\n1,5,1700000000\n1,6,4700000000\n");
    LogOptions options =
        LogOptions.builder().now(Instant.parse("2025-01-01T00:00:00Z")).build();

    Loaded loaded = ClickLog.load(List.of(path), options);

    FileReport report = loaded.report().files().getFirst();
    assertThat(report.before1971()).isEqualTo(1);
    assertThat(report.afterNow()).isEqualTo(1);
    assertThat(loaded.report().warnings())
        .containsExactly(
            path
                + ": 1 click is before 1971, the earliest at 1970-01-02T00:00:00Z: is the time unit right?",
            path + ": 1 click is in the future, the latest at 2118-12-09T03:33:20Z in line 4");
  }

  @Test
  void anEmptyFolderAndAMissingFileAreErrorsInOneSentence() {
    fails(folder, "the folder has no files");
    fails(folder.resolve("missing"), "no such file");
    assertThatThrownBy(() -> ClickLog.load(List.of(), LogOptions.standard()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void sessionsByWhatAFileLacksAreRefused() {
    Path sessions = log(Written.CSV);
    Path users = Written.write(folder, "users", Written.PAIRS);

    assertThatThrownBy(() -> ClickLog.load(List.of(sessions), by(LogOptions.SessionsBy.USER)))
        .hasMessageContaining("expected user ids");
    assertThatThrownBy(() -> ClickLog.load(List.of(users), by(LogOptions.SessionsBy.SESSION)))
        .hasMessageContaining("expected session ids");
    assertThatThrownBy(() -> ClickLog.load(List.of(users), by(LogOptions.SessionsBy.INACTIVITY)))
        .hasMessageContaining("expected times");
  }

  private static LogOptions by(LogOptions.SessionsBy by) {
    return LogOptions.builder().sessionsBy(by).build();
  }

  @Test
  void optionsThatMakeNoSenseAreRefused() {
    assertThatThrownBy(
            () -> LogOptions.builder().inactivity(java.time.Duration.ZERO).build())
        .hasMessageContaining("inactivity must be positive");
    assertThatThrownBy(() -> LogOptions.builder().samples(-1).build())
        .hasMessageContaining("at least 0");
    assertThatThrownBy(() -> LogOptions.builder().delimiter('"').build())
        .hasMessageContaining("delimiter");
  }
}
