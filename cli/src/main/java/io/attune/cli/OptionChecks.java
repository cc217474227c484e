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
 * Checks the options of a command before it runs: numbers by their {@link Bounds}, and paths by
 * their {@link FileUse}, which must be readable or writable and must not overwrite each other.
 */
final class OptionChecks implements IExecutionStrategy {

  /** The path of an option. */
  private record PathOption(String label, Path path, FileUse.Kind kind) {}

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
    List<PathOption> paths = new ArrayList<>();
    for (ArgSpec each : parsed.matchedArgs()) {
      if (each.userObject() instanceof Field field) {
        List<Object> values = values(each);
        Bounds bounds = field.getAnnotation(Bounds.class);
        for (int i = 0; bounds != null && i < values.size(); i++) {
          check(label(each), (Number) values.get(i), bounds, each.stringValues().get(i), command);
        }
        FileUse use = field.getAnnotation(FileUse.class);
        if (use != null) {
          values.forEach(
              value -> paths.add(new PathOption(label(each), (Path) value, use.value())));
        }
      }
    }
    try {
      requireDistinct(paths, command);
      for (PathOption each : paths) {
        if (each.kind.isWritten()) {
          checkFile(each);
        }
      }
      for (PathOption each : paths) {
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

  /** Describes bounds: {@code 1 or more}, {@code from 0 to 1}. */
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

  /** Requires that no path is both written and read, or written twice. */
  private static void requireDistinct(List<PathOption> paths, CommandLine command)
      throws IOException {
    for (int i = 0; i < paths.size(); i++) {
      for (int j = 0; j < paths.size(); j++) {
        PathOption written = paths.get(i);
        PathOption other = paths.get(j);
        if (i != j && written.kind.isWritten() && isSame(written.path, other.path)) {
          throw new ParameterException(
              command,
              "%s=%s is the same file as %s, which would be overwritten; choose another"
                  .formatted(written.label, written.path, other.label));
        }
      }
    }
  }

  private static boolean isSame(Path one, Path other) throws IOException {
    boolean exist = Files.exists(one) && Files.exists(other);
    if (exist && !Files.isRegularFile(one) && !Files.isDirectory(one)) {
      return false; // such as /dev/null
    }
    return exist
        ? Files.isSameFile(one, other)
        : AtomicFile.resolveLinks(one).equals(AtomicFile.resolveLinks(other));
  }

  private static void checkFile(PathOption option) throws IOException {
    switch (option.kind) {
      case READ_LOGS -> {}
      case READ_FILE -> requireFile(option.path);
      case READ_MODEL -> ModelDirectory.requireModel(option.path);
      case READ_INDEX -> requireDirectory(option.path);
      case WRITE_FILE -> AtomicFile.requireWritable(option.path);
      case WRITE_MODEL -> ModelDirectory.requireReplaceable(option.path);
      case WRITE_DIRECTORY -> requireWritableDirectory(option.path);
    }
  }

  private static void requireFile(Path file) throws IOException {
    if (Files.isDirectory(file)) {
      throw new FileSystemException(file.toString(), null, "is a directory; expected a file");
    }
    requireReadable(file);
  }

  private static void requireDirectory(Path directory) throws IOException {
    requireReadable(directory);
    if (!Files.isDirectory(directory)) {
      throw new FileSystemException(directory.toString(), null, "is a file; expected a directory");
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
      throw new FileSystemException(directory.toString(), null, "is a file; expected a directory");
    }
    AtomicFile.requireWritable(directory.resolve("attune"));
  }
}
