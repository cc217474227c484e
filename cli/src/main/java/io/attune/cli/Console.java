package io.attune.cli;

import java.io.PrintWriter;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import picocli.CommandLine.Model.CommandSpec;

/**
 * What a command tells a person while it works, on standard error: lines that stay, and a state
 * that changes. On a terminal the state is one line, redrawn; elsewhere it is a line now and then.
 */
final class Console {
  private static final String TERMINAL_PROPERTY = "attune.terminal";
  private static final String COLUMNS_PROPERTY = "attune.columns";
  private static final int USUAL_COLUMNS = 80;
  private static final long REDRAW_NANOS = TimeUnit.MILLISECONDS.toNanos(150);
  private static final long LINE_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final PrintWriter err;
  private final boolean terminal;
  private final int columns;
  private final LongSupplier nanoTime;
  private int drawn;
  private long told;

  /**
   * A console.
   *
   * @param columns of the terminal
   * @param nanoTime a clock in nanoseconds
   */
  Console(PrintWriter err, boolean terminal, int columns, LongSupplier nanoTime) {
    this.err = err;
    this.terminal = terminal;
    this.columns = columns;
    this.nanoTime = nanoTime;
    this.told = nanoTime.getAsLong();
  }

  /** The console of a command; whether there is a terminal, the launcher knows. */
  static Console of(CommandSpec spec) {
    return new Console(
        spec.root().commandLine().getErr(),
        Boolean.getBoolean(TERMINAL_PROPERTY),
        Integer.getInteger(COLUMNS_PROPERTY, USUAL_COLUMNS),
        System::nanoTime);
  }

  /** A clock in nanoseconds. */
  LongSupplier nanoTime() {
    return nanoTime;
  }

  /** Seconds since a reading of the clock. */
  double since(long start) {
    return (nanoTime.getAsLong() - start) / 1e9;
  }

  /** Writes a line that stays. */
  void line(String text) {
    erase();
    err.println(text);
    err.flush();
    told = nanoTime.getAsLong();
  }

  /** Writes a line about something that may make the results worth less. */
  void warn(String text) {
    line("warning: " + text);
  }

  /** Shows a state if it is time to; the text is only made then. */
  void state(Supplier<String> text) {
    long now = nanoTime.getAsLong();
    if (now - told < (terminal ? REDRAW_NANOS : LINE_NANOS)) {
      return;
    }
    told = now;
    if (terminal) {
      draw(text.get());
    } else {
      err.println(text.get());
    }
    err.flush();
  }

  /** Takes the state off the terminal. */
  void erase() {
    if (drawn > 0) {
      err.print("\r" + " ".repeat(drawn) + "\r");
      err.flush();
      drawn = 0;
    }
  }

  /** A share as a bar; only a terminal has one. */
  String bar(double share) {
    int width = 10;
    int full = Math.clamp(Math.round(share * width), 0, width);
    return terminal ? "[" + "=".repeat(full) + " ".repeat(width - full) + "] " : "";
  }

  private void draw(String text) {
    // A line as wide as the terminal would wrap, and then not be overwritten.
    String shown = text.length() < columns ? text : text.substring(0, Math.max(0, columns - 1));
    err.print("\r" + shown + " ".repeat(Math.max(0, drawn - shown.length())));
    drawn = shown.length();
  }
}
