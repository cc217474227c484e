package io.attune.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Arrays;

/** Runs commands in this process and captures their output. */
final class Runs {

  /** The outcome of a command. */
  record Outcome(int exitCode, String out, String err) {}

  private Runs() {}

  static Outcome attune(Object... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    String[] texts = Arrays.stream(args).map(Object::toString).toArray(String[]::new);
    int exitCode = Attune.run(
        Attune.commandLine(new PrintWriter(out, true), new PrintWriter(err, true)), texts);
    return new Outcome(
        exitCode, out.toString().replace("\r\n", "\n"), err.toString().replace("\r\n", "\n"));
  }

  /** Asserts wrong usage, with one line for the error and one for the help. */
  static void assertUsage(String message, Object... args) {
    Outcome outcome = Runs.attune(args);
    assertThat(outcome.exitCode()).isEqualTo(2);
    assertThat(outcome.err())
        .startsWith("attune: ")
        .contains(message, "Try 'attune ")
        .hasLineCount(2);
  }

  /** Asserts a failure without a stack trace. */
  static void assertFailure(String message, Object... args) {
    Outcome outcome = Runs.attune(args);
    assertThat(outcome.exitCode()).as(outcome.err()).isEqualTo(1);
    assertThat(outcome.err()).contains("attune: ").contains(message).doesNotContain("\tat ");
  }
}
