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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The files are PyArrow's, see the README beside them. */
class ParquetLogTest {
  @TempDir
  Path folder;

  private Path file(String name) {
    return Written.write(folder, name, Written.resource(name + ".parquet"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "snappy", "gzip", "zstd", "v2", "int96"})
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
        .hasMessageContaining("null:5: expected as session an id, but it is empty");
    Loaded loaded = ClickLog.load(
        List.of(path), LogOptions.builder().badLines(BadLines.SKIP).build());
    assertThat(words(loaded.sessions())).containsExactly("1: 1 3 2", "2: 1");
  }

  @Test
  void anUnknownCompressionNamesTheKnownOnes() {
    Path path = file("brotli");

    assertThatThrownBy(() -> ClickLog.load(List.of(path), LogOptions.standard()))
        .isInstanceOf(LogFormatException.class)
        .hasMessageContaining(
            "compressed with BROTLI, but only SNAPPY, GZIP, ZSTD and UNCOMPRESSED");
  }

  @Test
  void aTruncatedFileAndAnAsAWholeCompressedOneAreErrors() {
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
            "a column 'sku' as --item-column says; the columns are session_id, item_id, timestamp");
  }
}
