package io.attune.log;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Stream;

/**
 * Expands folders and file patterns into files.
 *
 * <p>A folder is expanded into all files below it, in path order. As in Spark, files and folders
 * whose name begins with a dot or an underscore are skipped: they are success markers, checksums
 * and summaries. A pattern such as {@code clicks/*.csv.gz}, with {@code *}, {@code ?},
 * {@code [a-c]} or {@code {a,b}} in the file name, is expanded into the matching files of its
 * folder, in name order.
 */
final class LogFolder {
  private static final Pattern PATTERN = Pattern.compile("[*?\\[{]");

  private LogFolder() {}

  /**
   * Expands each folder and pattern in place; other paths are returned as they are.
   *
   * @throws LogFormatException if a folder has no files, a pattern matches none, or a folder is a
   *     Delta table
   */
  static List<Path> files(List<Path> paths) throws LogFormatException {
    List<Path> files = new ArrayList<>();
    for (Path path : paths) {
      if (Files.isDirectory(path)) {
        files.addAll(inFolder(path));
      } else if (!Files.exists(path) && PATTERN.matcher(name(path)).find()) {
        files.addAll(matching(path));
      } else {
        files.add(path);
      }
    }
    return files;
  }

  private static List<Path> inFolder(Path folder) throws LogFormatException {
    if (Files.isDirectory(folder.resolve("_delta_log"))) {
      throw new LogFormatException(
          folder,
          "expected a folder of logs, but this is a Delta table, which also keeps outdated files:"
              + " export it as plain Parquet");
    }
    try (Stream<Path> all = Files.walk(folder, FileVisitOption.FOLLOW_LINKS)) {
      List<Path> files = all.filter(Files::isRegularFile)
          .filter(file -> isSignificant(folder.relativize(file)))
          .sorted()
          .toList();
      if (files.isEmpty()) {
        throw new LogFormatException(
            folder,
            "expected logs, but the folder has no files (names that begin with a dot or an"
                + " underscore are skipped)");
      }
      return files;
    } catch (UncheckedIOException e) {
      throw LogFile.explain(folder, 0, e.getCause() == null ? new IOException(e) : e.getCause());
    } catch (IOException e) {
      throw LogFile.explain(folder, 0, e);
    }
  }

  private static boolean isSignificant(Path inside) {
    for (Path part : inside) {
      String name = part.toString();
      // A folder such as _day=7 is a partition by a column whose name begins with an underscore.
      if (name.startsWith(".") || (name.startsWith("_") && name.indexOf('=') < 0)) {
        return false;
      }
    }
    return true;
  }

  private static List<Path> matching(Path pattern) throws LogFormatException {
    Path parent = pattern.getParent();
    List<Path> files = new ArrayList<>();
    try (DirectoryStream<Path> all =
        Files.newDirectoryStream(parent == null ? Path.of("") : parent, name(pattern))) {
      for (Path file : all) {
        if (!Files.isDirectory(file) && isSignificant(file.getFileName())) {
          files.add(file);
        }
      }
    } catch (PatternSyntaxException | InvalidPathException e) {
      throw new LogFormatException(
          pattern,
          "no such file, and not a valid pattern: "
              + String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
    } catch (IOException e) {
      throw new LogFormatException(pattern, 0, "no such file or folder", e);
    }
    if (files.isEmpty()) {
      throw new LogFormatException(pattern, "no file matches this pattern");
    }
    return files.stream().sorted().toList();
  }

  private static String name(Path path) {
    return path.getFileName() == null ? "" : path.getFileName().toString();
  }
}
