package io.attune.cli;

import io.attune.batch.BatchOptions;
import io.attune.batch.BatchOptions.Fallback;
import io.attune.batch.BatchOptions.Search;
import io.attune.batch.BatchRecommender;
import io.attune.batch.BatchRun;
import io.attune.batch.Candidates;
import io.attune.batch.OutputFormat;
import io.attune.encoder.Torch;
import io.attune.evaluation.Figures;
import io.attune.log.ClickLog;
import io.attune.log.LoadReport.FileReport;
import io.attune.saved.SavedModel;
import io.attune.session.Sessions;
import io.attune.session.Vocabulary;
import io.attune.vector.NotFiniteException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code attune recommend}: the best items of every session of a log, in a file. */
@Command(
    name = "recommend",
    description = "Writes the items that the sessions of a log want next.",
    customSynopsis = "attune recommend LOG... --model MODEL --out FILE [OPTION]...",
    mixinStandardHelpOptions = true,
    versionProvider = Attune.Version.class,
    sortOptions = false,
    footerHeading = "%nExample:%n",
    footer = {
      "  attune recommend clicks.csv.gz --model model --top 20 --out next.parquet",
      "",
      "While it works, parts lie in FILE.parts. A run that was stopped goes on with them when the",
      "same command is given again; FILE appears, or is replaced, at the end."
    })
final class RecommendCommand implements Callable<Integer> {
  /** Items of a part, about: some seconds of work. */
  private static final int PART_ITEMS = 400_000;

  @Spec
  private CommandSpec spec;

  @Option(
      names = "--model",
      paramLabel = "MODEL",
      required = true,
      description = "The directory of a model, or of a baseline that was saved; name the logs"
          + " before it.")
  @FileUse(FileUse.Kind.READ_MODEL)
  private Path path = Path.of("");

