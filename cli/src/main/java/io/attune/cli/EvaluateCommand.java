package io.attune.cli;

import io.attune.baseline.Baseline;
import io.attune.cli.EvaluationReport.Entry;
import io.attune.cli.EvaluationReport.Kind;
import io.attune.evaluation.Evaluation;
import io.attune.evaluation.ItemCounts;
import io.attune.evaluation.LeakChecks;
import io.attune.evaluation.Predictions;
import io.attune.evaluation.Slicing;
import io.attune.evaluation.TestChecks;
import io.attune.evaluation.Windows;
import io.attune.metric.Ties;
import io.attune.recommender.Recommender;
import io.attune.saved.SavedModel;
import io.attune.session.Filters.UnknownItems;
import io.attune.session.Holdout;
import io.attune.session.Sessions;
import io.attune.session.Split;
import io.attune.session.Vocabulary;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
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
  private static final String LESSONS = "the baselines";

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
      description = "Teach every model and baseline anew before each of the --windows, from all"
          + " that was clicked before it: a model by its own configuration and seed.")
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
    if (!runs.isEmpty() || qrels != null) {
      publish(
          RunEvaluation.of(spec, runs, qrels, paths.isEmpty() && !log.isGiven(), cutoffs, ties));
      return 0;
    }
    log.logs();
    baselines.check(!paths.isEmpty(), holdout);
    TestRules rules = new TestRules(holdout, unknown, filters.filters());
    Console console = Console.of(spec);
    try (OpenModels models = OpenModels.open(paths, names(), device)) {
      evaluate(models, rules, console);
    }
    return 0;
  }

  private void evaluate(OpenModels models, TestRules rules, Console console)
      throws IOException, CommandFailure {
    Sessions sessions = log.load(console).sessions();
    Split split = rules.split(sessions);
    BaselineData lessons = baselines.lessons(split, holdout, log, filters, console);
    Map<String, Vocabulary> known = models.vocabularies();
    if (lessons != null) {
      known.put(LESSONS, lessons.filtered().vocabulary());
    }
    Predictions predictions = rules.predictions(sessions, split, known, console);
    List<String> headlines = new ArrayList<>();
    List<String> findings = new ArrayList<>();
    known.forEach((name, vocabulary) -> {
      headlines.addAll(TestChecks.allUnknown(name, predictions, vocabulary));
      findings.addAll(TestChecks.mostlyUnknown(name, predictions, vocabulary));
    });
    if (excludeClicked) {
      findings.addAll(TestChecks.clickedBefore(predictions));
    }
    findings.addAll(TestChecks.dominated(predictions));
    findings.addAll(leaks(models, lessons, sessions, predictions));
    headlines.forEach(console::warn);
    findings.forEach(console::warn);
    ItemCounts counts = lessons == null ? models.counts() : ItemCounts.of(lessons.filtered());
    FirstPass firstPass = candidates == null ? null : FirstPass.read(candidates, predictions);
    Evaluation evaluation = new Evaluation(excludeClicked, Collections.max(cutoffs), firstPass);
    EvaluationRunner examination =
        new EvaluationRunner(evaluation, predictions, ties, counts, console);
    if (retrain) {
      evaluateRetrained(examination, models, Windows.of(predictions, windows), sessions, console);
    } else {
      ask(examination, models, lessons, split.targets(), console);
    }
    examination.findings().forEach(console::warn);
    findings.addAll(examination.findings());
    List<Entry> entries = new ArrayList<>(examination.entries());
    if (firstPass != null) {
      entries.add(new Entry(firstPass, Kind.BASELINE, null));
    }
    publish(EvaluationReport.of(
        conditions(split.targets()),
        headlines,
        findings,
        cutoffs,
        entries,
        predictions.sessions(),
        predictions.testedSessions(),
        Slicing.all(predictions, counts, windows)));
    if (export != null) {
      EvaluationExport.write(export, predictions, entries, ties, ranks);
    }
  }

  private void ask(
      EvaluationRunner examination,
      OpenModels models,
      @Nullable BaselineData lessons,
      Split.Targets targets,
      Console console)
      throws IOException, CommandFailure {
    Ensembles ensembles = baselines.ensembles(lessons, targets, log, console);
    for (SavedModel model : models.byName().values()) {
      examination.ask(model);
      if (ensembles != null && model instanceof SavedModel.Engine) {
        examination.ask(
            EvaluatedRecommender.of(ensembles.with(model.recommender())), Kind.MODEL, List.of());
      }
    }
    for (Baseline baseline : baselines.all()) {
      try (Recommender recommender =
          lessons == null ? models.popularity() : lessons.teach(baseline)) {
        examination.ask(EvaluatedRecommender.of(recommender), Kind.BASELINE, List.of());
      }
    }
  }

  private void evaluateRetrained(
      EvaluationRunner examination,
      OpenModels models,
      Windows anew,
      Sessions sessions,
      Console console)
      throws IOException, CommandFailure {
    Retraining relearning = new Retraining(filters.filters(), device.device(), console);
    for (Map.Entry<String, SavedModel> named : models.byName().entrySet()) {
      SavedModel model = named.getValue();
      examination.evaluateRetrained(
          named.getKey(),
          Kind.of(model),
          anew,
          sessions,
          before -> relearning.teach(model, before));
    }
    for (Baseline baseline : baselines.all()) {
      examination.evaluateRetrained(
          baseline.label(),
          Kind.BASELINE,
          anew,
          sessions,
          before -> EvaluatedRecommender.of(relearning.teach(baseline, before)));
    }
  }

  private List<String> leaks(
      OpenModels models,
      @Nullable BaselineData lessons,
      Sessions sessions,
      Predictions predictions) {
    List<String> leaks = new ArrayList<>(LeakChecks.copies("the test", predictions.test()));
    // What is taught anew knows nothing of what it was taught before.
    if (!retrain) {
      leaks.addAll(LeakFindings.ofModels(models.byName(), sessions, holdout, predictions));
    }
    if (lessons != null) {
      leaks.addAll(LeakFindings.ofLessons(lessons, baselines.haveLog(), predictions));
    }
    return leaks;
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
      throw usage("--retrain teaches anew before each window of a test in time: it needs"
          + " --windows=N, 2 or more, and a --holdout such as 7d");
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

  /** Under what conditions the figures were found, for the JSON file. */
  private Map<String, Object> conditions(Split.Targets targets) {
    Map<String, Object> conditions = new LinkedHashMap<>();
    conditions.put("holdout", holdout.toString());
    conditions.put("targets", targets == Split.Targets.LAST ? "last" : "after-first");
    conditions.put("unknownItems", unknown.name().toLowerCase(Locale.ROOT));
    conditions.put("excludeClicked", excludeClicked);
    conditions.put("retrained", retrain);
    conditions.put("ties", ties.name().toLowerCase(Locale.ROOT));
    return conditions;
  }
}
