package io.attune.cli;

import io.attune.evaluation.Figures;
import io.attune.log.ClickLog;
import io.attune.log.LoadReport;
import io.attune.log.LogFormat;
import io.attune.log.LogFormatException;
import io.attune.log.LogOptions;
import io.attune.log.LogOptions.BadLines;
import io.attune.log.LogOptions.SessionsBy;
import io.attune.session.Sessions;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The logs of a command, and how they are read. */
final class LogMixin {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Parameters(
      paramLabel = "LOG...",
      arity = "0..*",
      hideParamSyntax = true,
      description =
          "Click logs, plain, gzip or zstd: files, folders, or patterns such as 'clicks/*.csv'; the"
              + " format is found by looking.")
  @FileUse(FileUse.Kind.READ_LOGS)
  private List<Path> logs = new ArrayList<>();

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      description = "The format of the logs, instead of looking: parquet, otto, ubi, movielens,"
          + " recbole, diginetica, retailrocket, csv, headerless, yoochoose, pairs, sequences.")
  private @Nullable LogFormat format;

  @Option(
      names = "--session-column",
      paramLabel = "NAME",
      description =
          "The column with the session's id: its name in the header, or its number from 1."
              + " So the other columns; numbers also name those of a table without a header.")
  private @Nullable String sessionColumn;

  @Option(
      names = "--user-column",
      paramLabel = "NAME",
      description = "The column with the user's id.")
  private @Nullable String userColumn;

  @Option(
      names = "--item-column",
      paramLabel = "NAME",
      description = "The column with the item's id.")
  private @Nullable String itemColumn;

  @Option(names = "--time-column", paramLabel = "NAME", description = "The column with the time.")
  private @Nullable String timeColumn;

  @Option(
      names = "--action-column",
      paramLabel = "NAME",
      description = "The column with the action.")
  private @Nullable String actionColumn;

  @Option(
      names = "--time-format",
      paramLabel = "PATTERN",
      description = "How times are written, such as 'M/d/yyyy H:mm' or 'dd.MM.yyyy HH:mm:ss', as"
          + " Java's DateTimeFormatter reads it (M month, d day, H hour of 24, h hour of 12 with a,"
          + " m minute); without a zone it is UTC.")
  private @Nullable String timeFormat;

  @Option(
      names = "--time-unit",
      paramLabel = "s|ms|us|ns",
      description = "The unit of times that are numbers, instead of judging by their size.")
  private @Nullable TimeUnit timeUnit;

  @Option(
      names = "--delimiter",
      paramLabel = "CHAR",
      converter = OptionValues.Delimiter.class,
      description = "What separates columns: tab, comma, semicolon, bar, blank or a character.")
  private @Nullable Character delimiter;

  @Option(
      names = "--actions",
      paramLabel = "A,B",
      split = ",",
      description = "The actions that count as clicks, such as view.")
  private List<String> actions = new ArrayList<>();

  @Option(
      names = "--sessions-by",
      paramLabel = "auto|session|inactivity|user",
      defaultValue = "auto",
      description = "What makes a session: its id, a pause of its user, or a user's whole history"
          + " (default: ${DEFAULT-VALUE}).")
  private SessionsBy sessionsBy = SessionsBy.AUTO;

  @Option(
      names = "--session-gap",
      paramLabel = "30m",
      defaultValue = "30m",
      description = "A user's pause that ends a session (default: ${DEFAULT-VALUE}).")
  private Duration sessionGap = Duration.ofMinutes(30);

  @Option(
      names = "--bad-lines",
      paramLabel = "fail|skip",
      defaultValue = "fail",
      description = "What to do with a malformed line: fail, or skip and count it"
          + " (default: ${DEFAULT-VALUE}).")
  private BadLines badLines = BadLines.FAIL;

  @Option(
      names = "--max-session-length",
      paramLabel = "N",
      description = "Leave out sessions of more clicks than this, such as a machine's"
          + " (default: no limit).")
  @Bounds(min = 1)
  private @Nullable Integer maxSessionLength;

  /** The logs; wrong usage when none was named. */
  List<Path> logs() {
    if (logs.isEmpty()) {
      throw new ParameterException(
          command.commandLine(), "a LOG is missing: name the logs right after the command");
    }
    return logs;
  }

  /** Whether any log was named. */
  boolean isGiven() {
    return !logs.isEmpty();
  }

  /** How the logs are read. */
  LogOptions options() {
    try {
      return built();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(command.commandLine(), e.getMessage(), e);
    }
  }

  private LogOptions built() {
    return LogOptions.builder()
        .format(format)
        .sessionColumn(sessionColumn)
        .userColumn(userColumn)
        .itemColumn(itemColumn)
        .timeColumn(timeColumn)
        .actionColumn(actionColumn)
        .timeUnit(timeUnit)
        .timeFormat(timeFormat)
        .delimiter(delimiter)
        .actions(actions)
        .sessionsBy(sessionsBy)
        .inactivity(sessionGap)
        .badLines(badLines)
        .now(Instant.now())
        .build();
  }

  /** Reads the logs of the command. */
  ClickLog.Loaded load(Console console) throws LogFormatException {
    return load(logs(), console);
  }

  /** Reads logs: how far it is, what was read, and what to know about it goes to the console. */
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
          "no session has at most " + longest + " clicks, as --max-session-length says");
    }
    return new ClickLog.Loaded(left, loaded.report());
  }

  /** The formats and compressions of the files, such as {@code csv, gzip}. */
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
