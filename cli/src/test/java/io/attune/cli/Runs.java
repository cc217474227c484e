package io.attune.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Arrays;

/** Runs commands in this process and keeps what they print. */
final class Runs {

  /** What came of one command. */
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

  /** Two lines say what is wrong, and where help is. */
  static void assertUsage(String message, Object... args) {
    Outcome outcome = Runs.attune(args);
    assertThat(outcome.exitCode()).isEqualTo(2);
    assertThat(outcome.err())
        .startsWith("attune: ")
        .contains(message, "Try 'attune ")
        .hasLineCount(2);
  }

  /** A failure that Attune reports itself. */
  static void assertFailure(String message, Object... args) {
    Outcome outcome = Runs.attune(args);
    assertThat(outcome.exitCode()).as(outcome.err()).isEqualTo(1);
    assertThat(outcome.err()).contains("attune: ").contains(message).doesNotContain("\tat ");
  }
}
