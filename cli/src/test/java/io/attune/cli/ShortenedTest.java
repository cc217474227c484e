package io.attune.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.attune.session.Filters;
import io.attune.session.Sessions;
import io.attune.session.Vocabulary;
import io.attune.training.Preset;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Defaults that would take longer than an evening, over a log of 150,000 items. */
class ShortenedTest {
  private static final int ITEMS = 150_000;

  private final StringWriter told = new StringWriter();

  @Test
  void whatNobodySetIsShortenedAndSaysHowToUndoIt() throws IOException {
    Configuration shortened = configure(Filters.none(), "--set", "epochs=30");

    assertThat(shortened.training())
        .isEqualTo(Preset.SHORT_SESSIONS.training().toBuilder()
            .epochs(30)
            .sampledEpochs(22)
            .build());
    assertThat(told.toString().strip())
        .isEqualTo("shortened to sampledEpochs=22: 3.0 h at most on two cores, where the defaults"
            + " would take 8.7 h; undo with --set sampledEpochs=2");
  }

  @Test
  void whatIsSetStays() throws IOException {
    Configuration given = configure(
        Filters.none(), "--set", "epochs=30", "--set", "sampledEpochs=2", "--set", "loss=full");

    assertThat(given.training().sampledEpochs()).isEqualTo(2);
    assertThat(told.toString()).isEmpty();
  }

  @Test
  void itemsThatTheFiltersDropCostNothing() throws IOException {
    configure(new Filters(2, 1000), "--set", "epochs=30");

    assertThat(told.toString()).isEmpty();
  }

  private Configuration configure(Filters rules, String... arguments) throws IOException {
    Configured command = new Configured();
    new CommandLine(command).parseArgs(arguments);
    Console console = new Console(new PrintWriter(told, true), false, 80, () -> 0);
    Configuration usual = command.configuration.read(Preset.SHORT_SESSIONS);
    return command.configuration.shortened(usual, log(), rules, console);
  }

  /** Pairs of all items, one after the other, and once more; an item is clicked four times. */
  private static Sessions log() {
    List<int[]> sessions = new ArrayList<>();
    for (int start = 1; start < ITEMS; start++) {
      sessions.add(new int[] {start, start + 1, start, start + 1});
    }
    return Sessions.of(
        Vocabulary.of(
            IntStream.rangeClosed(1, ITEMS).mapToObj(Integer::toString).toList()),
        sessions);
  }

  @Command(name = "configured")
  private static final class Configured {
    @Mixin
    private final ConfigurationMixin configuration = new ConfigurationMixin();
  }
}
