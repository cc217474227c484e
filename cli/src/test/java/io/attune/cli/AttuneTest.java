package io.attune.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;

class AttuneTest {

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void theVersionIsPrintedToStandardOutput() {
    assertThat(attune("--version")).isZero();
    assertThat(out.toString()).startsWith("attune ");
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void helpNamesTheExitCodes() {
    assertThat(attune("--help")).isZero();
    assertThat(out.toString()).contains("0   done", "1   failed", "2   wrong usage");
  }

  @Test
  void helpOfEachCommandShowsAnExample() {
    for (String command : List.of("quickstart", "inspect", "train", "evaluate")) {
      assertThat(Runs.attune(command, "--help").out()).contains("Example:\n  attune " + command);
    }
  }

  @Test
  void noCommandIsWrongUsage() {
    assertThat(attune()).isEqualTo(2);
    assertThat(err.toString())
        .isEqualToNormalizingNewlines("attune: a command is missing\nTry 'attune --help'.\n");
    assertThat(out.toString()).isEmpty();
  }

  @Test
  void anUnknownCommandIsWrongUsage() {
    assertThat(attune("predict")).isEqualTo(2);
    assertThat(err.toString()).startsWith("attune: ").contains("predict", "Try 'attune --help'.");
  }

  @Test
  void wrongUsageOfACommandPointsToItsHelp() {
    assertThat(attuneThatFailsWith(new IOException(), "fail", "--no-such-option"))
        .isEqualTo(2);
    assertThat(err.toString()).contains("--no-such-option", "Try 'attune fail --help'.");
  }

  @Test
  void anExpectedFailureIsOneLine() {
    assertThat(attuneThatFailsWith(new Refused("log.csv:3: no item"), "fail")).isEqualTo(1);
    assertThat(err.toString()).isEqualToNormalizingNewlines("attune: log.csv:3: no item\n");
  }

  @Test
  void aFileSystemFailureNamesTheFileAndTheReason() {
    attuneThatFailsWith(new NoSuchFileException("a.csv"), "fail");
    attuneThatFailsWith(new UncheckedIOException(new AccessDeniedException("b.csv")), "fail");
    attuneThatFailsWith(
        new UncheckedIOException("c.csv ends early", new IOException("EOF")), "fail");

    assertThat(err.toString()).isEqualToNormalizingNewlines("""
            attune: a.csv: no such file or directory
            attune: b.csv: permission denied
            attune: c.csv ends early
            """);
  }

  @Test
  void debugShowsTheStackTraceOfAnExpectedFailure() {
    assertThat(attuneThatFailsWith(new Refused("no item"), "fail", "--debug")).isEqualTo(1);
    assertThat(err.toString()).contains("attune: no item", "at io.attune.cli.AttuneTest");
  }

  @Test
  void aBugShowsItsStackTrace() {
    assertThat(attuneThatFailsWith(new IllegalStateException("a bug"), "fail")).isEqualTo(1);
    assertThat(err.toString())
        .contains("IllegalStateException: a bug", "at io.attune.cli.AttuneTest");
  }

  @Test
  void outOfMemorySaysHowToEnlargeTheHeap() {
    int exitCode = attuneWith(
        () -> {
          throw new OutOfMemoryError("Java heap space");
        },
        "fail");

    assertThat(exitCode).isEqualTo(1);
    assertThat(err.toString()).contains("Java heap space", "ATTUNE_JAVA_OPTS=-Xmx8g");
  }

  private int attune(String... args) {
    return Attune.run(commandLine(), args);
  }

  private int attuneThatFailsWith(Exception failure, String... args) {
    return attuneWith(
        () -> {
          throw failure;
        },
        args);
  }

  private int attuneWith(Callable<Integer> action, String... args) {
    return Attune.run(commandLine().addSubcommand("fail", new Fail(action)), args);
  }

  private CommandLine commandLine() {
    return Attune.commandLine(new PrintWriter(out, true), new PrintWriter(err, true));
  }

  @Command(name = "fail")
  private static final class Fail implements Callable<Integer> {
    private final Callable<Integer> action;

    Fail(Callable<Integer> action) {
      this.action = action;
    }

    @Override
    public Integer call() throws Exception {
      return action.call();
    }
  }

  private static final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1;

    Refused(String message) {
      super(message);
    }
  }
}
