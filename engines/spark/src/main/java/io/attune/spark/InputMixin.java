package io.attune.spark;

import io.attune.log.LogFormatException;
import io.attune.log.LogOptions;
import io.attune.log.LogOptions.BadLines;
import io.attune.log.LogOptions.SessionsBy;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The Parquet log of a command, and what makes a session; names as {@code attune} has them. */
final class InputMixin {
  /** Parts for each core: enough that the last ones do not keep all others waiting. */
  private static final int PARTS_A_CORE = 3;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Option(
      names = "--sessions",
      paramLabel = "PATH",
      arity = "1..*",
      required = true,
      description = "Parquet files or folders: a row a click, or a row a session with a list of"
          + " items; which, is found by looking.")
  private List<String> paths = new ArrayList<>();

  @Option(
      names = "--session-column",
      paramLabel = "NAME",
      description = "The column with the session's id.")
  private @Nullable String sessionColumn;

  @Option(
      names = "--user-column",
      paramLabel = "NAME",
      description = "The column with the user's id.")
  private @Nullable String userColumn;

  @Option(
      names = "--item-column",
      paramLabel = "NAME",
      description = "The column with the item's id, or with the list of items.")
  private @Nullable String itemColumn;

  @Option(
      names = "--time-column",
      paramLabel = "NAME",
      description = "The column with the time, or with the list of times.")
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
      names = "--actions",
      paramLabel = "A,B",
      split = ",",
      description = "The actions that count as clicks, such as view; their column is read twice, to"
          + " refuse an action that never occurs.")
  private List<String> actions = new ArrayList<>();

  @Option(
      names = "--sessions-by",
      paramLabel = "auto|session|inactivity|user",
      defaultValue = "auto",
      description = "What makes a session of clicks: its id, a pause of its user, or a user's whole"
          + " history (default: ${DEFAULT-VALUE}).")
  private SessionsBy sessionsBy = SessionsBy.AUTO;

  @Option(
      names = "--session-gap",
      paramLabel = "30m",
      defaultValue = "30m",
      description = "A user's pause that ends a session (default: ${DEFAULT-VALUE}).")
  private Duration sessionGap = Duration.ofMinutes(30);

  @Option(
      names = "--bad-rows",
      paramLabel = "fail|skip",
      defaultValue = "fail",
      description = "What to do with a malformed row: fail, or skip and count it"
          + " (default: ${DEFAULT-VALUE}).")
  private BadLines badRows = BadLines.FAIL;

  @Option(
      names = "--corrupt-files",
      paramLabel = "fail|skip",
      defaultValue = "fail",
      description = "What to do with a file that cannot be read to its end: fail, or skip and count"
          + " it, for which all files are read twice (default: ${DEFAULT-VALUE}).")
  private CorruptFiles.Policy corruptFiles = CorruptFiles.Policy.FAIL;

  @Option(
      names = "--partitions",
      paramLabel = "N",
      description = "Into how many parts the clicks are dealt by their keys, and so how many files"
          + " are written; by default three a core of the cluster. The order of the output depends"
          + " on it.")
  private @Nullable Integer partitions;

  private @Nullable SessionInput input;
  private int skipped;

  /** The sessions of the log; says on standard error what was left out of it. */
  Dataset<Row> read(SparkSession spark) throws LogFormatException {
    LogOptions options = options();
    int parts =
        partitions == null ? PARTS_A_CORE * spark.sparkContext().defaultParallelism() : partitions;
    SessionInput made = new SessionInput(spark, options, parts);
    input = made;
    return switch (corruptFiles) {
      case FAIL -> made.read(spark, paths);
      case SKIP ->
        made.readWhatIsWhole(spark, paths, files -> {
          skipped = files.size();
          files.forEach(file -> err().println("skipped: " + file + " cannot be read to its end"));
        });
    };
  }

  private LogOptions options() {
    try {
      return built();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(command.commandLine(), e.getMessage(), e);
    }
  }

  private LogOptions built() {
    return LogOptions.builder()
        .sessionColumn(sessionColumn)
        .userColumn(userColumn)
        .itemColumn(itemColumn)
        .timeColumn(timeColumn)
        .actionColumn(actionColumn)
        .timeFormat(timeFormat)
        .timeUnit(timeUnit)
        .actions(actions)
        .sessionsBy(sessionsBy)
        .inactivity(sessionGap)
        .badLines(badRows)
        .build();
  }

  /** Wrong usage, before Spark starts. */
  void check() {
    if (partitions != null && partitions < 1) {
      throw new ParameterException(
          command.commandLine(), "--partitions must be 1 or more, not " + partitions);
    }
    options();
  }

  /** Says on standard error what was read, once it was. */
  void report() {
    if (input == null) {
      return;
    }
    JobCounts counts = input.counts();
    tell("read %,d rows", counts.of(Count.ROWS));
    tell("skipped: %,d malformed rows", counts.of(Count.BAD_ROWS));
    tell("skipped: %,d rows of other actions", counts.of(Count.OTHER_ACTIONS));
    tell("skipped: %,d files that cannot be read to their end", skipped);
  }

  private void tell(String text, long count) {
    if (count > 0) {
      err().println(String.format(Locale.ROOT, text, count));
    }
  }

  private PrintWriter err() {
    return command.root().commandLine().getErr();
  }
}
