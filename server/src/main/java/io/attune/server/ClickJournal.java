package io.attune.server;

import io.attune.serving.Click;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The clicks of live sessions on disk, so that they survive a restart. A click that has been
 * appended survives the end of the process, however it ends; nothing is synced to the device, so
 * the newest may be lost with the power.
 *
 * <p>A directory has one log that grows, {@code clicks-N.log}, and a snapshot of the sessions as
 * they were when the log was begun or later, {@code sessions-N.log}. Both are records of a length,
 * a CRC-32C and an {@link Entry}. {@link #compact} begins a log, writes a snapshot, moves it into
 * place and deletes what is older, so that at any moment the newest snapshot and the logs from its
 * number on are all that happened. What is in both is told apart by the times of clicks.
 *
 * <p>An incomplete record at the end of a log is that of a click which was not acknowledged, and is
 * left out; anything else that is not right is an error. Thread-safe; a lock on the directory keeps
 * other processes out.
 */
final class ClickJournal implements AutoCloseable {
  private static final byte[] MAGIC = "attune1\n".getBytes(StandardCharsets.US_ASCII);
  private static final int FRAME = 8; // length and checksum
  private static final int FIXED = 1 + 8 + 8 + 4; // kind, arrival, time, length of the session's id
  private static final int MAX_RECORD = FIXED + 2 * 4 * Ids.MAX_LENGTH;
  private static final byte CLICKED = 1;
  private static final byte FORGOTTEN = 2;
  private static final Pattern NAME =
      Pattern.compile("(clicks|sessions)-([0-9]{12})\\.log(\\.new)?");
  private static final int BUFFER = 1 << 16;

  private final Path directory;
  private final FileChannel lockFile;
  private final ReentrantLock lock = new ReentrantLock();
  private FileChannel log; // guarded by lock, like what follows
  private long end;
  private long number;
  private boolean hasForgotten;
  private volatile @Nullable String failure;

  /** What has happened to a session. */
  sealed interface Entry {
    /** The session's id. */
    String session();

    /** When it arrived, in milliseconds since 1970. */
    long arrival();

    /** A click, which has a time. */
    record Clicked(String session, long arrival, Click click) implements Entry {}

    /** The session was forgotten. */
    record Forgotten(String session, long arrival) implements Entry {}
  }

  /** Writes the entries that make up all live sessions. */
  @FunctionalInterface
  interface Snapshot {
    void write(Consumer<Entry> entries);
  }

  private ClickJournal(Path directory, FileChannel lockFile, long number) throws IOException {
    this.directory = directory;
    this.lockFile = lockFile;
    this.number = number;
    this.log = create(file("clicks", number));
    this.end = MAGIC.length;
  }

  /**
   * Opens a journal. If there is none it is created, for its owner alone to read.
   *
   * @param replay is given what has happened, in order; an entry may come twice
   * @param left is told what was left out
   * @throws IOException if another process uses the directory, or a file is damaged
   */
  static ClickJournal open(Path directory, Consumer<Entry> replay, Consumer<String> left)
      throws IOException {
    if (!Files.isDirectory(directory)) {
      Files.createDirectories(directory);
      PosixFileAttributeView view =
          Files.getFileAttributeView(directory, PosixFileAttributeView.class);
      if (view != null) {
        view.setPermissions(PosixFilePermissions.fromString("rwx------")); // what visitors clicked
      }
    }
    FileChannel lockFile = FileChannel.open(
        directory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      lock(directory, lockFile);
      long newest = 0;
      for (Path file : files(directory)) {
        int incomplete = read(file, replay);
        if (incomplete > 0) {
          left.accept(
              file + ": left out an incomplete click of " + incomplete + " bytes at its end");
        }
        newest = Math.max(newest, number(file));
      }
      return new ClickJournal(directory, lockFile, newest + 1);
    } catch (IOException | RuntimeException e) {
      lockFile.close();
      throw e;
    }
  }

  private static void lock(Path directory, FileChannel lockFile) throws IOException {
    FileLock held;
    try {
      held = lockFile.tryLock();
    } catch (OverlappingFileLockException e) {
      held = null;
    }
    if (held == null) {
      throw new FileSystemException(
          directory.toString(), null, "in use by another server; name another directory");
    }
  }

  /** The files to replay: the newest snapshot, then the logs from its number on. */
  private static List<Path> files(Path directory) throws IOException {
    TreeMap<Long, Path> snapshots = new TreeMap<>();
    TreeMap<Long, Path> logs = new TreeMap<>();
    try (Stream<Path> entries = Files.list(directory)) {
      for (Path file : entries.toList()) {
        Matcher name = NAME.matcher(String.valueOf(file.getFileName()));
        if (name.matches() && name.group(3) == null) {
          (name.group(1).equals("sessions") ? snapshots : logs)
              .put(Long.parseLong(name.group(2)), file);
        }
      }
    }
    long first = snapshots.isEmpty() ? 0 : snapshots.lastKey();
    return Stream.concat(
            snapshots.isEmpty() ? Stream.of() : Stream.of(snapshots.lastEntry().getValue()),
            logs.tailMap(first).values().stream())
        .toList();
  }

  private static long number(Path file) {
    Matcher name = NAME.matcher(String.valueOf(file.getFileName()));
    return name.matches() ? Long.parseLong(name.group(2)) : 0;
  }

  private Path file(String kind, long of) {
    String digits = Long.toString(of);
    return directory.resolve(kind + "-" + "0".repeat(12 - digits.length()) + digits + ".log");
  }

  private static FileChannel create(Path file) throws IOException {
    FileChannel channel =
        FileChannel.open(file, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE));
    write(channel, ByteBuffer.wrap(MAGIC), 0);
    return channel;
  }

  private static void write(FileChannel channel, ByteBuffer bytes, long position)
      throws IOException {
    long at = position;
    while (bytes.hasRemaining()) {
      at += channel.write(bytes, at);
    }
  }

  /**
   * Reads a file.
   *
   * @return length of the incomplete record at its end
   */
  private static int read(Path file, Consumer<Entry> replay) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long size = channel.size();
      ByteBuffer magic = ByteBuffer.allocate((int) Math.min(size, MAGIC.length));
      fill(channel, magic, 0);
      if (!magic.equals(ByteBuffer.wrap(MAGIC, 0, magic.limit()))) {
        throw new FileSystemException(
            file.toString(), null, "not a log of attune serve; move it away");
      }
      ByteBuffer buffer = ByteBuffer.allocate(BUFFER).flip();
      long at = magic.limit(); // of what is in the buffer
      while (at < size) {
        if (buffer.remaining() < Math.min(FRAME + MAX_RECORD, size - at)) {
          buffer.clear().limit((int) Math.min(BUFFER, size - at));
          fill(channel, buffer, at);
        }
        int length = size - at < FRAME ? Integer.MAX_VALUE : buffer.getInt(buffer.position());
        if (length < FIXED || length > size - at - FRAME || length > MAX_RECORD) {
          return incomplete(file, at, size);
        }
        byte[] record = new byte[length];
        buffer.get(buffer.position() + FRAME, record);
        if (buffer.getInt(buffer.position() + 4) != checksum(record)) {
          return incomplete(file, at, size);
        }
        replay.accept(entry(file, at, record));
        buffer.position(buffer.position() + FRAME + length);
        at += FRAME + length;
      }
      return 0;
    }
  }

  private static void fill(FileChannel channel, ByteBuffer buffer, long position)
      throws IOException {
    while (buffer.hasRemaining() && channel.read(buffer, position + buffer.position()) >= 0) {}
    buffer.flip();
  }

  /** Only the last record of a log can be incomplete: what follows it would be of a later click. */
  private static int incomplete(Path file, long at, long size) throws IOException {
    boolean isLog = String.valueOf(file.getFileName()).startsWith("clicks-");
    if (!isLog || size - at > FRAME + MAX_RECORD) {
      throw damaged(file, at);
    }
    return (int) (size - at);
  }

  private static FileSystemException damaged(Path file, long at) {
    return new FileSystemException(
        file.toString(),
        null,
        "damaged at byte " + at + "; move it away to start without the clicks in it");
  }

  private static int checksum(byte[] record) {
    CRC32C crc = new CRC32C();
    crc.update(record);
    return (int) crc.getValue();
  }

  private static Entry entry(Path file, long at, byte[] record) throws IOException {
    ByteBuffer in = ByteBuffer.wrap(record);
    byte kind = in.get();
    long arrival = in.getLong();
    long time = in.getLong();
    int length = in.getInt();
    if (length < 0 || length > in.remaining()) {
      throw damaged(file, at);
    }
    String session = new String(record, in.position(), length, StandardCharsets.UTF_8);
    int from = in.position() + length;
    return switch (kind) {
      case CLICKED ->
        new Entry.Clicked(
            session,
            arrival,
            new Click(
                new String(record, from, record.length - from, StandardCharsets.UTF_8), time));
      case FORGOTTEN -> new Entry.Forgotten(session, arrival);
      default -> throw damaged(file, at);
    };
  }

  private static ByteBuffer record(Entry entry) {
    byte[] session = entry.session().getBytes(StandardCharsets.UTF_8);
    byte[] item =
        switch (entry) {
          case Entry.Clicked clicked -> clicked.click().item().getBytes(StandardCharsets.UTF_8);
          case Entry.Forgotten forgotten -> new byte[0];
        };
    ByteBuffer record = ByteBuffer.allocate(FRAME + FIXED + session.length + item.length);
    record.position(FRAME);
    switch (entry) {
      case Entry.Clicked clicked ->
        record.put(CLICKED).putLong(clicked.arrival()).putLong(clicked.click().time());
      case Entry.Forgotten forgotten ->
        record.put(FORGOTTEN).putLong(forgotten.arrival()).putLong(0);
    }
    record.putInt(session.length).put(session).put(item).flip();
    CRC32C crc = new CRC32C();
    crc.update(record.array(), FRAME, record.limit() - FRAME);
    return record.putInt(0, record.limit() - FRAME).putInt(4, (int) crc.getValue());
  }

  /**
   * Appends an entry, which has happened once this returns.
   *
   * @throws IOException if it cannot be written; it has not happened then
   */
  void append(Entry entry) throws IOException {
    ByteBuffer record = record(entry);
    int length = record.remaining();
    lock.lock();
    try {
      write(log, record, end);
      end += length;
      hasForgotten |= entry instanceof Entry.Forgotten;
      failure = null;
    } catch (IOException e) {
      // The next record is written over what there is of this one.
      failure = directory + ": clicks cannot be written: " + e.getMessage();
      throw e;
    } finally {
      lock.unlock();
    }
  }

  /** Bytes that the log has grown by since it was begun. */
  long bytes() {
    lock.lock();
    try {
      return end - MAGIC.length;
    } finally {
      lock.unlock();
    }
  }

  /** Whether sessions were forgotten whose clicks are still on disk. */
  boolean hasForgotten() {
    lock.lock();
    try {
      return hasForgotten;
    } finally {
      lock.unlock();
    }
  }

  /** Why the last entry could not be written; null if it could. */
  @Nullable
  String failure() {
    return failure;
  }

  /**
   * Replaces all that has happened so far by the sessions that are live, while entries go on being
   * appended. One thread at a time.
   *
   * @return bytes of the entries in the snapshot
   */
  long compact(Snapshot sessions) throws IOException {
    long next = begin();
    Path snapshot = file("sessions", next);
    Path beside = snapshot.resolveSibling(snapshot.getFileName() + ".new");
    long size;
    try {
      try (SnapshotFile out = new SnapshotFile(beside)) {
        sessions.write(out);
        size = out.finish();
      }
      Files.move(beside, snapshot, StandardCopyOption.ATOMIC_MOVE);
      deleteBefore(next);
    } catch (IOException e) {
      remember(); // that older logs are still there
      throw e;
    }
    return size;
  }

  private void remember() {
    lock.lock();
    try {
      hasForgotten = true;
    } finally {
      lock.unlock();
    }
  }

  /** Begins the next log. */
  private long begin() throws IOException {
    lock.lock();
    try {
      number++; // also if that fails, since a file may be left
      FileChannel next = create(file("clicks", number));
      log.close();
      log = next;
      end = MAGIC.length;
      hasForgotten = false;
      return number;
    } finally {
      lock.unlock();
    }
  }

  private void deleteBefore(long first) throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      for (Path file : entries.toList()) {
        Matcher name = NAME.matcher(String.valueOf(file.getFileName()));
        if (name.matches() && Long.parseLong(name.group(2)) < first) {
          Files.delete(file);
        }
      }
    }
  }

  /** A snapshot as it is written. */
  private static final class SnapshotFile implements Consumer<Entry>, AutoCloseable {
    private final FileChannel channel;
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
    private long at = MAGIC.length;
    private @Nullable IOException failed;

    SnapshotFile(Path file) throws IOException {
      Files.deleteIfExists(file); // of a process that ended in the middle of it
      channel = create(file);
    }

    @Override
    public void accept(Entry entry) {
      ByteBuffer record = record(entry);
      if (buffer.remaining() < record.remaining()) {
        flush();
      }
      buffer.put(record);
    }

    private void flush() {
      try {
        buffer.flip();
        int length = buffer.remaining();
        write(channel, buffer, at);
        at += length;
      } catch (IOException e) {
        failed = e;
      }
      buffer.clear();
    }

    /** Writes what is left, and returns the bytes of all entries. */
    long finish() throws IOException {
      flush();
      if (failed != null) {
        throw failed;
      }
      channel.force(true); // before it takes the place of what it was made of
      return at - MAGIC.length;
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }

  @Override
  public void close() throws IOException {
    lock.lock();
    try {
      log.close();
      lockFile.close();
    } finally {
      lock.unlock();
    }
  }
}
