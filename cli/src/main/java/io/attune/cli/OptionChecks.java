package io.attune.cli;

import io.attune.model.AtomicFile;
import io.attune.model.ModelDirectory;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.ExecutionException;
import picocli.CommandLine.IExecutionStrategy;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.RunLast;

/**
 * Refuses, before a command runs and so before a log is read, what any of its options will not
 * take: a number out of {@link Bounds}, then by {@link FileUse} what cannot be written, would
 * overwrite what is read, or is not there to be read.
 */
final class OptionChecks implements IExecutionStrategy {

  /** A path that was named, for what, and where. */
  private record Named(String label, Path path, FileUse.Kind kind) {}

  @Override
  public int execute(ParseResult parsed) {
    boolean help = false;
    ParseResult last = parsed;
    for (ParseResult each = parsed; each != null; each = each.subcommand()) {
      help |= each.isUsageHelpRequested() || each.isVersionHelpRequested();
      last = each;
    }
    if (!help) {
      check(last);
    }
    return new RunLast().execute(parsed);
  }

  private static void check(ParseResult parsed) {
    CommandLine command = parsed.commandSpec().commandLine();
    List<Named> paths = new ArrayList<>();
    for (ArgSpec each : parsed.matchedArgs()) {
      if (each.userObject() instanceof Field field) {
        List<Object> values = values(each);
        Bounds bounds = field.getAnnotation(Bounds.class);
        for (int i = 0; bounds != null && i < values.size(); i++) {
          check(label(each), (Number) values.get(i), bounds, each.stringValues().get(i), command);
        }
        FileUse use = field.getAnnotation(FileUse.class);
        if (use != null) {
          values.forEach(value -> paths.add(new Named(label(each), (Path) value, use.value())));
        }
      }
    }
    try {
      requireApart(paths, command);
      for (Named each : paths) {
        if (each.kind.isWritten()) {
          checkFile(each);
        }
      }
      for (Named each : paths) {
        if (!each.kind.isWritten()) {
          checkFile(each);
        }
      }
    } catch (IOException e) {
      throw new ExecutionException(command, String.valueOf(e.getMessage()), e);
    }
  }

  private static List<Object> values(ArgSpec spec) {
    Object value = spec.getValue();
    if (value instanceof Collection<?> several) {
      return new ArrayList<>(several);
    }
    return value == null ? List.of() : List.of(value);
  }

  private static String label(ArgSpec spec) {
    return spec instanceof OptionSpec option ? option.longestName() : spec.paramLabel();
  }

  private static void check(
      String label, Number value, Bounds bounds, String text, CommandLine command) {
    double number = value.doubleValue();
    if (!(number >= bounds.min() && number <= bounds.max())) {
      throw new ParameterException(
          command, "%s must be %s, not %s".formatted(label, rule(bounds), text));
    }
  }

  /** Such as {@code 1 or more}. */
  static String rule(Bounds bounds) {
    if (bounds.max() == Double.POSITIVE_INFINITY) {
      return text(bounds.min()) + " or more";
    }
    return "from %s to %s".formatted(text(bounds.min()), text(bounds.max()));
  }

  private static String text(double bound) {
    return bound == Math.rint(bound)
        ? String.format(Locale.ROOT, "%.0f", bound)
        : Double.toString(bound);
  }

  /** What is written must be neither read nor written twice. */
  private static void requireApart(List<Named> paths, CommandLine command) throws IOException {
    for (int i = 0; i < paths.size(); i++) {
      for (int j = 0; j < paths.size(); j++) {
        Named written = paths.get(i);
        Named other = paths.get(j);
        if (i != j && written.kind.isWritten() && isSame(written.path, other.path)) {
          throw new ParameterException(
              command,
              "%s=%s is the same file as that of %s, which %s; name another"
                  .formatted(
                      written.label,
                      written.path,
                      other.label,
                      other.kind.isWritten() ? "is written as well" : "would be lost"));
        }
      }
    }
  }

  private static boolean isSame(Path one, Path other) throws IOException {
    boolean there = Files.exists(one) && Files.exists(other);
    if (there && !Files.isRegularFile(one) && !Files.isDirectory(one)) {
      return false; // two options may well name /dev/null
    }
    return there
        ? Files.isSameFile(one, other)
        : AtomicFile.resolveLinks(one).equals(AtomicFile.resolveLinks(other));
  }

  private static void checkFile(Named named) throws IOException {
    switch (named.kind) {
      case READ_LOGS -> {}
      case READ_FILE -> requireFile(named.path);
      case READ_MODEL -> ModelDirectory.requireModel(named.path);
      case READ_INDEX -> requireDirectory(named.path);
      case WRITE_FILE -> AtomicFile.requireWritable(named.path);
      case WRITE_MODEL -> ModelDirectory.requireReplaceable(named.path);
      case WRITE_DIRECTORY -> requireWritableDirectory(named.path);
    }
  }

  private static void requireFile(Path file) throws IOException {
    if (Files.isDirectory(file)) {
      throw new FileSystemException(file.toString(), null, "is a directory, and a file is read");
    }
    requireReadable(file);
  }

  private static void requireDirectory(Path directory) throws IOException {
    requireReadable(directory);
    if (!Files.isDirectory(directory)) {
      throw new FileSystemException(directory.toString(), null, "is a file, and no directory");
    }
  }

  private static void requireReadable(Path path) throws IOException {
    if (!Files.exists(path)) {
      throw new NoSuchFileException(path.toString());
    }
    if (!Files.isReadable(path)) {
      throw new AccessDeniedException(path.toString());
    }
  }

  private static void requireWritableDirectory(Path directory) throws IOException {
    if (Files.exists(directory) && !Files.isDirectory(directory)) {
      throw new FileSystemException(
          directory.toString(), null, "is a file, and a directory is written");
    }
    AtomicFile.requireWritable(directory.resolve("attune"));
  }
}
