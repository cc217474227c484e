package io.attune.cli;

import io.attune.evaluation.Figures;
import io.attune.log.ClickLog;
import io.attune.log.LoadReport;
import io.attune.log.LogFormat;
import io.attune.log.LogFormatException;
import io.attune.log.LogOptions;
import io.attune.log.LogSetting;
import io.attune.session.Sessions;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The click logs of a command and the options for reading them. */
final class LogMixin {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Parameters(
      paramLabel = "LOG...",
      arity = "0..*",
      hideParamSyntax = true,
      description =
          "Click logs, plain or compressed with gzip or zstd: files, folders, or patterns such as"
              + " 'clicks/*.csv'. Their format is detected.")
  @FileUse(FileUse.Kind.READ_LOGS)
  private List<Path> logs = new ArrayList<>();

  @Option(
      names = "--max-session-length",
      paramLabel = "N",
      description = "Leave out sessions of more than N clicks, such as those of bots"
          + " (default: no limit).")
  @Bounds(min = 1)
  private @Nullable Integer maxSessionLength;

  private final Map<LogSetting, OptionSpec> settings = new EnumMap<>(LogSetting.class);

  /** Adds an option for each setting. */
  @Spec
  void addOptions(CommandSpec mixin) {
    for (LogSetting setting : LogSetting.values()) {
      OptionSpec option = OptionSpec.builder(setting.option())
          .userObject(setting)
          .paramLabel(setting.label())
          .description(setting.description())
          .type(setting.isList() ? List.class : String.class)
          .auxiliaryTypes(String.class)
          .splitRegex(setting.isList() ? "," : "")
          .converters(OptionValues.converter(setting::checked))
          .build();
      settings.put(setting, option);
      mixin.addOption(option);
    }
  }

  /** The logs; wrong usage if there are none. */
  List<Path> logs() {
    if (logs.isEmpty()) {
      throw new ParameterException(
          command.commandLine(), "a LOG is missing: name the logs right after the command");
    }
    return logs;
  }

  /** Whether there is any log. */
  boolean isGiven() {
    return !logs.isEmpty();
  }

  /** The options for reading the logs. */
  LogOptions options() {
    Map<LogSetting, List<String>> values = new EnumMap<>(LogSetting.class);
    settings.forEach((setting, option) -> values.put(setting, option.stringValues()));
    try {
      return LogSetting.parse(values).now(Instant.now()).build();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(command.commandLine(), e.getMessage(), e);
    }
  }

  /** Loads the logs of the command. */
  ClickLog.Loaded load(Console console) throws LogFormatException {
    return load(logs(), console);
  }

  /** Loads logs, reporting progress, a summary and warnings on the console. */
  ClickLog.Loaded load(List<Path> paths, Console console) throws LogFormatException {
    long start = console.nanoTime().getAsLong();
    ClickLog.Loaded loaded = ClickLog.load(
        paths,
        options(),
        (file, done, total) -> console.state(() -> {
          double share = total == 0 ? 1 : (double) done / total;
          return String.format(
              Locale.ROOT,
              "reading %s%2.0f %% of %d MB, %s",
              console.bar(share),
              100 * share,
              total >> 20,
              file);
        }));
    LoadReport report = loaded.report();
    console.line("read %s in %s on %s: %s, %s"
        .formatted(
            Figures.count(report.clicks(), "click"),
            Figures.count(report.sessions(), "session"),
            Figures.count(report.items(), "item"),
            kinds(report),
            Figures.seconds(console.since(start))));
    report.warnings().forEach(console::warn);
    return maxSessionLength == null ? loaded : shortened(loaded, maxSessionLength, console);
  }

  private static ClickLog.Loaded shortened(ClickLog.Loaded loaded, int longest, Console console)
      throws LogFormatException {
    Sessions sessions = loaded.sessions();
    int[] kept = IntStream.range(0, sessions.size())
        .filter(session -> sessions.length(session) <= longest)
        .toArray();
    Sessions left = sessions.select(kept);
    console.line("left out %s of more than %s, with %s"
        .formatted(
            Figures.count(sessions.size() - left.size(), "session"),
            Figures.count(longest, "click"),
            Figures.count(sessions.clicks() - left.clicks(), "click")));
    if (left.size() == 0) {
      throw new LogFormatException(
          loaded.report().files().getFirst().path().toString(),
          "no session is left, since all have more than " + Figures.count(longest, "click")
              + " (--max-session-length)");
    }
    return new ClickLog.Loaded(left, loaded.report());
  }

  /** The formats and compressions of the files, such as {@code csv, gzip; csv}. */
  private static String kinds(LoadReport report) {
    return report.files().stream()
        .filter(file -> file.format() != null)
        .map(LogMixin::kind)
        .distinct()
        .collect(Collectors.joining("; "));
  }

  static String kind(LoadReport.FileReport file) {
    LogFormat format = file.format();
    String label = format == null ? "empty" : format.label();
    return file.compression().equals("none") ? label : label + ", " + file.compression();
  }
}
