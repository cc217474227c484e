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
 * Files that appear under their name only when they are whole and on the disk: written in a folder
 * of their own beside it, then moved into place. Nothing is deleted that was not made here.
 *
 * <p>A symbolic link stays one: what it points to is replaced. What is no file, such as a pipe or a
 * device, is written into.
 */
public final class AtomicFile {
  private static final int MAX_LINKS = 40; // as Linux has it
  private static final int MAX_NAME = 120; // characters; file systems end at 255 bytes
  private static final AtomicLong MADE = new AtomicLong();

  /** Writes to the path that it is given, which does not exist yet. */
  @FunctionalInterface
  public interface Writer {
    void write(Path beside) throws IOException;
  }

  /** Makes a file or a folder's list of names last; a test listens. */
  @FunctionalInterface
  interface Sync {
    void sync(Path path) throws IOException;
  }

  private AtomicFile() {}

  /**
   * Writes a file and puts it in the place of one that may exist. Folders above it are made.
   *
   * @throws IOException when it cannot be written; then what was there is still there
   */
  public static void replace(Path file, Writer writer) throws IOException {
    replace(file, writer, AtomicFile::sync);
  }

  static void replace(Path file, Writer writer, Sync sync) throws IOException {
    requireNoFolder(file);
    if (isSpecial(file)) {
      pour(file, writer);
      return;
    }
    Path target = behindLinks(file);
    Files.createDirectories(parent(target));
    Path own = own(target);
    try {
      Path beside = own.resolve("whole");
      write(file, writer, beside);
      sync.sync(beside);
      Files.move(
          beside, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      sync.sync(parent(target));
    } finally {
      deleteOwn(own);
    }
  }

  /** What the system says of a full disk names no file. */
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
   * Puts a file that is whole in the place of one that may exist, and makes it last.
   *
   * @param whole in the same file system
   */
  public static void move(Path whole, Path file) throws IOException {
    requireNoFolder(file);
    Path target = behindLinks(file);
    sync(whole);
    Files.move(whole, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    sync(parent(target));
  }

  /**
   * Refuses, before work is spent on it, a place that a file could not be put in. Nothing is left
   * behind.
   *
   * @throws FileSystemException when it is a folder, is write-protected, or has no folder above it
   *     that can be written to
   */
  public static void requireWritable(Path file) throws IOException {
    requireNoFolder(file);
    if (!isSpecial(file)) {
      requireRoom(behindLinks(file));
    }
  }

  private static void requireNoFolder(Path file) throws IOException {
    if (Files.isDirectory(file)) {
      throw new FileSystemException(file.toString(), null, "is a directory, and a file is written");
    }
    if (Files.exists(file) && !Files.isWritable(file)) {
      throw new AccessDeniedException(file.toString(), null, "is write-protected");
    }
  }

  /**
   * Tries whether something can be made beside a path, or where its folders would begin.
   *
   * @throws FileSystemException says why not
   */
  static void requireRoom(Path target) throws IOException {
    Path above = parent(target);
    Path probe = target;
    while (Files.notExists(above)) {
      probe = above;
      above = parent(above);
    }
    if (!Files.isDirectory(above)) {
      throw new FileSystemException(
          target.toString(), null, "cannot be made, since " + above + " is no directory");
    }
    try {
      Files.delete(own(probe));
    } catch (IOException e) {
      FileSystemException refused = new FileSystemException(
          target.toString(),
          null,
          "cannot be written: nothing can be made in " + above + reason(e));
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

  /** An absolute path without links in its last part, also where the last link leads nowhere. */
  public static Path behindLinks(Path path) throws IOException {
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
   * Makes a folder beside a path that no other process uses: the number of a process alone would
   * not do, since containers that share a disk share those too.
   */
  static Path own(Path target) throws IOException {
    String name = String.valueOf(target.getFileName());
    String start = "." + name.substring(0, Math.min(name.length(), MAX_NAME)) + ".writing-"
        + ProcessHandle.current().pid() + "-";
    while (true) {
      try {
        return Files.createDirectory(target.resolveSibling(start + MADE.incrementAndGet()));
      } catch (FileAlreadyExistsException e) {
        // Another process's, or one's that was killed.
      }
    }
  }

  /** Deletes a folder that {@link #own} made, and what is in it. */
  static void deleteOwn(Path own) throws IOException {
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

  /** Makes the content of a file, or the names in a folder, outlive a loss of power. */
  static void sync(Path path) throws IOException {
    boolean folder = Files.isDirectory(path);
    StandardOpenOption way = folder ? StandardOpenOption.READ : StandardOpenOption.WRITE;
    try (FileChannel channel = FileChannel.open(path, way)) {
      channel.force(true);
    } catch (IOException e) {
      // Windows opens no folders, and some network file systems sync none.
      if (!folder) {
        throw e;
      }
    }
  }

  /** What a rename would destroy, such as {@code /dev/stdout}. */
  private static boolean isSpecial(Path file) {
    Path absolute = file.toAbsolutePath().normalize();
    return Files.exists(file)
        && (!Files.isRegularFile(file)
            || absolute.startsWith("/dev")
            || absolute.startsWith("/proc"));
  }

  private static void pour(Path file, Writer writer) throws IOException {
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
      deleteOwn(own);
    }
  }
}
