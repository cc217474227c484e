package io.attune.log;

import static io.attune.log.Written.words;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.log.ClickLog.Loaded;
import io.attune.log.LogOptions.BadLines;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The files were written by PyArrow; see the README next to them. */
class ParquetLogTest {
  @TempDir
  Path folder;

  private Path file(String name) {
    return Written.write(
        folder, name.substring(name.indexOf('/') + 1), Written.resource(name + ".parquet"));
  }

  private Loaded load(String name) throws IOException {
    return ClickLog.load(List.of(file(name)), LogOptions.standard());
  }

  private Loaded skipping(String name) throws IOException {
    return ClickLog.load(
        List.of(file(name)), LogOptions.builder().badLines(BadLines.SKIP).build());
  }

  private static List<String> items(Loaded loaded) {
    return IntStream.rangeClosed(1, loaded.sessions().vocabulary().size())
        .mapToObj(loaded.sessions().vocabulary()::id)
        .sorted()
        .toList();
  }

  @ParameterizedTest
  @CsvSource({
    "int64, 16706 16707 16708 16709 16710 16711",
    "uint32, 4000000000 4000000001 4000000002 4000000003 4000000004 4000000005",
    "decimal9_as_int, 16706 16707 16708 16709 16710 16711",
    "decimal9_2_as_int, 16706.00 16707.00 16708.00 16709.00 16710.00 16711.00",
    "decimal38, 16706 16707 16708 16709 16710 16711",
    "nested_struct, i0 i1 i2"
  })
  void idsAreReadAsAPersonReadsThem(String name, String ids) throws IOException {
    Loaded loaded = load("ids/" + name);

    assertThat(loaded.sessions().clicks()).isEqualTo(24);
    assertThat(loaded.sessions().size()).isEqualTo(6);
    assertThat(items(loaded)).containsExactly(ids.split(" "));
  }

  @Test
  void anUnsignedNumberAboveAllSignedOnesIsNotNegative() throws IOException {
    assertThat(items(load("ids/uint64")))
        .hasSize(6)
        .contains("9223372036854775815")
        .allMatch(id -> id.startsWith("92233720368547758"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"snappy", "gzip", "zstd", "lz4", "brotli"})
  void eachCompressionIsRead(String codec) throws IOException {
    Loaded loaded = load("ids/string_" + codec);

    assertThat(loaded.sessions().clicks()).isEqualTo(24);
    assertThat(items(loaded))
        .containsExactly("SKU 0 é", "SKU 1 é", "SKU 2 é", "SKU 3 é", "SKU 4 é", "SKU 5 é");
  }

  @Test
  void aGapInANumberIsMalformedAndWholeNumbersBesideItHaveNoFraction() throws IOException {
    assertThatThrownBy(() -> load("ids/double_with_nulls"))
        .hasMessageContaining("double_with_nulls:1: the item id is empty");
    Loaded loaded = skipping("ids/double_with_nulls");
    assertThat(items(loaded)).contains("16711", "16710").noneMatch(id -> id.contains("."));
    assertThat(loaded.report().badLines()).isEqualTo(24L - loaded.sessions().clicks());
  }

  @Test
  void aRowWithAListIsASessionAndNoItemsOrAGapMakeItMalformed() throws IOException {
    assertThatThrownBy(() -> load("ids/lists"))
        .hasMessageContaining("lists:2: expected at least one item, found none");
    Loaded loaded = skipping("ids/lists");
    assertThat(words(loaded.sessions())).containsExactly("1: a b");
    assertThat(loaded.report().files().getFirst().samples())
        .hasSize(2)
        .last()
        .asString()
        .contains("lists:3: the item id is empty");
    assertThat(loaded.report().badLines()).isEqualTo(2);
    assertThat(loaded.report().sessionsBy()).isEqualTo(LogOptions.SessionsBy.SESSION);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "millis",
        "micros_utc",
        "micros_tokyo",
        "nanos",
        "int96",
        "seconds_int32",
        "double",
        "decimal",
        "text"
      })
  void aTimeIsTheSameHoweverItIsStored(String name) throws IOException {
    Loaded loaded = load("times/" + name);

    assertThat(loaded.sessions().clicks()).isEqualTo(24);
    LoadReport.FileReport report = loaded.report().files().getFirst();
    assertThat(report.first()).isEqualTo("2020-09-13T12:26:40Z");
    assertThat(report.last()).isEqualTo("2020-09-13T12:38:10Z");
  }

