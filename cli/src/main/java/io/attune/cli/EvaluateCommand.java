package io.attune.cli;

import io.attune.baseline.Baseline;
import io.attune.evaluation.EvaluationReport;
import io.attune.evaluation.EvaluationResult;
import io.attune.evaluation.Evaluator;
import io.attune.evaluation.RunEvaluation;
import io.attune.metric.Ties;
import io.attune.report.EvaluationExport;
import io.attune.report.RankTable;
import io.attune.report.ReportJson;
import io.attune.report.ReportPage;
import io.attune.report.ReportText;
import io.attune.session.Filters.UnknownItems;
import io.attune.session.Holdout;
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

/** {@code attune evaluate}: where models rank the items that visitors clicked next. */
@Command(
    name = "evaluate",
    description = "Ranks the true next clicks of test sessions among all items, and says how sure"
        + " the figures are, what makes them doubtful, and whether a simple baseline wins.",
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
      description = "Directories of models; name the logs before them.")
  @FileUse(FileUse.Kind.READ_MODEL)
  private List<Path> paths = new ArrayList<>();

  @Mixin
  private BaselineMixin baselines;

  @Option(
      names = "--holdout",
      paramLabel = "none|7d|12h|last-click",
      defaultValue = "none",
      description = "What to test on: all, the last days or hours, or each session's last click"
          + " (default: ${DEFAULT-VALUE}).")
  private Holdout holdout = new Holdout.None();

  @Option(
      names = "--cutoffs",
      paramLabel = "K",
      split = ",",
      defaultValue = "5,10,20",
      description = "The cutoffs of the metrics; the largest has the intervals and the tests"
          + " (default: ${DEFAULT-VALUE}).")
  @Bounds(min = 1, max = 10_000)
  private List<Integer> cutoffs = new ArrayList<>();

  @Option(
      names = "--exclude-clicked",
      description = "Never rank the items that the session clicked already.")
  private boolean excludeClicked;

  @Option(
      names = "--unknown-items",
      paramLabel = "miss|drop",
      defaultValue = "miss",
      description = "A next click on an item that no training saw is a miss, or is dropped from"
          + " the test as in the literature (default: ${DEFAULT-VALUE}).")
  private UnknownItems unknown = UnknownItems.MISS;

  @Option(
      names = "--ties",
      paramLabel = "conservative|median|optimistic",
      defaultValue = "conservative",
      description = "Where a target stands among items of its very score: behind, amid or before"
          + " them (default: ${DEFAULT-VALUE}).")
  private Ties ties = Ties.CONSERVATIVE;

  @Option(
      names = "--candidates",
      paramLabel = "RUN",
      description = "Rank these items alone: a TREC run whose queries are sessions, or"
          + " session@clicks-before; its own order is evaluated as well.")
  @FileUse(FileUse.Kind.READ_FILE)
  private @Nullable Path candidates;

  @Option(
      names = "--slices",
      description = "Print the metrics by clicks before, repeated or new item, popularity, hour and"
          + " day as well.")
  private boolean slices;

  @Option(
      names = "--windows",
      paramLabel = "N",
      defaultValue = "1",
      description = "Cut the test into so many windows of equal duration, oldest first, for the"
          + " slices: shows how a model ages.")
  @Bounds(min = 1, max = 1_000)
  private int windows = 1;

  @Option(
      names = "--retrain",
      description = "Retrain every model and baseline before each of the --windows, on all clicks"
          + " before it: a model by its own configuration and seed.")
  private boolean retrain;

  @Option(
      names = "--run",
      paramLabel = "FILE",
      arity = "1..*",
      description = "Evaluate TREC runs of anybody instead of models; needs --qrels, and no LOG.")
  @FileUse(FileUse.Kind.READ_FILE)
  private List<Path> runs = new ArrayList<>();

  @Option(
      names = "--qrels",
      paramLabel = "FILE",
      description = "Which items are relevant to which query of the runs.")
  @FileUse(FileUse.Kind.READ_FILE)
  private @Nullable Path qrels;

  @Option(
      names = "--export",
      paramLabel = "DIR",
      description = "Write TREC runs and qrels, and the rank of each prediction, to a new directory"
          + " or over an earlier export.")
  @FileUse(FileUse.Kind.WRITE_DIRECTORY)
  private @Nullable Path export;

  @Option(
      names = "--export-ranks",
      paramLabel = "csv|parquet",
      defaultValue = "csv",
      description = "The format of the exported ranks (default: ${DEFAULT-VALUE}).")
  private RankTable.Format ranks = RankTable.Format.CSV;

  @Option(
      names = "--report",
      paramLabel = "FILE.html",
      description = "Write a page with tables and charts.")
  @FileUse(FileUse.Kind.WRITE_FILE)
  private @Nullable Path report;

  @Option(names = "--json", paramLabel = "FILE", description = "Write the figures as JSON.")
  @FileUse(FileUse.Kind.WRITE_FILE)
  private @Nullable Path json;

  @Mixin
  private DeviceMixin device;

  @Mixin
  private FilterMixin filters;

  @Mixin
  private LogMixin log;

  @Override
  public Integer call() throws IOException, CommandFailure {
    checkFigures();
    if (export != null) {
      EvaluationExport.requireOurs(export);
    }
    Console console = Console.of(spec);
    try {
      if (!runs.isEmpty() || qrels != null) {
        publish(evaluateRuns(console));
      } else {
        log.logs();
        baselines.check(!paths.isEmpty(), holdout);
        EvaluationResult result = evaluateModels(console);
        publish(result.report());
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
    if (runs.isEmpty() || qrels == null || !paths.isEmpty() || log.isGiven()) {
      throw usage("--run=FILE and --qrels=FILE go together, without a LOG or a --model");
    }
    List<String> runNames = ModelNames.of(runs, Set.of());
    Map<String, Path> named = new LinkedHashMap<>();
    for (int i = 0; i < runs.size(); i++) {
      named.put(runNames.get(i), runs.get(i));
    }
    return RunEvaluation.of(named, qrels, cutoffs, ties, new EvaluationProgress(console));
  }

  private EvaluationResult evaluateModels(Console console) throws IOException, CommandFailure {
    try (OpenModels models = OpenModels.open(paths, names(), device)) {
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
      baselines.addTo(evaluator, log, console);
      if (candidates != null) {
        evaluator.candidates(candidates);
      }
      if (retrain) {
        evaluator.retrain(new Retraining(filters.filters(), device.device(), console));
      }
      return evaluator.run();
    }
  }

  /** Prints, and writes what was asked for. */
  private void publish(EvaluationReport found) throws IOException {
    PrintWriter stdout = spec.root().commandLine().getOut();
    ReportText.lines(found).forEach(stdout::println);
    if (slices) {
      ReportText.slices(found).forEach(stdout::println);
    }
    stdout.flush();
    if (json != null) {
      ReportJson.write(found, json);
    }
    if (report != null) {
      ReportPage.write(found, report);
    }
  }

  /** Wrong usage of what runs and models have in common, and of windows. */
  private void checkFigures() {
    for (int cutoff : cutoffs) {
      if (cutoff < 1) {
        throw usage("a cutoff must be 1 or more, not " + cutoff);
      }
    }
    if (windows < 1) {
      throw usage("--windows must be 1 or more, not " + windows);
    }
    if (retrain && (windows < 2 || !(holdout instanceof Holdout.Last))) {
      throw usage(
          "--retrain trains again before each window of a test in time: it needs --windows=N,"
              + " 2 or more, and a --holdout such as 7d");
    }
    if (retrain
        && (baselines.haveLog()
            || baselines.haveEnsemble()
            || candidates != null
            || unknown == UnknownItems.DROP)) {
      throw usage("--retrain goes with the log alone: without --train, --ensemble, --candidates"
          + " and --unknown-items=drop");
    }
  }

  /** The models' names in the table, which no baseline has. */
  private List<String> names() {
    try {
      return ModelNames.of(
          paths, baselines.all().stream().map(Baseline::label).collect(Collectors.toSet()));
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
