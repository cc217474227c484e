package io.attune.cli;

import io.attune.batch.BatchOptions;
import io.attune.batch.BatchOptions.Fallback;
import io.attune.batch.BatchOptions.Search;
import io.attune.batch.BatchRecommender;
import io.attune.batch.BatchRun;
import io.attune.batch.BatchRun.ExistingParts;
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

/** {@code attune recommend}: writes recommendations for the sessions of a log. */
@Command(
    name = "recommend",
    description = "Writes the recommended items for each session of a log.",
    customSynopsis = "attune recommend LOG... --model MODEL --out FILE [OPTION]...",
    mixinStandardHelpOptions = true,
    versionProvider = Attune.Version.class,
    sortOptions = false,
    footerHeading = "%nExample:%n",
    footer = {
      "  attune recommend clicks.csv.gz --model model --top 20 --out next.parquet",
      "  attune recommend clicks.csv.gz --model model --steps 5 --out continued.csv",
      "",
      "Partial results are kept in FILE.parts, so an interrupted run resumes when the same command",
      "is given again. FILE is written, or replaced, at the end."
    })
final class RecommendCommand implements Callable<Integer> {
  /** The approximate number of items per part: a few seconds of work. */
  private static final int PART_ITEMS = 400_000;

  /** How many sequences are kept where nothing is said. */
  static final int BEAM = 4;

  @Spec
  private CommandSpec spec;

  @Option(
      names = "--model",
      paramLabel = "MODEL",
      required = true,
      description =
          "The directory of a model or of a saved baseline; put the logs before this" + " option.")
  @FileUse(FileUse.Kind.READ_MODEL)
  private Path path = Path.of("");

