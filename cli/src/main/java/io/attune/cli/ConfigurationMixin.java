package io.attune.cli;

import io.attune.session.SessionStatistics;
import io.attune.session.Sessions;
import io.attune.training.Preset;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What is trained and how. */
final class ConfigurationMixin {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Option(
      names = "--preset",
      paramLabel = "short-sessions|long-histories",
      description = "A configuration for a kind of log (default: what fits the log, as attune"
          + " inspect sees it).")
  private @Nullable String preset;

  @Option(
      names = "--encoder",
      paramLabel = "narm|transformer|gru|stamp|ensemble",
      description = "The kind of encoder (default: as in the file, else the preset's).")
  private @Nullable String encoder;

  @Option(
      names = "--config",
      paramLabel = "FILE.yml",
      description = "A configuration that overrides the defaults.")
  @FileUse(FileUse.Kind.READ_FILE)
  private @Nullable Path file;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "One value that overrides the file, such as training.epochs=3 or epochs=3.")
  private Map<String, String> settings = new LinkedHashMap<>();

  /**
   * The configuration, by the preset that fits the log where none is named; wrong usage when it
   * asks for what the log lacks.
   */
  Configuration fitting(Sessions sessions, Console console) throws IOException {
    Configuration configuration =
        preset == null ? chosen(sessions, console) : read(Preset.SHORT_SESSIONS);
    if (!sessions.hasTimes() && configuration.encoder().looksAtTimes()) {
      throw new ParameterException(
          command.commandLine(), "encoder.timeBias must be none, since the clicks have no times");
    }
    return configuration;
  }

  private Configuration chosen(Sessions sessions, Console console) throws IOException {
    SessionStatistics statistics = SessionStatistics.of(sessions, 0);
    Preset fitting = Preset.of(statistics);
    console.line("preset %s, for %s: %s"
        .formatted(fitting.label(), fitting.summary(), Preset.reason(statistics)));
    return read(fitting);
  }

  /** The parts of the keys that were set singly, such as {@code dimension}. */
  Set<String> named(Configuration configuration) {
    return configuration.parts(settings.keySet());
  }

  /**
   * The configuration; wrong usage when a key or a value is refused.
   *
   * @param fitting the preset where none is named
   */
  Configuration read(Preset fitting) throws IOException {
    try {
      Preset chosen = preset == null ? fitting : Preset.named(preset);
      return Configuration.of(chosen, encoder, file, settings);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(command.commandLine(), e.getMessage(), e);
    }
  }
}
