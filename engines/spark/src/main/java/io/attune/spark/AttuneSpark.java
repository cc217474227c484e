package io.attune.spark;

import io.attune.log.TimeText;
import io.attune.session.Holdout;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
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
 * What spark-submit starts. Exit codes: 0 done, 1 failed, 2 wrong usage. Results go to standard
 * output, everything else to standard error.
 */
@Command(
    name = "attune-spark",
    description = "Recommends for the sessions of a large log, and evaluates on them, with Spark.",
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

  /** Runs one command, and ends the process with its exit code where that is not 0. */
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
        .registerConverter(Duration.class, converter(TimeText::duration))
        .registerConverter(TimeUnit.class, converter(TimeText::unit))
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
          String told = JobFailures.describe(failure);
          if (told != null) {
            err.println("attune-spark: " + told);
          }
          if (told == null || attune.debug) {
            failure.printStackTrace(err);
          }
          return command.getCommandSpec().exitCodeOnExecutionException();
        })
        .execute(args);
  }

  /** A command's session: the one that spark-submit configured. */
  static SparkSession session(CommandSpec command) {
    SparkSession spark = SparkSession.builder().appName(command.qualifiedName()).getOrCreate();
    // Without it Spark does not read times of nanoseconds at all; their unit follows from their
    // size.
    spark.conf().set("spark.sql.legacy.parquet.nanosAsLong", true);
    SparkSession.setActiveSession(spark);
    return spark;
  }

  /** Without a command it is wrong usage. */
  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "a command is missing");
  }

  /** Turns what a library refuses into a complaint about the option. */
  private static <T> ITypeConverter<T> converter(Function<String, T> parse) {
    return text -> {
      try {
        return parse.apply(text);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    };
  }
}
