package io.attune.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {
  private static final AtomicFile.Writer NEW = beside -> Files.writeString(beside, "new");

  @TempDir
  private Path folder;

  @Test
  void aFileAppearsAloneAndWithTheFoldersAboveIt() throws IOException {
    Path file = folder.resolve("a/b/file.txt");
    AtomicFile.replace(file, NEW);
    assertThat(file).hasContent("new");
    assertThat(names(file.getParent())).containsExactly("file.txt");
  }

  @Test
  void aWriterThatFailsLeavesWhatWasThere() throws IOException {
    Path file = Files.writeString(folder.resolve("file.txt"), "old");
    assertThatThrownBy(() -> AtomicFile.replace(file, beside -> {
          Files.writeString(beside, "half");
          throw new IOException("no space left");
        }))
        .hasMessageEndingWith(": not written: no space left");
    assertThat(file).hasContent("old");
    assertThat(names(folder)).containsExactly("file.txt");
  }

  @Test
  void namesThatOthersUseForTheirOwnAreLeftAlone() throws IOException {
    for (String theirs : List.of("file.txt.old", "file.txt.writing", "file.txt.tmp")) {
      Files.writeString(folder.resolve(theirs), "a backup");
    }
    AtomicFile.replace(folder.resolve("file.txt"), NEW);
    assertThat(names(folder))
        .containsExactly("file.txt", "file.txt.old", "file.txt.tmp", "file.txt.writing");
    assertThat(folder.resolve("file.txt.writing")).hasContent("a backup");
  }

  @Test
  void aLinkStaysOneAndWhatItPointsToIsReplaced() throws IOException {
    Path real = Files.createDirectories(folder.resolve("elsewhere")).resolve("real.txt");
    Path link = Files.createSymbolicLink(folder.resolve("link.txt"), real);
    AtomicFile.replace(link, NEW);
    assertThat(link).isSymbolicLink().hasContent("new");
    assertThat(real).isRegularFile().hasContent("new");
  }

  @Test
  void contentIsMadeToLastBeforeItsNameIs() throws IOException {
    List<String> synced = new ArrayList<>();
    Path file = folder.resolve("file.txt");
    AtomicFile.replace(
        file,
        NEW,
        path ->
            synced.add((Files.isDirectory(path) ? "folder " : "content, ") + Files.exists(file)));
    assertThat(synced).containsExactly("content, false", "folder true");
  }

  @Test
  void aFolderIsNotReplacedByAFile() {
    assertThatThrownBy(() -> AtomicFile.replace(folder, NEW))
        .isInstanceOf(FileSystemException.class)
        .hasMessageContaining("is a directory");
    assertThatThrownBy(() -> AtomicFile.requireWritable(folder))
        .hasMessageContaining("is a directory");
  }

  @Test
  void aPlaceIsTriedAndNothingIsLeftThere() throws IOException {
    AtomicFile.requireWritable(folder.resolve("a/b/file.txt"));
    AtomicFile.requireWritable(Files.writeString(folder.resolve("there.txt"), "old"));
    assertThat(names(folder)).containsExactly("there.txt");
  }

  @Test
  void aFileWhereAFolderShouldBeIsNamed() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "x");
    assertThatThrownBy(() -> AtomicFile.requireWritable(file.resolve("a/b.txt")))
        .isInstanceOf(FileSystemException.class)
        .hasMessageContaining(file + " is not a directory");
  }

  @Test
  void aFolderThatTakesNothingIsNamed() {
    Path proc = Path.of("/proc/self");
    assumeTrue(Files.isDirectory(proc));
    assertThatThrownBy(() -> AtomicFile.requireWritable(proc.resolve("report.html")))
        .isInstanceOf(FileSystemException.class)
        .hasMessageContaining("nothing can be created in " + proc);
  }

  @Test
  void aDeviceIsWrittenIntoAndStaysOne() throws IOException {
    Path nothing = Path.of("/dev/null");
    Path full = Path.of("/dev/full");
    assumeTrue(Files.exists(nothing) && Files.exists(full));
    assertThatCode(() -> AtomicFile.replace(nothing, NEW)).doesNotThrowAnyException();
    assertThatThrownBy(() -> AtomicFile.replace(full, NEW))
        .isInstanceOf(FileSystemException.class)
        .hasMessageContaining("/dev/full: No space left on device");
    assertThat(Files.isRegularFile(nothing) || Files.isRegularFile(full)).isFalse();
  }

  @Test
  void linksThatGoInACircleAreRefused() throws IOException {
    Path a = folder.resolve("a");
    Files.createSymbolicLink(a, folder.resolve("b"));
    Files.createSymbolicLink(folder.resolve("b"), a);
    assertThatThrownBy(() -> AtomicFile.replace(a, NEW)).isInstanceOf(FileSystemException.class);
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }
}
