package io.attune.spark;

import io.attune.log.LogFormatException;
import io.attune.log.LogOptions;
import io.attune.log.LogSetting;
import io.attune.session.Counts;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The Parquet input of a command and the options for reading it, named as in {@code attune}. */
final class InputMixin {
  /** Enough that cores do not have to wait for the slowest partition. */
  private static final int PARTITIONS_PER_CORE = 3;

  private static final Set<LogSetting> SETTINGS =
      EnumSet.complementOf(EnumSet.of(LogSetting.FORMAT, LogSetting.DELIMITER));

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Option(
      names = "--sessions",
      paramLabel = "PATH",
      arity = "1..*",
      required = true,
      description = "Parquet files or folders. A row is a click, or a session with a list of items,"
          + " which is detected.")
  private List<String> paths = new ArrayList<>();

  @Option(
      names = "--corrupt-files",
      paramLabel = "fail|skip",
      defaultValue = "fail",
      description =
          "What to do with corrupt files: fail, or skip and count them, for which all files"
              + " are read twice (default: ${DEFAULT-VALUE}).")
  private CorruptFiles.Policy corruptFiles = CorruptFiles.Policy.FAIL;

  @Option(
      names = "--partitions",
      paramLabel = "N",
      description = "The number of partitions of clicks by key, and so of output files (default: 3"
          + " per core of the cluster). The order of the output depends on it.")
  private @Nullable Integer partitions;

  private final Map<LogSetting, OptionSpec> settings = new EnumMap<>(LogSetting.class);
  private @Nullable SessionInput input;
  private int skipped;

  /** Adds an option for each setting of Parquet logs. */
  @Spec
  void addOptions(CommandSpec mixin) {
    for (LogSetting setting : SETTINGS) {
      boolean bad = setting == LogSetting.BAD_LINES;
      OptionSpec option = OptionSpec.builder(bad ? "--bad-rows" : setting.option())
          .paramLabel(setting.label())
          .description(setting.description()
              + (setting == LogSetting.ACTIONS
                  ? " Their column is read twice, to detect actions that never occur."
                  : ""))
          .type(setting.isList() ? List.class : String.class)
          .auxiliaryTypes(String.class)
          .splitRegex(setting.isList() ? "," : "")
          .converters(AttuneSpark.converter(setting::checked))
          .build();
      settings.put(setting, option);
      mixin.addOption(option);
    }
  }

  /** Reads the sessions; reports skipped files on standard error. */
  Dataset<Row> read(SparkSession spark) throws LogFormatException {
    LogOptions options = options();
    int parts = partitions == null
        ? PARTITIONS_PER_CORE * spark.sparkContext().defaultParallelism()
        : partitions;
    SessionInput made = new SessionInput(spark, options, parts);
    input = made;
    return switch (corruptFiles) {
      case FAIL -> made.read(spark, paths);
      case SKIP ->
        made.readSkippingCorrupt(spark, paths, files -> {
          skipped = files.size();
          files.forEach(file -> err().println("skipped the corrupt file " + file));
        });
    };
  }

  /** Whether what was read are whole histories of users. */
  boolean areHistories() {
    return input != null && input.areHistories();
  }

  private LogOptions options() {
    Map<LogSetting, List<String>> values = new EnumMap<>(LogSetting.class);
    settings.forEach((setting, option) -> values.put(setting, option.stringValues()));
    try {
      return LogSetting.parse(values).build();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(command.commandLine(), e.getMessage(), e);
    }
  }

  /** Reports wrong usage before Spark starts. */
  void check() {
    if (partitions != null && partitions < 1) {
      throw new ParameterException(
          command.commandLine(), "--partitions must be 1 or more, not " + partitions);
    }
    options();
  }

  /** Reports on standard error what was read, once it was. */
  void report() {
    if (input == null) {
      return;
    }
    JobCounts counts = input.counts();
    tell("read", counts.of(Count.ROWS), "row", "rows");
    tell("skipped", counts.of(Count.BAD_ROWS), "malformed row", "malformed rows");
    tell(
        "skipped",
        counts.of(Count.OTHER_ACTIONS),
        "row of another action",
        "rows of other actions");
    tell("skipped", skipped, "corrupt file", "corrupt files");
  }

  private void tell(String what, long count, String one, String other) {
    if (count > 0) {
      err().println(what + " " + Counts.of(count, one, other));
    }
  }

  private PrintWriter err() {
    return command.root().commandLine().getErr();
  }
}
