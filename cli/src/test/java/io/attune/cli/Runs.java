package io.attune.cli;

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
}