  @Test
  void aDayIsItsFirstMoment() throws IOException {
    assertThat(load("times/date32").report().files().getFirst().last())
        .isEqualTo("2020-09-13T00:00:00Z");
  }

  @Test
  void aMissingTimeIsNamedByItsRow() throws IOException {
    assertThatThrownBy(() -> load("times/sentinel_9999_and_null"))
        .hasMessageContaining(
            "sentinel_9999_and_null:10: expected a time in the column 'timestamp', but it is empty");
    assertThat(skipping("times/sentinel_9999_and_null").sessions().clicks()).isEqualTo(23);
  }

  @Test
  void partsOfOneLogMayHaveColumnsOfOtherTypesAndInAnotherOrder() throws IOException {
    Loaded loaded = ClickLog.load(
        List.of(file("parts/part-00000"), file("parts/part-00001"), file("parts/part-00002")),
        LogOptions.standard());

    assertThat(loaded.sessions().clicks()).isEqualTo(24);
    assertThat(loaded.sessions().size()).isEqualTo(6);
    assertThat(items(loaded)).containsExactly("0", "1", "2", "3", "4", "5");
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "snappy", "gzip", "zstd", "brotli", "v2", "int96"})
  void oneRowIsOneClick(String name) throws IOException {
    Loaded loaded = ClickLog.load(List.of(file(name)), LogOptions.standard());

    assertThat(loaded.report().files().getFirst().format()).isEqualTo(LogFormat.PARQUET);
    assertThat(words(loaded.sessions())).containsExactly("s1: a c b", "s2: a é");
    assertThat(loaded.sessions().time(0)).isEqualTo(1_700_000_000_000L);
    assertThat(loaded.sessions().time(4)).isEqualTo(1_700_000_180_000L);
  }

  @Test
  void integersAreIdsSecondsAreTimesAndANullIsMalformed() throws IOException {
    Path path = file("null");

    assertThatThrownBy(() -> ClickLog.load(List.of(path), LogOptions.standard()))
        .isInstanceOf(LogFormatException.class)
        .hasMessageContaining("null:5: the session id is empty");
    Loaded loaded = ClickLog.load(
        List.of(path), LogOptions.builder().badLines(BadLines.SKIP).build());
    assertThat(words(loaded.sessions())).containsExactly("1: 1 3 2", "2: 1");
  }

  @Test
  void aTruncatedFileAndOneThatIsCompressedAsAWholeAreErrors() {
    byte[] bytes = Written.resource("snappy.parquet");
    Path half = Written.write(folder, "half", Arrays.copyOf(bytes, bytes.length / 2));
    Path gzip = Written.write(folder, "gzip", Written.gzip(bytes));

    assertThatThrownBy(() -> ClickLog.load(List.of(half), LogOptions.standard()))
        .isInstanceOf(LogFormatException.class)
        .hasMessageContaining("is it truncated?");
    assertThatThrownBy(() -> ClickLog.load(List.of(gzip), LogOptions.standard()))
        .isInstanceOf(LogFormatException.class)
        .hasMessageContaining("decompress it");
  }

  @Test
  void columnsThatAreMissingAreNamed() {
    Path path = file("none");
    LogOptions options = LogOptions.builder().itemColumn("sku").build();

    assertThatThrownBy(() -> ClickLog.load(List.of(path), options))
        .isInstanceOf(LogFormatException.class)
        .hasMessageContaining(
            "the column 'sku' of --item-column; the columns are session_id, item_id, timestamp");
  }

  @Test
  void columnsMayBeNamedByTheirNumbers() throws IOException {
    LogOptions options = LogOptions.builder().sessionColumn("1").itemColumn("2").build();

    Loaded loaded = ClickLog.load(List.of(file("ids/int64")), options);

    assertThat(loaded.sessions().size()).isEqualTo(6);
    assertThat(items(loaded)).containsExactly("16706", "16707", "16708", "16709", "16710", "16711");
  }
}
