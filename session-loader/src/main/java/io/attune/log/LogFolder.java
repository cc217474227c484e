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
 * The files of logs that are named as folders or patterns.
 *
 * <p>A folder stands for all files in it and in its folders, in the order of their paths, less
 * those that a dot or an underscore begins, or a folder of theirs, as in Spark: those are marks of
 * success, checksums and summaries. A pattern such as {@code clicks/*.csv.gz}, with {@code *},
 * {@code ?}, {@code [a-c]} or {@code {a,b}} in its last part, stands for the files of that folder
 * that match, in the order of their names.
 */
public final class LogFolder {
  private static final Pattern PATTERN = Pattern.compile("[*?\\[{]");

  private LogFolder() {}

  /**
   * The files, each where its folder or pattern stood; a path that is neither stays as it is.
   *
   * @throws LogFormatException if a folder has no file, a pattern matches none, or a folder is a
   *     table whose files cannot be told apart from outdated ones
   */
  public static List<Path> files(List<Path> paths) throws LogFormatException {
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
          "expected a folder of logs, but it is a Delta table, which keeps outdated files beside the"
              + " others: write it out as plain Parquet");
    }
    try (Stream<Path> all = Files.walk(folder, FileVisitOption.FOLLOW_LINKS)) {
      List<Path> files = all.filter(Files::isRegularFile)
          .filter(file -> isSignificant(folder.relativize(file)))
          .sorted()
          .toList();
      if (files.isEmpty()) {
        throw new LogFormatException(
            folder,
            "expected logs, but there is no file in the folder"
                + " (those that begin with a dot or an underscore do not count)");
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
      // A folder such as _day=7 is a part by a column that an underscore begins.
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
          "there is no such file, and it is no pattern of files: "
              + String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
    } catch (IOException e) {
      throw new LogFormatException(pattern, 0, "there is no such file or folder", e);
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
