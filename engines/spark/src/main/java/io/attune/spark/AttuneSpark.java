package io.attune.spark;

import io.attune.session.Holdout;
import java.io.PrintWriter;
import java.util.function.Function;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/**
 * The main class for spark-submit. Exit codes: 0 done, 1 failed, 2 wrong usage. Results go to
 * standard output, everything else to standard error.
 */
@Command(
    name = "attune-spark",
    description =
        "Computes recommendations for large logs, and evaluates models on them, with Spark.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:done", "1:failed", "2:wrong usage"},
    subcommands = {RecommendCommand.class, EvaluateCommand.class, SessionsCommand.class})
public final class AttuneSpark implements Runnable {
  @Spec
  private CommandSpec spec;

  @Option(
      names = "--debug",
      scope = ScopeType.INHERIT,
      description = "Show the stack trace of every failure.")
  private boolean debug;

  AttuneSpark() {}

  /** Runs a command, and exits the process if it fails. */
  public static void main(String[] args) {
    int code = run(
        new PrintWriter(System.out, true, System.out.charset()),
        new PrintWriter(System.err, true, System.err.charset()),
        args);
    SparkSession.getActiveSession().foreach(spark -> {
      spark.stop();
      return null;
    });
    if (code != 0) {
      System.exit(code);
    }
  }

  /** Runs one command and returns its exit code. */
  static int run(PrintWriter out, PrintWriter err, String... args) {
    AttuneSpark attune = new AttuneSpark();
    return new CommandLine(attune)
        .registerConverter(Holdout.class, converter(Holdout::parse))
        .setOut(out)
        .setErr(err)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setParameterExceptionHandler((failure, given) -> {
          err.println("attune-spark: " + failure.getMessage());
          err.println(
              "Try '" + failure.getCommandLine().getCommandSpec().qualifiedName() + " --help'.");
          return failure.getCommandLine().getCommandSpec().exitCodeOnInvalidInput();
        })
        .setExecutionExceptionHandler((failure, command, parsed) -> {
          String message = JobFailures.describe(failure);
          if (message != null) {
            err.println("attune-spark: " + message);
          }
          if (message == null || attune.debug) {
            failure.printStackTrace(err);
          }
          return command.getCommandSpec().exitCodeOnExecutionException();
        })
        .execute(args);
  }

  /** The Spark session of a command, as spark-submit configured it. */
  static SparkSession session(CommandSpec command) {
    SparkSession spark = SparkSession.builder().appName(command.qualifiedName()).getOrCreate();
    // Otherwise Spark cannot read times in nanoseconds; as longs, their unit is derived later.
    spark.conf().set("spark.sql.legacy.parquet.nanosAsLong", true);
    SparkSession.setActiveSession(spark);
    return spark;
  }

  /** Reports wrong usage, because there is no command. */
  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "a command is missing");
  }

  /** A converter that reports an IllegalArgumentException as an invalid value of the option. */
  static <T> ITypeConverter<T> converter(Function<String, T> parse) {
    return text -> {
      try {
        return parse.apply(text);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    };
  }
}
