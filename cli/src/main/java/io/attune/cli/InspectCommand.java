package io.attune.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.attune.evaluation.Figures;
import io.attune.log.ClickLog;
import io.attune.log.LoadReport;
import io.attune.log.LoadReport.FileReport;
import io.attune.log.LoadSpeed;
import io.attune.report.JsonFile;
import io.attune.report.TextTable;
import io.attune.session.Duplicates;
import io.attune.session.Filters;
import io.attune.session.SessionStatistics;
import io.attune.session.SuspectedBots;
import io.attune.training.Preset;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code attune inspect}: describes click logs. */
@Command(
    name = "inspect",
    description =
        "Describes click logs: counts, time span, session lengths, duplicates, suspected bots, and what"
            + " filters would drop.",
    customSynopsis = "attune inspect LOG... [OPTION]...",
    mixinStandardHelpOptions = true,
    versionProvider = Attune.Version.class,
    sortOptions = false,
    footerHeading = "%nExample:%n",
    footer = "  attune inspect clicks.csv.gz --bad-lines skip")
final class InspectCommand implements Callable<Integer> {
  private static final int LISTED = 5;

  @Spec
  private CommandSpec spec;

  @Option(
      names = "--speed",
      description = "Also measure the speed of loading, compared with merely reading the bytes.")
  private boolean speed;

  @Option(names = "--json", paramLabel = "FILE", description = "Write the results as JSON.")
  @FileUse(FileUse.Kind.WRITE_FILE)
  private @Nullable Path json;

  @Mixin
  private FilterMixin filters;

  @Mixin
  private LogMixin log;

  @Override
  public Integer call() throws IOException {
    List<Path> logs = log.logs();
    Filters rules = filters.filters();
    Console console = Console.of(spec);
    ClickLog.Loaded loaded = log.load(console);
    SessionStatistics statistics = SessionStatistics.of(loaded.sessions(), LISTED);
    SuspectedBots bots = SuspectedBots.of(loaded.sessions(), LISTED);
    List<Filters.Step> steps = rules.train(loaded.sessions()).steps();
    PrintWriter stdout = spec.root().commandLine().getOut();
    loaded.report().files().forEach(file -> print(file, stdout));
    print(loaded.report(), statistics, stdout);
    print(loaded.report().duplicates(), statistics, stdout);
    print(bots, stdout);
    if (statistics.sessions() > 0) {
      Preset preset = Preset.of(statistics);
      row(stdout, "preset", preset.label() + ", since " + Preset.reason(statistics));
    }
    print(steps, stdout);
    LoadSpeed measured = speed ? LoadSpeed.measure(logs, log.options(), console.nanoTime()) : null;
    if (measured != null) {
      print(measured, stdout);
    }
    stdout.flush();
    if (json != null) {
      writeJson(json, loaded.report(), statistics, bots, steps, measured);
    }
    return 0;
  }

  private static void print(FileReport file, PrintWriter stdout) {
    stdout.printf(
        "%s: %s, %s in %s, %s bytes%n",
        file.path(),
        LogMixin.kind(file),
        Figures.count(file.clicks(), "click"),
        Figures.count(file.lines(), "line"),
        Figures.count(file.bytes()));
    if (file.badLines() > 0) {
      stdout.printf("  skipped %s:%n", Figures.count(file.badLines(), "malformed line"));
      file.samples().forEach(sample -> stdout.println("    " + sample));
    }
  }

  private static void print(LoadReport report, SessionStatistics s, PrintWriter stdout) {
    SessionStatistics.Lengths lengths = s.lengths();
    row(stdout, "clicks", Figures.count(s.clicks()));
    row(
        stdout,
        "sessions",
        Figures.count(s.sessions()) + ", by " + report.sessionsBy().label());
    row(stdout, "items", Figures.count(s.items()));
    row(stdout, "time", span(s.first(), s.last()));
    row(
        stdout,
        "clicks per session",
        "min %s, median %s, mean %s, p90 %s, p99 %s, max %s"
            .formatted(
                Figures.count(lengths.min()),
                Figures.count(lengths.median()),
                Figures.decimal(lengths.mean(), 2),
                Figures.count(lengths.p90()),
                Figures.count(lengths.p99()),
                Figures.count(lengths.max())));
    SessionStatistics.Spans spans = s.spans();
    if (spans != null) {
      row(
          stdout,
          "time per session",
          "median %s, p75 %s, p90 %s"
              .formatted(span(spans.median()), span(spans.p75()), span(spans.p90())));
    }
    row(
        stdout,
        "repeats",
        "%s %% of the clicks are on an item clicked earlier in the session"
            .formatted(Figures.percent(s.repeatShare())));
    for (int i = 0; i < s.top().size(); i++) {
      SessionStatistics.ItemClicks item = s.top().get(i);
      row(
          stdout,
          i == 0 ? "most clicked items" : "",
          "%s: %s, %s %%"
              .formatted(
                  item.item(),
                  Figures.count(item.clicks()),
                  Figures.percent((double) item.clicks() / s.clicks())));
    }
  }