  @Option(
      names = "--top",
      paramLabel = "K",
      defaultValue = "20",
      description = "The most items of a session (default: ${DEFAULT-VALUE}).")
  @Bounds(min = 1, max = 10_000)
  private int top;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      required = true,
      description = "What to write; its end tells the format: .csv, .jsonl, .parquet, or .trec"
          + " for trec_eval.")
  @FileUse(FileUse.Kind.WRITE_FILE)
  private Path out = Path.of("");

  @Option(
      names = "--exclude-clicked",
      description = "Never recommend the items that the session clicked.")
  private boolean excludeClicked;

  @Option(
      names = "--min-score",
      paramLabel = "S",
      description = "Leave out items of a lower score; scores are the model's own.")
  @Bounds
  private @Nullable Float minScore;

  @Option(
      names = "--fallback",
      paramLabel = "popular|none",
      defaultValue = "popular",
      description = "What a session gets of which nothing is known: the items clicked most in"
          + " training, marked as fallback, or none (default: ${DEFAULT-VALUE}).")
  private Fallback fallback = Fallback.POPULAR;

  @Option(
      names = "--approximate",
      description = "Compare a session with a part of every item's vector, which may miss some of"
          + " the best; how many is measured, and told.")
  private boolean approximate;

  @Option(
      names = "--restart",
      description = "Discard the parts of a stopped run, whatever they were made from.")
  private boolean restart;

  @Option(
      names = "--part-sessions",
      paramLabel = "N",
      description = "Sessions of a part, at most so many are done again after a stop; by default"
          + " some 400,000 items make a part.")
  @Bounds(min = 1, max = 10_000_000)
  private @Nullable Integer partSessions;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "How many threads work; by default one a core.")
  @Bounds(min = 1, max = 1_024)
  private @Nullable Integer threads;

  @Mixin
  private CandidatesMixin candidates;

  @Mixin
  private DeviceMixin device;

  @Mixin
  private LogMixin log;

  @Override
  public Integer call() throws IOException, CommandFailure {
    log.logs();
    BatchOptions options = options();
    OutputFormat format = format();
    candidates.check();
    BatchRun.requireWritable(out);
    int part = partSessions == null ? Math.clamp(PART_ITEMS / top, 64, 16_384) : partSessions;
    int workers = threads == null ? Runtime.getRuntime().availableProcessors() : threads;
    Torch.computeOnCallingThread();
    Console console = Console.of(spec);
    try (SavedModel model = device.open(path, ModelNames.last(path))) {
      Candidates allowed = candidates.of(model.vocabulary(), console);
      Sessions sessions = sessions(format, model.vocabulary(), console);
      BatchRun run = new BatchRun(out, format, madeFrom(model, options, allowed), sessions, part);
      try (BatchRecommender recommender = BatchRecommender.of(model, allowed, options, workers)) {
        run(run, recommender, console);
      }
    }
    return 0;
  }

  private BatchOptions options() {
    try {
      Search search = approximate ? Search.APPROXIMATE : Search.EXACT;
      return new BatchOptions(top, excludeClicked, minScore, fallback, search);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  private OutputFormat format() throws CommandFailure {
    try {
      OutputFormat format = OutputFormat.of(out);
      if (Files.isDirectory(out)) {
        throw new CommandFailure(out + ": is a directory");
      }
      return format;
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--out: " + e.getMessage(), e);
    }
  }

  /** The sessions in the model's rows. */
  private Sessions sessions(OutputFormat format, Vocabulary vocabulary, Console console)
      throws IOException, CommandFailure {
    ClickLog.Loaded loaded = log.load(console);
    long repeated =
        loaded.report().files().stream().mapToLong(FileReport::repeatedIds).sum();
    if (repeated > 0 && format == OutputFormat.TREC) {
      throw new CommandFailure(("%s share their id with an earlier one, and a TREC run could not"
              + " tell them apart: choose another format")
          .formatted(Figures.count(repeated, "session")));
    }
    Sessions sessions = loaded.sessions().recode(vocabulary);
    long unknown = 0;
    for (int session = 0; session < sessions.size(); session++) {
      for (int click = sessions.start(session); click < sessions.end(session); click++) {
        unknown += sessions.item(click) == Vocabulary.UNKNOWN ? 1 : 0;
      }
    }
    if (unknown > 0) {
      console.line("skipped: %s of %s, on items that the model does not know"
          .formatted(Figures.count(unknown, "click"), Figures.count(sessions.clicks())));
    }
    return sessions;
  }

  private Map<String, String> madeFrom(SavedModel model, BatchOptions options, Candidates allowed)
      throws CommandFailure {
    Map<String, String> madeFrom = new TreeMap<>();
    madeFrom.put("attune", Attune.Version.number());
    madeFrom.put("model", model.version());
    madeFrom.put("--top", Integer.toString(options.top()));
    madeFrom.put("--exclude-clicked", Boolean.toString(options.excludeClicked()));
    madeFrom.put("--min-score", String.valueOf(options.minScore()));
    madeFrom.put("--fallback", options.fallback().name());
    madeFrom.put("--approximate", Boolean.toString(options.search() == Search.APPROXIMATE));
    if (model instanceof SavedModel.Engine) {
      madeFrom.put("device", device.device().toString());
    }
    madeFrom.put(
        "candidates",
        String.format(
            Locale.ROOT, "%d, hash %08x", allowed.rows().length, Arrays.hashCode(allowed.rows())));
    return madeFrom;
  }

  private void run(BatchRun run, BatchRecommender recommender, Console console)
      throws IOException, CommandFailure {
    int all = run.sessions().size();
    long start = console.nanoTime().getAsLong();
    BatchRun.Report report;
    try {
      report = run.run(
          recommender,
          restart ? BatchRun.ExistingParts.DISCARD : BatchRun.ExistingParts.RESUME,
          (done, before) -> {
            if (done == before && before > 0) {
              console.line("going on: %s of %s were done before"
                  .formatted(Figures.count(before), Figures.count(all, "session")));
            }
            console.state(() -> progress(done, before, all, start, console));
          });
    } catch (NotFiniteException e) {
      // A score that is no number.
      throw new CommandFailure(e);
    }
    double seconds = console.since(start);
    console.line("recommended for %s in %s, %s/s"
        .formatted(
            Figures.count(all - report.resumed(), "session"),
            Figures.seconds(seconds),
            Figures.count(Math.round((all - report.resumed()) / seconds))));
    PrintWriter stdout = spec.root().commandLine().getOut();
    recommender
        .recall()
        .ifPresent(recall -> stdout.println(String.format(
            Locale.ROOT,
            "%s %% of the best %d were found, as %s show",
            Figures.percent(recall.recall()),
            top,
            Figures.count(recall.sessions(), "session"))));
    stdout.println("%s: %s for %s%s%s"
        .formatted(
            run.out(),
            Figures.count(report.items(), "recommendation"),
            Figures.count(all, "session"),
            report.fallbacks() == 0
                ? ""
                : "; %s got popular items".formatted(Figures.count(report.fallbacks())),
            report.empty() == 0
                ? ""
                : "; %s got nothing".formatted(Figures.count(report.empty()))));
    stdout.flush();
  }

  private static String progress(int done, int before, int all, long start, Console console) {
    double share = (double) done / all;
    double rate = (done - before) / console.since(start);
    String left = done == before ? "" : ", %s left".formatted(Figures.clock((all - done) / rate));
    return String.format(
        Locale.ROOT,
        "recommending %s%2.0f %% of %s, %,.0f/s%s",
        console.bar(share),
        100 * share,
        Figures.count(all, "session"),
        rate,
        left);
  }
}
