package io.attune.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintWriter;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/**
 * The top command {@code attune}. A further command is one class, named in {@code subcommands}.
 *
 * <p>Exit codes: 0 done, 1 failed, 2 wrong usage; a command that has more lists them. Results go to
 * standard output, everything else to standard error. A failure that Attune itself reports, and a
 * failure of the file system, is one line, {@code attune: message}; anything else is a bug and
 * shows its stack trace.
 */
@Command(
    name = "attune",
    description = "Learns from click logs what a visitor wants next, and re-ranks search by it.",
    mixinStandardHelpOptions = true,
    versionProvider = Attune.Version.class,
    synopsisSubcommandLabel = "COMMAND",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:done", "1:failed", "2:wrong usage"},
    subcommands = {
      QuickstartCommand.class,
      InspectCommand.class,
      TrainCommand.class,
      UpdateCommand.class,
      ImportCommand.class,
      ExportCommand.class,
      TuneCommand.class,
      EvaluateCommand.class,
      RecommendCommand.class,
      IndexCommand.class,
      SearchCommand.class,
      ServeCommand.class,
      CompareOnlineCommand.class,
      ExplainCommand.class,
      BlendCommand.class
    })
public final class Attune implements Runnable {

  /**
   * What libraries may say: not which instructions they use, and not that Lucene would be faster
   * with an incubator module, which the JVM would then announce at each start. Held here, since a
   * logger that nobody holds forgets its level.
   */
  private static final Map<Logger, Level> LOGGERS = Map.of(
      Logger.getLogger("org.apache.lucene"), Level.WARNING,
      Logger.getLogger("org.apache.lucene.internal.vectorization"), Level.SEVERE,
      Logger.getLogger("dev.hardwood"), Level.WARNING);

  @Spec
  private CommandSpec spec;

  @Option(
      names = "--debug",
      scope = ScopeType.INHERIT,
      description = "Show the stack trace of every failure.")
  private boolean debug;

  Attune() {}

  /** Runs one command and ends the process with its exit code. */
  public static void main(String[] args) {
    LOGGERS.forEach(Logger::setLevel);
    StandardOutput stdout = new StandardOutput(new FileOutputStream(FileDescriptor.out));
    PrintWriter out = new PrintWriter(stdout, true, System.out.charset());
    PrintWriter err = new PrintWriter(System.err, true, System.err.charset());
    int code = run(commandLine(out, err), args);
    out.flush();
    System.exit(stdout.exitCode(code, err));
  }

  /** The command line with all its commands and with the house's way to fail. */
  static CommandLine commandLine(PrintWriter out, PrintWriter err) {
    Attune attune = new Attune();
    return OptionValues.register(new CommandLine(attune))
        .setOut(out)
        .setErr(err)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setExecutionStrategy(new OptionChecks())
        .setParameterExceptionHandler(Failures::wrongUsage)
        .setExecutionExceptionHandler(
            (failure, command, parsed) -> Failures.failed(failure, command, attune.debug));
  }

  /** Runs one command and returns its exit code. */
  static int run(CommandLine commandLine, String... args) {
    try {
      return commandLine.execute(args);
    } catch (OutOfMemoryError e) {
      return Failures.outOfMemory(e, commandLine);
    }
  }

  /** {@code attune} without a command is wrong usage. */
  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "a command is missing");
  }

  /** The version from the manifest of the jar; there is none when the classes lie in a folder. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"attune " + number()};
    }

    /** The number alone, as models keep it. */
    static String number() {
      @Nullable String version = Attune.class.getPackage().getImplementationVersion();
      return version == null ? "(not packaged)" : version;
    }
  }
}
