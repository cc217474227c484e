package io.attune.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** Reports failures of commands on standard error, and chooses their exit codes. */
final class Failures {

  private Failures() {}

  /** Reports wrong usage, with a pointer to the help. */
  static int wrongUsage(ParameterException failure, String[] args) {
    CommandLine command = failure.getCommandLine();
    PrintWriter err = standardError(command);
    err.println("attune: " + failure.getMessage());
    CommandLine.UnmatchedArgumentException.printSuggestions(failure, err);
    err.println("Try '" + command.getCommandSpec().qualifiedName() + " --help'.");
    err.flush();
    return command.getCommandSpec().exitCodeOnInvalidInput();
  }

  /**
   * Reports a failure while a command ran: one line if it is expected, the stack trace if it is a
   * bug.
   */
  static int failed(Exception failure, CommandLine command, boolean debug) {
    PrintWriter err = standardError(command);
    if (isExpected(failure)) {
      err.println("attune: " + describe(failure));
    }
    if (debug || !isExpected(failure)) {
      failure.printStackTrace(err);
    }
    err.flush();
    return command.getCommandSpec().exitCodeOnExecutionException();
  }

  /** Reports that the heap was too small, and how to enlarge it. */
  static int outOfMemory(OutOfMemoryError failure, CommandLine command) {
    PrintWriter err = standardError(command);
    long mebibytes = Runtime.getRuntime().maxMemory() >> 20;
    err.printf(
        Locale.ROOT,
        "attune: out of memory (%s, heap %d MiB); a larger heap is set with"
            + " ATTUNE_JAVA_OPTS=-Xmx8g%n",
        failure.getMessage(),
        mebibytes);
    err.flush();
    return command.getCommandSpec().exitCodeOnExecutionException();
  }

  /** The writer of the top command: a subcommand may have been added after it was set. */
  private static PrintWriter standardError(CommandLine command) {
    return command.getCommandSpec().root().commandLine().getErr();
  }

  private static boolean isExpected(Exception failure) {
    return failure instanceof IOException
        || failure instanceof UncheckedIOException
        || failure.getClass().getName().startsWith("io.attune.");
  }

  private static String describe(Exception failure) {
    Exception shown = unwrap(failure);
    if (shown instanceof FileSystemException e && e.getReason() == null) {
      return e.getFile() + ": " + reason(e);
    }
    String message = shown.getMessage();
    return message == null ? shown.getClass().getSimpleName() : message;
  }

  /** The cause of an unchecked wrapper without a message of its own. */
  private static Exception unwrap(Exception failure) {
    return failure instanceof UncheckedIOException
            && failure.getCause() instanceof IOException cause
            && cause.toString().equals(failure.getMessage())
        ? cause
        : failure;
  }

  /** The reason of a file system failure of the JDK, whose message is only the file. */
  private static String reason(FileSystemException failure) {
    return switch (failure) {
      case NoSuchFileException e -> "no such file or directory";
      case AccessDeniedException e -> "permission denied";
      case FileAlreadyExistsException e -> "already exists";
      case NotDirectoryException e -> "not a directory";
      case DirectoryNotEmptyException e -> "directory is not empty";
      default -> failure.getClass().getSimpleName();
    };
  }
}
