package io.attune.cli;

import io.attune.baseline.Baseline;
import io.attune.evaluation.EvaluationReport;
import io.attune.evaluation.EvaluationResult;
import io.attune.evaluation.Evaluator;
import io.attune.evaluation.Figures;
import io.attune.evaluation.RunEvaluation;
import io.attune.metric.Ties;
import io.attune.report.EvaluationExport;
import io.attune.report.EvaluationExport.RankFormat;
import io.attune.report.ReportText;
import io.attune.saved.SavedModel;
import io.attune.session.Filters.UnknownItems;
import io.attune.session.Holdout;
import io.attune.session.Vocabulary;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code attune evaluate}: measures how well models and baselines predict the next clicks. */
@Command(
    name = "evaluate",
    description = "Ranks the true next items of test sessions among all items. Reports metrics with"
        + " confidence intervals, leaks and other problems of the test, and whether a baseline"
        + " wins.",
    customSynopsis = {
      "attune evaluate LOG... --model MODEL... [OPTION]...",
      "       attune evaluate --run FILE... --qrels FILE [OPTION]..."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Attune.Version.class,
    sortOptions = false,
    footerHeading = "%nExample:%n",
    footer = "  attune evaluate clicks.csv.gz --holdout 7d --model model --baseline pop")
final class EvaluateCommand implements Callable<Integer> {
  @Spec
  private CommandSpec spec;

  @Option(
      names = "--model",
      paramLabel = "MODEL",
      arity = "1..*",
      description = "The directories of models; put the logs before this option.")
  @FileUse(FileUse.Kind.READ_MODEL)
  private List<Path> paths = new ArrayList<>();

  @Mixin
  private BaselineMixin baselines;

  @Option(
      names = "--holdout",
      paramLabel = "none|7d|12h|last-click",
      defaultValue = "none",
      description = "The part of the log to test on: all of it (none), the last days or hours, or"
          + " each session's last click (default: ${DEFAULT-VALUE}).")
  private Holdout holdout = new Holdout.None();

  @Option(
      names = "--cutoffs",
      paramLabel = "K",
      split = ",",
      defaultValue = "5,10,20",
      description = "The cutoffs of the metrics; recommenders are compared at the largest"
          + " (default: ${DEFAULT-VALUE}).")
  @Bounds(min = 1, max = 10_000)
  private List<Integer> cutoffs = new ArrayList<>();

  @Option(
      names = "--exclude-clicked",
      description = "Remove the items that a session has clicked from its candidates.")
  private boolean excludeClicked;

  @Option(
      names = "--unknown-items",
      paramLabel = "miss|drop",
      defaultValue = "miss",
      description = "Whether a click on an item that a recommender was not trained on is a miss, or"
          + " is dropped from the test as in most papers (default: ${DEFAULT-VALUE}).")
  private UnknownItems unknown = UnknownItems.MISS;

  @Option(
      names = "--ties",
      paramLabel = "conservative|median|optimistic",
      defaultValue = "conservative",
      description = "The rank of a target among items with the same score: last, in the middle, or"
          + " first (default: ${DEFAULT-VALUE}).")
  private Ties ties = Ties.CONSERVATIVE;

  @Option(
      names = "--candidates",
      paramLabel = "RUN",
      description = "Rank only the items of this TREC run, whose queries are named session or"
          + " session@clicks-before; the order of the run is evaluated too.")
  @FileUse(FileUse.Kind.READ_FILE)
  private @Nullable Path candidates;

  @Option(
      names = "--items",
      paramLabel = "ITEMS",
      description =
          "CSV or TSV of items and their texts, as for attune index. Those that came after"
              + " training are ranked by their words, by models that were trained with texts.")
  @FileUse(FileUse.Kind.READ_FILE)
  private @Nullable Path items;

  @Option(
      names = "--slices",
      description = "Also print the metrics by number of clicks before, new or repeated item,"
          + " popularity, visit of a history, hour and day.")
  private boolean slices;

  @Option(
      names = "--windows",
      paramLabel = "N",
      defaultValue = "1",
      description = "Divide the test into this many windows of equal duration, to show how a model"
          + " ages (default: ${DEFAULT-VALUE}).")
  @Bounds(min = 1, max = 1_000)
  private int windows = 1;

  @Option(
      names = "--retrain",
      description = "Retrain every model and baseline before each of the --windows, on all clicks"
          + " before the window; a model keeps its configuration and seed.")
  private boolean retrain;

  @Option(
      names = "--steps",
      paramLabel = "N",
      description = "Also compare each model's N best items with the N clicks that it continues a"
          + " session by: precision and recall of the rest of the session, in any order and in the"
          + " same order.")
  @Bounds(min = 1, max = 1_000)
  private @Nullable Integer steps;

  @Option(
      names = "--beam",
      paramLabel = "B",
      description = "Number of sequences that --steps keeps after each click (default: "
          + RecommendCommand.BEAM + ").")
  @Bounds(min = 1, max = 1_000)
  private @Nullable Integer beam;

  @Option(
      names = "--run",
      paramLabel = "FILE",
      arity = "1..*",
      description = "Evaluate TREC runs of any tool instead of models; needs --qrels and no LOG.")
  @FileUse(FileUse.Kind.READ_FILE)
  private List<Path> runs = new ArrayList<>();

  @Option(
      names = "--qrels",
      paramLabel = "FILE",
      description = "The relevance judgements for the queries of the runs.")
  @FileUse(FileUse.Kind.READ_FILE)
  private @Nullable Path qrels;

  @Option(
      names = "--export",
      paramLabel = "DIR",
      description = "Write TREC runs, qrels and the rank of each prediction to a new directory, or"
          + " replace an earlier export.")
  @FileUse(FileUse.Kind.WRITE_DIRECTORY)
  private @Nullable Path export;

  @Option(
      names = "--export-ranks",
      paramLabel = "csv|parquet",
      defaultValue = "csv",
      description = "The format of the exported ranks (default: ${DEFAULT-VALUE}).")
  private RankFormat ranks = RankFormat.CSV;

  @Mixin
  private ReportMixin report;

  @Mixin
  private DeviceMixin device;

  @Mixin
  private FilterMixin filters;

  @Mixin
  private LogMixin log;

  @Override
  public Integer call() throws IOException, CommandFailure {
    checkRetrain();
    checkSteps();
    if (export != null) {
      EvaluationExport.requireReplaceable(export);
    }
    Console console = Console.of(spec);
    try {
      if (!runs.isEmpty() || qrels != null) {
        write(evaluateRuns(console));
      } else {
        log.logs();
        baselines.check(!paths.isEmpty(), holdout);
        EvaluationResult result = evaluateModels(console);
        write(result.report());
        if (export != null) {
          EvaluationExport.write(export, result, ranks);
        }
      }
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(e);
    }
    return 0;
  }

  private EvaluationReport evaluateRuns(Console console) throws IOException {
    if (runs.isEmpty() || qrels == null || !paths.isEmpty() || log.isGiven() || items != null) {
      throw usage(
          "--run=FILE and --qrels=FILE must be used together, without LOG, --model and --items");
    }
    List<String> runNames = ModelNames.of(runs, Set.of());
    Map<String, Path> named = new LinkedHashMap<>();
    for (int i = 0; i < runs.size(); i++) {
      named.put(runNames.get(i), runs.get(i));
    }
    return RunEvaluation.of(named, qrels, cutoffs, ties, new EvaluationProgress(console));
  }

  private EvaluationResult evaluateModels(Console console) throws IOException, CommandFailure {
    Map<String, String> texts = items == null ? Map.of() : ItemsFile.texts(items);
    try (LoadedModels models = LoadedModels.open(paths, names(), device, texts)) {
      models.byName().forEach((name, model) -> noteLaterItems(name, model, texts, console));
      Evaluator evaluator = Evaluator.of(log.load(console).sessions(), console.nanoTime())
          .holdout(holdout)
          .filters(filters.filters())
          .unknownItems(unknown)
          .excludeClicked(excludeClicked)
          .ties(ties)
          .cutoffs(cutoffs)
          .windows(windows)
          .listener(new EvaluationProgress(console));
      models.byName().forEach(evaluator::model);
      baselines.configure(evaluator, log, console);
      if (candidates != null) {
        evaluator.candidates(candidates);
      }
      if (steps != null) {
        evaluator.continuing(steps, beam == null ? RecommendCommand.BEAM : beam);
      }
      if (retrain) {
        evaluator.retrain(new Retraining(filters.filters(), device.device(), console));
      }
      return evaluator.run();
    }
  }

  /** Says how items that came after training are ranked. */
  private static void noteLaterItems(
      String name, SavedModel model, Map<String, String> texts, Console console) {
    long unknown = texts.keySet().stream()
        .filter(id -> model.vocabulary().row(id) == Vocabulary.UNKNOWN)
        .count();
    if (unknown > 0 && !model.readsTexts()) {
      console.warn(name + " was trained without texts, so it does not know "
          + Figures.count(unknown, "item")
          + " of --items; --unknown-items says what a click on"
          + " one is");
    }
  }

  /** Prints a report, and writes it to the files of the options. */
  private void write(EvaluationReport result) throws IOException {
    PrintWriter stdout = spec.root().commandLine().getOut();
    ReportText.lines(result).forEach(stdout::println);
    if (slices) {
      ReportText.slices(result).forEach(stdout::println);
    }
    stdout.flush();
    report.write(result);
  }

  private void checkSteps() {
    if (steps == null && beam != null) {
      throw usage("--beam needs --steps");
    }
  }

  private void checkRetrain() {
    if (retrain && (windows < 2 || !(holdout instanceof Holdout.Last))) {
      throw usage("--retrain needs --windows=N of 2 or more and a --holdout by time, such as 7d");
    }
    if (retrain
        && (baselines.hasTrainingLog()
            || baselines.hasEnsemble()
            || candidates != null
            || items != null
            || steps != null
            || unknown == UnknownItems.DROP)) {
      throw usage("--retrain cannot be combined with --train, --ensemble, --candidates,"
          + " --items, --steps or --unknown-items=drop");
    }
  }

  /** The names of the models in tables, none of which is the name of a baseline. */
  private List<String> names() {
    try {
      return ModelNames.of(
          paths, baselines.baselines().stream().map(Baseline::label).collect(Collectors.toSet()));
    } catch (IllegalArgumentException e) {
      throw WrongUsage.of(spec, e);
    }
  }

  private ParameterException usage(String message) {
    return WrongUsage.of(spec, message);
  }
}
