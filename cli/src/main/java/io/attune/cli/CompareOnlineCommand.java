package io.attune.cli;

import io.attune.online.InterleavedSearches;
import io.attune.online.OnlineComparison;
import io.attune.report.OnlineReport;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code attune compare-online}: says which of two rankings wins by its visitors' clicks. */
@Command(
    name = "compare-online",
    description = "Says which of two rankings that were shown interleaved gets more clicks, how"
        + " sure that is, or how long it will take. Reads the events of attune serve --events.",
    mixinStandardHelpOptions = true,
    versionProvider = Attune.Version.class,
    sortOptions = false,
    footerHeading = "%nExample:%n",
    footer = "  attune compare-online events.jsonl --report comparison.html")
final class CompareOnlineCommand implements Callable<Integer> {
  @Spec
  private CommandSpec spec;

  @Parameters(
      paramLabel = "EVENTS",
      arity = "1..*",
      description = "Files of UBI events as JSON lines, plain or gzip: impressions with their"
          + " teams, and clicks.")
  @FileUse(FileUse.Kind.READ_FILE)
  private List<Path> events = List.of();

  @Option(
      names = "--compare",
      paramLabel = "A,B",
      split = ",",
      description = "The two rankings, where the events have several pairs.")
  private List<String> rankings = List.of();

  @Option(
      names = "--single-look",
      description = "This is the only look at this comparison, on a day that was planned before it"
          + " began. Then less is needed for a verdict; otherwise one may look every day.")
  private boolean singleLook;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "42",
      description = "The seed by which sessions are resampled (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--report",
      paramLabel = "FILE.html",
      description = "Write an HTML page with tables and a chart.")
  @FileUse(FileUse.Kind.WRITE_FILE)
  private @Nullable Path report;

  @Option(names = "--json", paramLabel = "FILE", description = "Write the figures as JSON.")
  @FileUse(FileUse.Kind.WRITE_FILE)
  private @Nullable Path json;

  @Override
  public Integer call() throws IOException {
    if (!rankings.isEmpty() && (rankings.size() != 2 || new HashSet<>(rankings).size() != 2)) {
      throw WrongUsage.of(
          spec, "--compare: expected the names of two rankings, such as words,learned");
    }
    OnlineComparison comparison =
        OnlineComparison.of(InterleavedSearches.read(events, rankings), singleLook, seed);
    PrintWriter stdout = spec.root().commandLine().getOut();
    OnlineReport.lines(comparison).forEach(stdout::println);
    stdout.flush();
    if (json != null) {
      OnlineReport.writeJson(comparison, json);
    }
    if (report != null) {
      OnlineReport.writePage(comparison, report);
    }
    return 0;
  }
}
