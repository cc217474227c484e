package io.attune.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.attune.server.ClickJournal.Entry;
import io.attune.serving.Click;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClickJournalTest {
  private static final long TIME = 1_764_288_000_000L;

  @TempDir
  private Path folder;

  private Path directory;
  private final List<Entry> entries = List.of(
      new Entry.Clicked("anna", TIME, new Click("i1", TIME - 5)),
      new Entry.Clicked("bert ä/\ud83d\ude00", TIME + 1, new Click("x".repeat(512), TIME)),
      new Entry.Forgotten("anna", TIME + 2),
      new Entry.Clicked("anna", TIME + 3, new Click("日本", TIME + 3)));

  private final List<String> left = new ArrayList<>();

  @BeforeEach
  void name() {
    directory = folder.resolve("state");
  }

  /** Opens the journal, closes it, and returns what had happened. */
  private List<Entry> reopened() throws IOException {
    List<Entry> replayed = new ArrayList<>();
    ClickJournal.open(directory, replayed::add, left::add).close();
    return replayed;
  }

  private void append(List<Entry> all) throws IOException {
    try (ClickJournal journal = ClickJournal.open(directory, entry -> {}, left::add)) {
      for (Entry entry : all) {
        journal.append(entry);
      }
    }
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(file -> file.toString().endsWith(".log")).sorted().toList();
    }
  }

  @Test
  void whatIsAppendedIsReplayedInOrderOverSeveralRestarts() throws IOException {
    append(entries.subList(0, 2));
    append(entries.subList(2, 4));
    assertThat(reopened()).isEqualTo(entries);
    assertThat(reopened()).isEqualTo(entries);
    assertThat(left).isEmpty();
  }

  @Test
  void manyClicksAreReplayed() throws IOException {
    Random random = new Random(3);
    List<Entry> many = new ArrayList<>();
    for (int i = 0; i < 5000; i++) {
      String item = "i".repeat(1 + random.nextInt(100));
      many.add(new Entry.Clicked("s" + i, TIME + i, new Click(item, TIME)));
    }
    append(many);
    assertThat(reopened()).isEqualTo(many);
  }

  @Test
  void aLogThatEndsAnywhereHasTheClicksBeforeThat() throws IOException {
    append(entries);
    Path log = files().getLast();
    byte[] whole = Files.readAllBytes(log);
    int complete = 0;
    for (int length = whole.length; length >= 0; length--) {
      try (Stream<Path> files = Files.list(directory)) {
        for (Path file : files.toList()) {
          Files.delete(file);
        }
      }
      Files.write(log, Arrays.copyOf(whole, length));
      left.clear();
      List<Entry> replayed = reopened();
      assertThat(replayed).isEqualTo(entries.subList(0, replayed.size()));
      complete += left.isEmpty() ? 1 : 0;
      if (length == whole.length) {
        assertThat(replayed).isEqualTo(entries);
      }
    }
    // After each entry and in each part of the first eight bytes nothing is incomplete.
    assertThat(complete).isEqualTo(entries.size() + 1 + 8);
  }

  @Test
  void aChangedByteBeforeTheEndIsAnError() throws IOException {
    append(entries);
    List<Entry> many = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      many.add(new Entry.Clicked("s" + i, TIME, new Click("i" + i, TIME)));
    }
    append(many);
    Path log = files().getLast();
    byte[] whole = Files.readAllBytes(log);
    Random random = new Random(5);
    for (int i = 0; i < 100; i++) {
      byte[] changed = whole.clone();
      changed[random.nextInt(whole.length - 5000)] ^= (byte) (1 << random.nextInt(8));
      Files.write(log, changed);
      assertThatThrownBy(this::reopened)
          .isInstanceOf(FileSystemException.class)
          .hasMessageContaining(log.toString())
          .hasMessageContaining("move it away");
    }
    Files.write(log, whole);
    assertThat(reopened()).hasSize(entries.size() + many.size());
  }

  @Test
  void compactingKeepsWhatIsLiveAndWhatHappensMeanwhile() throws IOException {
    append(entries);
    Entry live = entries.get(3);
    Entry meanwhile = new Entry.Clicked("carl", TIME, new Click("i7", TIME));
    Entry later = new Entry.Clicked("carl", TIME, new Click("i8", TIME));
    try (ClickJournal journal = ClickJournal.open(directory, entry -> {}, left::add)) {
      journal.append(new Entry.Forgotten("dora", TIME));
      assertThat(journal.hasForgotten()).isTrue();
      journal.compact(out -> {
        out.accept(live);
        try {
          journal.append(meanwhile);
        } catch (IOException e) {
          throw new AssertionError(e);
        }
      });
      assertThat(journal.hasForgotten()).isFalse();
      journal.append(later);
      assertThat(files()).hasSize(2);
    }
    assertThat(reopened()).containsExactly(live, meanwhile, later);
  }

  @Test
  void aSnapshotThatFailsLeavesAllThatHasHappened() throws IOException {
    append(entries);
    Entry later = new Entry.Clicked("carl", TIME, new Click("i8", TIME));
    try (ClickJournal journal = ClickJournal.open(directory, entry -> {}, left::add)) {
      assertThatThrownBy(() -> journal.compact(out -> {
            throw new IllegalStateException("in the middle");
          }))
          .hasMessage("in the middle");
      journal.append(later);
      journal.compact(out -> entries.forEach(out));
    }
    List<Entry> expected = new ArrayList<>(entries);
    assertThat(reopened()).isEqualTo(expected);
  }

  @Test
  void aDirectoryHasOneServer() throws IOException {
    try (ClickJournal journal = ClickJournal.open(directory, entry -> {}, left::add)) {
      assertThat(journal.bytes()).isZero();
      assertThatThrownBy(this::reopened)
          .isInstanceOf(FileSystemException.class)
          .hasMessageContaining("in use by another server");
    }
    assertThat(reopened()).isEmpty();
  }

  @Test
  void onlyItsOwnerReadsANewDirectory() throws IOException {
    assumeTrue(Files.getFileStore(folder).supportsFileAttributeView("posix"));
    append(entries);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory)))
        .isEqualTo("rwx------");
  }

  @Test
  void anotherFileUnderTheNameIsRefused() throws IOException {
    Files.createDirectories(directory);
    Files.writeString(directory.resolve("clicks-000000000001.log"), "years of work");
    assertThatThrownBy(this::reopened).hasMessageContaining("not a log of attune serve");
  }
}