  @Option(
      names = "--top",
      paramLabel = "K",
      defaultValue = "20",
      description = "Maximum number of items per session (default: ${DEFAULT-VALUE}).")
  @Bounds(min = 1, max = 10_000)
  private int top;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      required = true,
      description = "The output file; its extension selects the format: .csv, .jsonl, .parquet, or"
          + " .trec for trec_eval.")
  @FileUse(FileUse.Kind.WRITE_FILE)
  private Path out = Path.of("");

  @Option(
      names = "--exclude-clicked",
      description = "Do not recommend items that the session has clicked.")
  private boolean excludeClicked;

  @Option(
      names = "--min-score",
      paramLabel = "S",
      description = "Leave out items with a lower score, on the scale of the model.")
  @Bounds
  private @Nullable Float minScore;

  @Option(
      names = "--fallback",
      paramLabel = "popular|none",
      defaultValue = "popular",
      description = "What to recommend for sessions without known items: the most clicked items of"
          + " training, marked as fallback, or none (default: ${DEFAULT-VALUE}).")
  private Fallback fallback = Fallback.POPULAR;

  @Option(
      names = "--approximate",
      description = "Compare sessions with a part of each item vector, which is faster but may miss"
          + " some of the best items; the recall is measured and printed.")
  private boolean approximate;

  @Option(
      names = "--steps",
      paramLabel = "N",
      description = "Continue each session instead: recommend its most likely next N clicks as one"
          + " sequence, in their order. Scores are probabilities, --min-score ends a sequence, and"
          + " with --exclude-clicked no item comes twice.")
  @Bounds(min = 1, max = 1_000)
  private @Nullable Integer steps;

  @Option(
      names = "--beam",
      paramLabel = "B",
      description = "Number of sequences that --steps keeps after each click; time grows with it"
          + " (default: " + BEAM + ").")
  @Bounds(min = 1, max = 1_000)
  private @Nullable Integer beam;

  @Option(names = "--restart", description = "Discard the partial results of an interrupted run.")
  private boolean restart;

  @Option(
      names = "--part-sessions",
      paramLabel = "N",
      description = "Sessions per partial result, which is the most that is repeated after an"
          + " interruption (default: as many as yield about 400,000 items).")
  @Bounds(min = 1, max = 10_000_000)
  private @Nullable Integer partSessions;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Number of threads (default: one per core).")
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
    int part = partSessions == null ? partSessions(options.top()) : partSessions;
    int workers = threads == null ? Runtime.getRuntime().availableProcessors() : threads;
    Torch.computeOnCallingThread();
    Console console = Console.of(spec);
    Map<String, String> texts = candidates.texts();
    try (SavedModel model = device.open(path, ModelNames.of(path), texts)) {
      candidates.requireUse(model);
      Candidates allowed = candidates.of(model.vocabulary(), console);
      Sessions sessions = sessions(format, model.vocabulary(), console);
      BatchRun run =
          new BatchRun(out, format, provenance(model, options, allowed, texts), sessions, part);
      try (BatchRecommender recommender = recommender(model, allowed, options, workers)) {
        run(run, recommender, console);
      }
    }
    return 0;
  }

  private BatchRecommender recommender(
      SavedModel model, Candidates allowed, BatchOptions options, int workers)
      throws CommandFailure {
    if (steps == null) {
      return BatchRecommender.of(model, allowed, options, workers);
    }
    try {
      int width = beam == null ? BEAM : beam;
      return BatchRecommender.continuing(model, allowed, options, width, workers);
    } catch (IllegalArgumentException e) {
      throw new CommandFailure("--steps: " + e.getMessage());
    }
  }

  /** A sequence takes the work of hundreds of lists. */
  private int partSessions(int items) {
    return steps == null ? Math.clamp(PART_ITEMS / items, 64, 16_384) : 1_024;
  }

  private BatchOptions options() {
    boolean topGiven = spec.commandLine().getParseResult().hasMatchedOption("--top");
    if (steps != null && (topGiven || approximate)) {
      throw WrongUsage.of(spec, "--steps cannot be combined with --top or --approximate");
    }
    if (steps == null && beam != null) {
      throw WrongUsage.of(spec, "--beam needs --steps");
    }
    try {
      Search search = approximate ? Search.APPROXIMATE : Search.EXACT;
      return new BatchOptions(
          steps == null ? top : steps, excludeClicked, minScore, fallback, search);
    } catch (IllegalArgumentException e) {
      throw WrongUsage.of(spec, e);
    }
  }

  private OutputFormat format() throws CommandFailure {
    try {
      OutputFormat format = OutputFormat.of(out);
      if (steps != null && format == OutputFormat.TREC) {
        throw WrongUsage.of(
            spec,
            "--steps cannot write a TREC run, which is ordered by score; choose another format");
      }
      if (Files.isDirectory(out)) {
        throw new CommandFailure(out + ": is a directory");
      }
      return format;
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--out: " + e.getMessage(), e);
    }
  }

  /** The sessions of the log, in the rows of the model. */
  private Sessions sessions(OutputFormat format, Vocabulary vocabulary, Console console)
      throws IOException, CommandFailure {
    ClickLog.Loaded loaded = log.load(console);
    long repeated =
        loaded.report().files().stream().mapToLong(FileReport::repeatedIds).sum();
    if (repeated > 0 && format == OutputFormat.TREC) {
      throw new CommandFailure(("%s the id of an earlier session, and a TREC run cannot tell them"
              + " apart: choose another format")
          .formatted(Figures.count(repeated, "session has", "sessions have")));
    }
    Sessions sessions = loaded.sessions().recode(vocabulary);
    long unknown = 0;
    for (int session = 0; session < sessions.size(); session++) {
      for (int click = sessions.start(session); click < sessions.end(session); click++) {
        unknown += sessions.item(click) == Vocabulary.UNKNOWN ? 1 : 0;
      }
    }
    if (unknown > 0) {
      console.line("skipped: %s of %s, on items unknown to the model"
          .formatted(Figures.count(unknown), Figures.count(sessions.clicks(), "click")));
    }
    return sessions;
  }

  private Map<String, String> provenance(
      SavedModel model, BatchOptions options, Candidates allowed, Map<String, String> texts)
      throws CommandFailure {
    Map<String, String> provenance = new TreeMap<>();
    provenance.put("attune", Attune.Version.number());
    provenance.put("model", model.version());
    provenance.put("--top", Integer.toString(options.top()));
    if (steps != null) {
      provenance.put("--steps", "in a beam of " + (beam == null ? BEAM : beam));
    }
    provenance.put("--exclude-clicked", Boolean.toString(options.excludeClicked()));
    provenance.put("--min-score", String.valueOf(options.minScore()));
    provenance.put("--fallback", options.fallback().name());
    provenance.put("--approximate", Boolean.toString(options.search() == Search.APPROXIMATE));
    if (model instanceof SavedModel.Engine) {
      provenance.put("device", device.device().toString());
    }
    if (!texts.isEmpty()) {
      provenance.put("--items", String.format(Locale.ROOT, "hash %08x", texts.hashCode()));
    }
    provenance.put(
        "candidates",
        String.format(
            Locale.ROOT, "%d, hash %08x", allowed.rows().length, Arrays.hashCode(allowed.rows())));
    return provenance;
  }

  private void run(BatchRun run, BatchRecommender recommender, Console console)
      throws IOException, CommandFailure {
    int all = run.sessions().size();
    long start = console.nanoTime().getAsLong();
    BatchRun.Report report;
    try {
      report = run.run(
          recommender, restart ? ExistingParts.DISCARD : ExistingParts.RESUME, (done, resumed) -> {
            if (done == resumed && resumed > 0) {
              console.line("resuming: %s of %s were done before"
                  .formatted(Figures.count(resumed), Figures.count(all, "session")));
            }
            console.state(() -> progress(done, resumed, all, start, console));
          });
    } catch (NotFiniteException e) {
      throw new CommandFailure(e); // a score is NaN
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
            "recall: %s %% of the best %d items, measured on %s",
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
                : "; %s with popular items as fallback"
                    .formatted(Figures.count(report.fallbacks())),
            report.empty() == 0
                ? ""
                : "; %s without any".formatted(Figures.count(report.empty()))));
    stdout.flush();
  }

  private static String progress(int done, int resumed, int all, long start, Console console) {
    double share = (double) done / all;
    double rate = (done - resumed) / console.since(start);
    String left = done == resumed ? "" : ", %s left".formatted(Figures.clock((all - done) / rate));
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
