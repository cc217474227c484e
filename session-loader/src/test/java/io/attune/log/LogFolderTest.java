package io.attune.log;

import static io.attune.log.Written.words;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Logs given as folders or file patterns; each file is read by its own header. */
class LogFolderTest {
  @TempDir
  Path folder;

  @BeforeEach
  void writeParts() throws IOException {
    Files.createDirectories(folder.resolve("day=1"));
    Files.createDirectories(folder.resolve("_temporary"));
    Files.createDirectories(folder.resolve(".hidden"));
    Written.write(folder, "b.csv", "session_id,item_id,timestamp\n1,a,1700000000\n");
    Written.write(
        folder, "c.csv.zst", Written.zstd(Written.bytes("time;sku;sid\n1700000001;b;1\n")));
    Written.write(
        folder,
        "day=1/a.csv.gz",
        Written.gzip(Written.bytes("item,x,time,session\nc,9,1700000002,1\n")));
    Written.write(folder, "_SUCCESS", "");
    Written.write(folder, ".b.csv.crc", new byte[] {1, 0});
    Written.write(folder, "_temporary/x.csv", "not a log");
    Written.write(folder, ".hidden/x.csv", "not a log");
  }

  @Test
  void allPartsOfAFolderAreReadEachByItsOwnHeader() throws IOException {
    ClickLog.Loaded loaded = ClickLog.load(List.of(folder), LogOptions.standard());

    assertThat(words(loaded.sessions())).containsExactly("1: a b c");
    assertThat(loaded.report().files().stream().map(file -> file.path().toString()))
        .containsExactly(
            folder.resolve("b.csv").toString(),
            folder.resolve("c.csv.zst").toString(),
            folder.resolve("day=1/a.csv.gz").toString());
    assertThat(loaded.report().warnings()).isEmpty();
  }

  @Test
  void aPatternIsTheFilesThatMatch() throws IOException {
    assertThat(LogFolder.files(List.of(folder.resolve("*.csv*"), folder.resolve("{b,x}.csv"))))
        .containsExactly(
            folder.resolve("b.csv"), folder.resolve("c.csv.zst"), folder.resolve("b.csv"));
    Path odd = Written.write(folder, "odd[1].csv", Written.CSV);
    assertThat(LogFolder.files(List.of(odd))).containsExactly(odd);
    Path missing = folder.resolve("missing.csv");
    assertThat(LogFolder.files(List.of(missing))).containsExactly(missing);
  }

  @Test
  void foldersAndPatternsWithoutFilesAreRefused() throws IOException {
    Path empty = Files.createDirectory(folder.resolve("empty"));
    Path delta = Files.createDirectory(folder.resolve("delta"));
    Files.createDirectory(delta.resolve("_delta_log"));

    assertThatThrownBy(() -> LogFolder.files(List.of(empty)))
        .isInstanceOf(LogFormatException.class)
        .hasMessageContaining("empty: expected logs, but the folder has no files");
    assertThatThrownBy(() -> LogFolder.files(List.of(delta))).hasMessageContaining("a Delta table");
    assertThatThrownBy(() -> LogFolder.files(List.of(folder.resolve("*.tsv"))))
        .hasMessageContaining("no file matches this pattern");
    assertThatThrownBy(() -> LogFolder.files(List.of(folder.resolve("no/*.tsv"))))
        .hasMessageContaining("no such file or folder");
    assertThatThrownBy(() -> LogFolder.files(List.of(folder.resolve("[.csv"))))
        .hasMessageContaining("no such file, and not a valid pattern");
  }

  @Test
  void incompatibleFilesAreRefusedByName() {
    Written.write(folder, "d.csv", "session_id,item_id\n1,a\n");

    assertThatThrownBy(() -> ClickLog.load(List.of(folder), LogOptions.standard()))
        .hasMessageContaining("d.csv: expected times as in " + folder.resolve("b.csv"));
  }
}