  private static void print(Duplicates duplicates, SessionStatistics s, PrintWriter stdout) {
    row(
        stdout,
        "duplicates",
        "%s in the same session (%s), %s with the same clicks as another"
            .formatted(
                Figures.count(duplicates.clicks(), "click"),
                s.first() == null ? "same items in the same order" : "same item and time",
                Figures.count(duplicates.sessions(), "session")));
  }

  private static void print(SuspectedBots bots, PrintWriter stdout) {
    for (int i = 0; i < bots.sessions().size(); i++) {
      SuspectedBots.Suspect suspect = bots.sessions().get(i);
      row(
          stdout,
          i == 0 ? "suspected bots" : "",
          "%s: %s, %s"
              .formatted(suspect.id(), Figures.count(suspect.clicks(), "click"), suspect.reason()));
    }
    if (bots.found() > 0) {
      row(
          stdout,
          "",
          "%s with %s in total; leave out long sessions with --max-session-length"
              .formatted(
                  Figures.count(bots.found(), "such session"),
                  Figures.count(bots.clicks(), "click")));
    }
  }

  private static String span(@Nullable Instant first, @Nullable Instant last) {
    if (first == null || last == null) {
      return "none";
    }
    double days = Duration.between(first, last).toSeconds() / 86_400.0;
    return first + " to " + last + ", " + Figures.decimal(days, 1) + " days";
  }

  private static String span(Duration span) {
    return span.toDays() >= 2
        ? Figures.decimal(span.toHours() / 24.0, 1) + " days"
        : Figures.seconds(span.toMillis() / 1e3);
  }

  private static void print(List<Filters.Step> steps, PrintWriter stdout) {
    stdout.println("filters would drop, step by step:");
    TextTable table = new TextTable(
        List.of("  what", "sessions", "clicks", "items", "kept: sessions", "clicks", "items"));
    for (Filters.Step step : steps) {
      table.add(List.of(
          "  " + step.rule(),
          Figures.count(step.sessionsDropped()),
          Figures.count(step.clicksDropped()),
          Figures.count(step.itemsDropped()),
          Figures.count(step.sessions()),
          Figures.count(step.clicks()),
          Figures.count(step.items())));
    }
    table.lines().forEach(stdout::println);
  }

  private static void print(LoadSpeed speed, PrintWriter stdout) {
    row(
        stdout,
        "speed",
        "%s clicks/s: %s for %s bytes, merely reading them takes %s"
            .formatted(
                Figures.count(Math.round(speed.clicksPerSecond())),
                precise(speed.seconds()),
                Figures.count(speed.bytes()),
                precise(speed.bareSeconds())));
  }

  private static String precise(double seconds) {
    return Figures.decimal(seconds, 3) + " s";
  }

  private static void row(PrintWriter stdout, String name, String value) {
    stdout.printf(Locale.ROOT, "%-20s%s%n", name, value);
  }

  /** The JSON; what a log does not have is absent rather than null. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  private record Inspection(
      int clicks,
      int sessions,
      String sessionsBy,
      int items,
      @Nullable String first,
      @Nullable String last,
      SessionStatistics.Lengths lengths,
      @Nullable Map<String, Double> spanSeconds,
      double repeatShare,
      List<SessionStatistics.ItemClicks> top,
      Duplicates duplicates,
      SuspectedBots bots,
      List<Filters.Step> filters,
      List<Map<String, Object>> files,
      List<String> warnings,
      @Nullable LoadSpeed speed) {}

  private static void writeJson(
      Path file,
      LoadReport report,
      SessionStatistics s,
      SuspectedBots bots,
      List<Filters.Step> steps,
      @Nullable LoadSpeed speed)
      throws IOException {
    Inspection inspection = new Inspection(
        s.clicks(),
        s.sessions(),
        report.sessionsBy().label(),
        s.items(),
        s.first() == null ? null : s.first().toString(),
        s.last() == null ? null : s.last().toString(),
        s.lengths(),
        spanSeconds(s.spans()),
        s.repeatShare(),
        s.top(),
        report.duplicates(),
        bots,
        steps,
        report.files().stream().map(InspectCommand::tree).toList(),
        report.warnings(),
        speed);
    JsonFile.write(file, inspection);
  }

  private static @Nullable Map<String, Double> spanSeconds(
      SessionStatistics.@Nullable Spans spans) {
    if (spans == null) {
      return null;
    }
    Map<String, Double> seconds = new LinkedHashMap<>();
    seconds.put("median", spans.median().toMillis() / 1e3);
    seconds.put("p75", spans.p75().toMillis() / 1e3);
    seconds.put("p90", spans.p90().toMillis() / 1e3);
    return seconds;
  }

  private static Map<String, Object> tree(FileReport file) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("path", file.path().toString());
    tree.put("format", file.format() == null ? "empty" : file.format().label());
    tree.put("compression", file.compression());
    tree.put("bytes", file.bytes());
    tree.put("lines", file.lines());
    tree.put("clicks", file.clicks());
    tree.put("badLines", file.badLines());
    tree.put("samples", file.samples());
    tree.put("takenActions", file.takenActions());
    tree.put("otherActions", file.otherActions());
    tree.put("repeatedHeaders", file.repeatedHeaders());
    return tree;
  }
}
