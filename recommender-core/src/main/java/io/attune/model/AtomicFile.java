package io.attune.model;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Files and directories that appear under their name only when they are whole: written beside it,
 * then moved into place.
 */
public final class AtomicFile {

  /** Writes to the path that it is given, which does not exist yet. */
  @FunctionalInterface
  public interface Writer {
    void write(Path beside) throws IOException;
  }

  private AtomicFile() {}

  /**
   * Writes a file and puts it in the place of one that may exist.
   *
   * @throws IOException when it cannot be written; then what was there is still there
   */
  public static void replace(Path file, Writer writer) throws IOException {
    Path beside = beside(file);
    try {
      writer.write(beside);
      Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(beside);
    }
  }

  /**
   * Writes a directory and puts it in the place of one that may exist. Where the move fails half
   * way, the old directory is put back.
   */
  public static void replaceDirectory(Path directory, Writer writer) throws IOException {
    Path beside = beside(directory);
    deleteRecursively(beside);
    Path old = directory.resolveSibling(directory.getFileName() + ".old");
    try {
      Files.createDirectories(beside);
      writer.write(beside);
      if (Files.exists(directory)) {
        deleteRecursively(old);
        Files.move(directory, old, StandardCopyOption.ATOMIC_MOVE);
      }
      try {
        Files.move(beside, directory, StandardCopyOption.ATOMIC_MOVE);
      } catch (FileSystemException e) {
        if (Files.exists(old) && Files.notExists(directory)) {
          Files.move(old, directory, StandardCopyOption.ATOMIC_MOVE);
        }
        throw e;
      }
    } finally {
      deleteRecursively(beside);
    }
    deleteRecursively(old);
  }

  private static Path beside(Path path) throws IOException {
    Path absolute = path.toAbsolutePath();
    if (absolute.getParent() != null) {
      Files.createDirectories(absolute.getParent());
    }
    return absolute.resolveSibling(absolute.getFileName() + ".writing");
  }

  private static void deleteRecursively(Path path) throws IOException {
    if (Files.notExists(path)) {
      return;
    }
    List<Path> paths;
    try (Stream<Path> walk = Files.walk(path)) {
      paths = walk.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path each : paths) {
      Files.delete(each);
    }
  }
}
