package io.attune.model;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/**
 * Writes files atomically: each is written in a temporary directory beside its target, synced to
 * disk and moved into place. Nothing is deleted that was not created here.
 *
 * <p>A symbolic link is kept, and its target replaced. A special file, such as a pipe or a device,
 * is written to directly.
 *
 * <p>Internal: shared by the modules of Attune.
 */
public final class AtomicFile {
  private static final int MAX_LINKS = 40; // as in Linux
  private static final int MAX_NAME = 120; // characters; file systems allow 255 bytes
  private static final AtomicLong MADE = new AtomicLong();

  /** Writes a file or directory. */
  @FunctionalInterface
  public interface Writer {
    /**
     * Writes to a path.
     *
     * @param beside where to write; a file does not exist yet, a directory does
     */
    void write(Path beside) throws IOException;
  }

  /** Syncs a file or directory to disk; replaced by tests. */
  @FunctionalInterface
  interface Sync {
    void sync(Path path) throws IOException;
  }

  private AtomicFile() {}

  /**
   * Writes a file, replacing one that exists. Missing parent directories are created.
   *
   * @throws IOException if it cannot be written; an existing file is left unchanged then
   */
  public static void replace(Path file, Writer writer) throws IOException {
    replace(file, writer, AtomicFile::sync);
  }

  static void replace(Path file, Writer writer, Sync sync) throws IOException {
    requireReplaceable(file);
    if (isSpecial(file)) {
      overwrite(file, writer);
      return;
    }
    Path target = resolveLinks(file);
    Files.createDirectories(parent(target));
    Path own = createOwnDirectory(target);
    try {
      Path beside = own.resolve("whole");
      write(file, writer, beside);
      sync.sync(beside);
      Files.move(
          beside, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      sync.sync(parent(target));
    } finally {
      deleteRecursively(own);
    }
  }

  /**
   * Calls a writer, and adds the file's name to an error that lacks it, such as that of a full
   * disk.
   */
  static void write(Path named, Writer writer, Path beside) throws IOException {
    try {
      writer.write(beside);
    } catch (IOException e) {
      if (e.getClass() != IOException.class) {
        throw e;
      }
      FileSystemException failed =
          new FileSystemException(named.toString(), null, "not written: " + e.getMessage());
      failed.initCause(e);
      throw failed;
    }
  }

  /**
   * Moves a complete file into place, replacing one that exists, and syncs it to disk.
   *
   * @param whole in the same file system
   */
  public static void move(Path whole, Path file) throws IOException {
    requireReplaceable(file);
    Path target = resolveLinks(file);
    sync(whole);
    Files.move(whole, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    sync(parent(target));
  }

  /**
   * Checks that a file could be written, before work is spent on its content. Nothing is left
   * behind.
   *
   * @throws FileSystemException if it is a directory or write-protected, or if its directory cannot
   *     be created or written to
   */
  public static void requireWritable(Path file) throws IOException {
    requireReplaceable(file);
    if (!isSpecial(file)) {
      requireCreatable(resolveLinks(file));
    }
  }

  private static void requireReplaceable(Path file) throws IOException {
    if (Files.isDirectory(file)) {
      throw new FileSystemException(file.toString(), null, "is a directory, not a file");
    }
    if (Files.exists(file) && !Files.isWritable(file)) {
      throw new AccessDeniedException(file.toString(), null, "is write-protected");
    }
  }

  /**
   * Checks that a path, or the first missing directory above it, can be created.
   *
   * @throws FileSystemException if it cannot, with the reason
   */
  static void requireCreatable(Path target) throws IOException {
    Path above = parent(target);
    Path probe = target;
    while (Files.notExists(above)) {
      probe = above;
      above = parent(above);
    }
    if (!Files.isDirectory(above)) {
      throw new FileSystemException(
          target.toString(), null, "cannot be created, since " + above + " is not a directory");
    }
    try {
      Files.delete(createOwnDirectory(probe));
    } catch (IOException e) {
      FileSystemException refused = new FileSystemException(
          target.toString(),
          null,
          "cannot be written: nothing can be created in " + above + reason(e));
      refused.initCause(e);
      throw refused;
    }
  }

  private static String reason(IOException e) {
    if (e instanceof AccessDeniedException) {
      return " (permission denied)";
    }
    return e instanceof FileSystemException failed && failed.getReason() != null
        ? " (" + failed.getReason() + ")"
        : "";
  }

  /**
   * Returns the absolute path after following symbolic links in its last element, even if the last
   * link is dangling.
   */
  public static Path resolveLinks(Path path) throws IOException {
    Path at = path.toAbsolutePath().normalize();
    for (int links = 0; Files.isSymbolicLink(at); links++) {
      if (links == MAX_LINKS) {
        throw new FileSystemLoopException(path.toString());
      }
      at = at.resolveSibling(Files.readSymbolicLink(at)).normalize();
    }
    return at;
  }

  static Path parent(Path absolute) throws IOException {
    Path parent = absolute.getParent();
    if (parent == null) {
      throw new FileSystemException(absolute.toString(), null, "is the root of a file system");
    }
    return parent;
  }

  /**
   * Creates a directory beside a path that no other process uses. The process id alone would not
   * make the name unique, since containers that share a disk may share ids.
   */
  static Path createOwnDirectory(Path target) throws IOException {
    String name = String.valueOf(target.getFileName());
    String start = "." + name.substring(0, Math.min(name.length(), MAX_NAME)) + ".writing-"
        + ProcessHandle.current().pid() + "-";
    while (true) {
      try {
        return Files.createDirectory(target.resolveSibling(start + MADE.incrementAndGet()));
      } catch (FileAlreadyExistsException e) {
        // taken by another process, or left by one that was killed
      }
    }
  }

  /** Deletes a directory created by {@link #createOwnDirectory} with its content. */
  static void deleteRecursively(Path own) throws IOException {
    if (Files.notExists(own)) {
      return;
    }
    List<Path> paths;
    try (Stream<Path> walk = Files.walk(own)) {
      paths = walk.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path each : paths) {
      Files.delete(each);
    }
  }

  /** Makes the content of a file, or the entries of a directory, survive a power failure. */
  static void sync(Path path) throws IOException {
    boolean folder = Files.isDirectory(path);
    StandardOpenOption way = folder ? StandardOpenOption.READ : StandardOpenOption.WRITE;
    try (FileChannel channel = FileChannel.open(path, way)) {
      channel.force(true);
    } catch (IOException e) {
      // Windows cannot open directories, and some network file systems cannot sync them.
      if (!folder) {
        throw e;
      }
    }
  }

  /** Whether renaming onto the path would destroy something, such as {@code /dev/stdout}. */
  private static boolean isSpecial(Path file) {
    Path absolute = file.toAbsolutePath().normalize();
    return Files.exists(file)
        && (!Files.isRegularFile(file)
            || absolute.startsWith("/dev")
            || absolute.startsWith("/proc"));
  }

  private static void overwrite(Path file, Writer writer) throws IOException {
    Path own = Files.createTempDirectory("attune");
    try {
      Path whole = own.resolve("whole");
      write(file, writer, whole);
      try (OutputStream out = Files.newOutputStream(file, StandardOpenOption.WRITE)) {
        Files.copy(whole, out);
      } catch (FileSystemException e) {
        throw e;
      } catch (IOException e) {
        throw new FileSystemException(file.toString(), null, e.getMessage());
      }
    } finally {
      deleteRecursively(own);
    }
  }
}
