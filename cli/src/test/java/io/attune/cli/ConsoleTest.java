package io.attune.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class ConsoleTest {
  private final StringWriter written = new StringWriter();
  private long nanos;

  @Test
  void offATerminalAStateIsALineEveryTenSeconds() {
    Console console = console(false, 80);
    for (int second = 1; second <= 25; second++) {
      nanos = second * 1_000_000_000L;
      int now = second;
      console.state(() -> "at " + now);
    }

    assertThat(written.toString().lines()).containsExactly("at 10", "at 20");
    assertThat(console.bar(0.5)).isEmpty();
  }

  @Test
  void onATerminalAStateIsRedrawnAndGivesWayToLines() {
    Console console = console(true, 80);
    nanos = 200_000_000L;
    console.state(() -> "half way");
    nanos = 400_000_000L;
    console.state(() -> "done");
    console.line("end");

    assertThat(written.toString())
        .isEqualToNormalizingNewlines("\rhalf way\rdone    \r    \rend\n");
  }

  @Test
  void onATerminalAStateIsNotRedrawnFasterThanItIsRead() {
    Console console = console(true, 80);
    nanos = 200_000_000L;
    console.state(() -> "first");
    nanos = 201_000_000L;
    console.state(() -> "second");

    assertThat(written.toString()).isEqualTo("\rfirst");
  }

  @Test
  void aStateNeverWraps() {
    Console console = console(true, 10);
    nanos = 200_000_000L;
    console.state(() -> "0123456789012345");

    assertThat(written.toString()).isEqualTo("\r012345678");
  }

  @Test
  void aBarIsAsFullAsItsShare() {
    assertThat(console(true, 80).bar(0.4)).isEqualTo("[====      ] ");
  }

  private Console console(boolean terminal, int columns) {
    return new Console(new PrintWriter(written, true), terminal, columns, () -> nanos);
  }
}
