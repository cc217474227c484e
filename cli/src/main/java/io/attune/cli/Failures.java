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

/** How a command that did not end well says so: on standard error, and by its exit code. */
final class Failures {

  private Failures() {}

  /** Wrong usage: the complaint, and where help is. */
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
   * A failure while the command ran: one line if it is expected, the stack trace if it is a bug.
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

  /** The heap was too small: what to do about it. */
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

  /** The top command's, also for a command that was added after it was set. */
  private static PrintWriter standardError(CommandLine command) {
    return command.getCommandSpec().root().commandLine().getErr();
  }

  private static boolean isExpected(Exception failure) {
    return failure instanceof IOException
        || failure instanceof UncheckedIOException
        || failure.getClass().getName().startsWith("io.attune.");
  }

  private static String describe(Exception failure) {
    Exception told = unwrap(failure);
    if (told instanceof FileSystemException e && e.getReason() == null) {
      return e.getFile() + ": " + reason(e);
    }
    String message = told.getMessage();
    return message == null ? told.getClass().getSimpleName() : message;
  }

  /** An unchecked wrapper that says nothing of its own gives way to its cause. */
  private static Exception unwrap(Exception failure) {
    return failure instanceof UncheckedIOException
            && failure.getCause() instanceof IOException cause
            && cause.toString().equals(failure.getMessage())
        ? cause
        : failure;
  }

  /** The JDK's file system failures name the file and leave the reason to their class. */
  private static String reason(FileSystemException failure) {
    return switch (failure) {
      case NoSuchFileException e -> "no such file or directory";
      case AccessDeniedException e -> "permission denied";
      case FileAlreadyExistsException e -> "exists already";
      case NotDirectoryException e -> "not a directory";
      case DirectoryNotEmptyException e -> "directory is not empty";
      default -> failure.getClass().getSimpleName();
    };
  }
}
