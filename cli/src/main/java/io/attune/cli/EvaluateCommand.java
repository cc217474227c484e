package io.attune.cli;

import io.attune.baseline.Baseline;
import io.attune.baseline.Ensemble;
import io.attune.cli.EvaluationReport.Entry;
import io.attune.cli.EvaluationReport.Kind;
import io.attune.evaluation.Evaluation;
import io.attune.evaluation.ItemCounts;
import io.attune.evaluation.LeakChecks;
import io.attune.evaluation.Metric;
import io.attune.evaluation.Predictions;
import io.attune.evaluation.Slicing;
import io.attune.evaluation.Ties;
import io.attune.evaluation.Windows;
import io.attune.log.DataHash;
import io.attune.model.Manifest;
import io.attune.recommender.Popularity;
import io.attune.recommender.Recommender;
import io.attune.recommender.SparseRecommender;
import io.attune.saved.SavedModel;
import io.attune.session.Filters;
import io.attune.session.Filters.UnknownItems;
import io.attune.session.Holdout;
import io.attune.session.Sessions;
import io.attune.session.Split;
import io.attune.session.Vocabulary;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
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

  /** What becomes of test clicks on items that a model does not know. */
  enum Unknown {
    MISS(UnknownItems.KEEP),
    DROP(UnknownItems.DROP);

    private final UnknownItems items;

    Unknown(UnknownItems items) {
      this.items = items;
    }
  }

  @Spec
  private CommandSpec spec;

  @Option(
      names = "--model",
      paramLabel = "MODEL",
      arity = "1..*",
      description = "Directories of models; name the logs before them.")
  private List<Path> paths = new ArrayList<>();

  @Option(
      names = "--baseline",
      paramLabel = "NAME[:SETTING=VALUE,...]",
      arity = "1..*",
      description = "Baselines beside the models, such as pop, v-sknn or v-sknn:k=100,sample=1000;"
          + " commas part several. Names: pop, recent-pop, s-pop, item-knn, ar, sr, markov, v-sknn,"
          + " vmis-knn, stan. They learn from --train, or from what --holdout leaves.")
  private List<String> baselineTexts = new ArrayList<>();

  @Option(
      names = "--ensemble",
      paramLabel = "NAME[:SETTING=VALUE,...]",
      description = "Each model together with this baseline as well, such as v-sknn or vmis-knn:"
          + " softmax of the model + weight x the baseline's best 200 scaled to sum 1.")
  private @Nullable String ensemble;

  @Option(
      names = "--ensemble-weight",
      paramLabel = "W",
      defaultValue = "1",
      description = "How much the baseline counts in an ensemble (default: ${DEFAULT-VALUE}).")
  private double ensembleWeight = 1;

  @Option(
      names = "--ensemble-validation",
      paramLabel = "LOG",
      arity = "1..*",
      description = "Choose the ensemble's weight by MRR@20 on these sessions, which neither the"
          + " model nor the baseline may have been trained on.")
  private List<Path> ensembleValidation = new ArrayList<>();

  @Option(
      names = "--train",
      paramLabel = "LOG",
      arity = "1..*",
      description = "What baselines learn from, instead of what --holdout leaves of the log; read"
          + " like the other logs.")
  private List<Path> training = new ArrayList<>();

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
  private Unknown unknown = Unknown.MISS;

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
  private List<Path> runs = new ArrayList<>();

  @Option(
      names = "--qrels",
      paramLabel = "FILE",
      description = "Which items are relevant to which query of the runs.")
  private @Nullable Path qrels;

  @Option(
      names = "--export",
      paramLabel = "DIR",
      description = "Write TREC runs and qrels, and the rank of each prediction.")
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
  private @Nullable Path report;

  @Option(names = "--json", paramLabel = "FILE", description = "Write the figures as JSON.")
  private @Nullable Path json;

  private List<Baseline> baselines = List.of();

  @Mixin
  private DeviceMixin device;

  @Mixin
  private FilterMixin filters;

  @Mixin
  private LogMixin log;

  @Override
  public Integer call() throws IOException, CommandFailure {
    requireCutoffs();
    if (!runs.isEmpty() || qrels != null) {
      publish(
          RunEvaluation.of(spec, runs, qrels, paths.isEmpty() && !log.isGiven(), cutoffs, ties));
      return 0;
    }
    log.logs();
    check();
    Console console = Console.of(spec);
    try (Opened models = open()) {
      evaluate(models.byName, console);
    }
    return 0;
  }

  /** Models by their names in the table. */
  private record Opened(Map<String, SavedModel> byName) implements AutoCloseable {
    @Override
    public void close() {
      byName.values().forEach(SavedModel::close);
    }
  }

  private void evaluate(Map<String, SavedModel> models, Console console)
      throws IOException, CommandFailure {
    Sessions sessions = log.load(console).sessions();
    Split split = split(sessions);
    Sessions trained = trained(split, console);
    Sessions filtered =
        trained == null ? null : filters.filters().train(trained).sessions();
    Sessions test = test(split, sessions, vocabularies(models, filtered), console);
    Predictions predictions = Predictions.of(test, split.targets());
    ItemCounts counts = counts(models, filtered);
    // What is taught anew knows nothing of what it was taught before.
    List<String> findings = findings(retrain ? Map.of() : models, sessions, predictions, trained);
    findings.forEach(console::warn);
    FirstPass firstPass = candidates == null ? null : FirstPass.read(candidates, predictions);
    Evaluation evaluation = new Evaluation(excludeClicked, Collections.max(cutoffs), firstPass);
    Examination examination = new Examination(evaluation, predictions, ties, counts, console);
    if (retrain) {
      askAnew(examination, models, Windows.of(predictions, windows), sessions, console);
    } else {
      ask(examination, models, trained, filtered, split.targets(), console);
    }
    List<Entry> entries = new ArrayList<>(examination.entries());
    if (firstPass != null) {
      entries.add(new Entry(firstPass, Kind.BASELINE, null));
    }
    findings.addAll(examination.findings());
    examination.findings().forEach(console::warn);
    publish(EvaluationReport.of(
        conditions(split.targets()),
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
      Examination examination,
      Map<String, SavedModel> models,
      @Nullable Sessions trained,
      @Nullable Sessions filtered,
      Split.Targets targets,
      Console console)
      throws IOException, CommandFailure {
    Baseline partner = ensemble == null ? null : parse(ensemble).getFirst();
    Sessions validation = ensembleValidation.isEmpty()
        ? null
        : log.load(ensembleValidation, console).sessions();
    for (SavedModel model : models.values()) {
      List<Manifest.Epoch> epochs = model instanceof SavedModel.Neural neural
          ? neural.model().manifest().epochs()
          : List.of();
      examination.ask(model.recommender(), kind(model), epochs);
      if (partner != null && trained != null && model instanceof SavedModel.Neural) {
        Ensemble both = ensemble(model.recommender(), partner, trained, validation, targets);
        if (validation != null) {
          console.line("%s: weight %s".formatted(both.name(), both.combination().weight()));
        }
        examination.ask(both, Kind.MODEL, List.of());
      }
    }
    for (Baseline baseline : baselines) {
      try (Recommender recommender = baseline(baseline, models, filtered)) {
        examination.ask(recommender, Kind.BASELINE, List.of());
      }
    }
  }

  private void askAnew(
      Examination examination,
      Map<String, SavedModel> models,
      Windows anew,
      Sessions sessions,
      Console console)
      throws IOException, CommandFailure {
    Relearning relearning = new Relearning(filters.filters(), device.device(), console);
    for (Map.Entry<String, SavedModel> model : models.entrySet()) {
      examination.askAnew(
          model.getKey(),
          kind(model.getValue()),
          anew,
          sessions,
          before -> relearning.teach(model.getValue(), before));
    }
    for (Baseline baseline : baselines) {
      examination.askAnew(
          baseline.label(),
          Kind.BASELINE,
          anew,
          sessions,
          before -> relearning.teach(baseline, before));
    }
  }

  private static Kind kind(SavedModel model) {
    return switch (model) {
      case SavedModel.Neural neural -> Kind.MODEL;
      case SavedModel.Plain plain -> Kind.MODEL;
      case SavedModel.Simple simple -> Kind.BASELINE;
    };
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

  private void requireCutoffs() {
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
        && (!training.isEmpty()
            || ensemble != null
            || candidates != null
            || unknown == Unknown.DROP)) {
      throw usage("--retrain goes with the log alone: without --train, --ensemble, --candidates"
          + " and --unknown-items=drop");
    }
  }

  /** What baselines learn from; null where there is nothing. */
  private @Nullable Sessions trained(Split split, Console console) throws IOException {
    if (!training.isEmpty()) {
      return log.load(training, console).sessions();
    }
    return holdout instanceof Holdout.None ? null : split.trainable();
  }

  private static ItemCounts counts(Map<String, SavedModel> models, @Nullable Sessions filtered) {
    if (filtered != null) {
      return ItemCounts.of(filtered);
    }
    SavedModel first = models.values().iterator().next();
    return new ItemCounts(first.vocabulary(), first.counts());
  }

  private void check() {
    baselines = baselines();
    if (paths.isEmpty() && baselines.isEmpty()) {
      throw usage("a --model=MODEL or a --baseline=pop is missing");
    }
    boolean untaught = training.isEmpty() && holdout instanceof Holdout.None;
    if (paths.isEmpty() && untaught) {
      throw usage("--baseline without a model needs --train=LOG or --holdout to learn from");
    }
    if (ensemble != null) {
      List<Baseline> partners = parse(ensemble);
      if (partners.size() != 1 || untaught || paths.isEmpty()) {
        throw usage("--ensemble takes one baseline, a --model=MODEL, and a --train=LOG or --holdout"
            + " to learn from");
      }
    } else if (!ensembleValidation.isEmpty()) {
      throw usage("--ensemble-validation is for an --ensemble, but there is none");
    }
    if (!training.isEmpty() && baselines.isEmpty() && ensemble == null) {
      throw usage("--train is what baselines learn from, but there is no --baseline");
    }
    for (Baseline baseline : baselines) {
      if (untaught && !(baseline instanceof Baseline.Pop)) {
        throw usage("--baseline %s learns from sessions, which a model does not keep: --train=LOG"
                .formatted(baseline.name())
            + " is missing, or --holdout");
      }
    }
    filters.filters();
  }

  private List<Baseline> baselines() {
    return baselineTexts.stream()
        .flatMap(text -> parse(text).stream())
        .distinct()
        .toList();
  }

  private List<Baseline> parse(String text) {
    try {
      return Baseline.parseAll(text);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  private Opened open() throws IOException, CommandFailure {
    Set<String> taken = baselines.stream().map(Baseline::label).collect(Collectors.toSet());
    List<String> names;
    try {
      names = ModelNames.of(paths, taken);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
    Opened opened = new Opened(new LinkedHashMap<>());
    try {
      for (int i = 0; i < paths.size(); i++) {
        opened.byName.put(
            names.get(i), SavedModel.open(paths.get(i), names.get(i), device.target()));
      }
      return opened;
    } catch (IllegalStateException e) {
      opened.close();
      throw new CommandFailure(e); // no GPU
    } catch (IOException e) {
      opened.close();
      throw e;
    }
  }

  private Split split(Sessions sessions) throws CommandFailure {
    try {
      return holdout.split(sessions);
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(e);
    }
  }

  private List<Vocabulary> vocabularies(
      Map<String, SavedModel> models, @Nullable Sessions filtered) {
    List<Vocabulary> vocabularies = new ArrayList<>();
    models.values().forEach(model -> vocabularies.add(model.vocabulary()));
    if (filtered != null) {
      vocabularies.add(filtered.vocabulary());
    }
    return vocabularies;
  }

  /** What is tested; with several models and unknown items dropped, what all of them know. */
  private Sessions test(
      Split split, Sessions sessions, List<Vocabulary> vocabularies, Console console)
      throws CommandFailure {
    Sessions test = holdout instanceof Holdout.None ? sessions : split.test();
    if (split.sessionsNotTested() > 0) {
      console.line("not tested: %s that %s"
          .formatted(
              Figures.count(split.sessionsNotTested(), "session"),
              split.cut() == null
                  ? "have fewer than 3 clicks"
                  : "began before the cut at " + split.cut()));
    }
    for (Vocabulary vocabulary : vocabularies) {
      Filters.Filtered filtered = filters.filters().test(test, vocabulary, unknown.items);
      for (Filters.Step step : filtered.steps()) {
        if (step.sessionsDropped() > 0 || step.clicksDropped() > 0) {
          console.line("dropped: " + TrainCommand.dropped(step));
        }
      }
      test = filtered.sessions();
      if (unknown == Unknown.MISS) {
        break; // Every recommender looks up its own items.
      }
    }
    if (Predictions.of(test, split.targets()).size() == 0) {
      throw new CommandFailure("there is nothing to predict: no tested session has two clicks"
          + (unknown == Unknown.DROP ? " on known items" : ""));
    }
    return test;
  }

  /** Where the test is easier than the future would be. */
  private List<String> findings(
      Map<String, SavedModel> models,
      Sessions sessions,
      Predictions predictions,
      @Nullable Sessions trained) {
    List<String> findings = new ArrayList<>();
    String hash = DataHash.of(sessions);
    models.forEach((name, saved) -> {
      ItemCounts own = new ItemCounts(saved.vocabulary(), saved.counts());
      findings.addAll(LeakChecks.untrained(name, predictions, own, saved.vocabulary()));
      if (!(saved instanceof SavedModel.Neural neural)) {
        return; // It keeps no word of what it was trained on.
      }
      Manifest.Provenance made = neural.model().manifest().provenance();
      boolean same = made.dataHash().equals(hash);
      boolean bothLastClick =
          holdout instanceof Holdout.LastClick && made.holdout().equals(holdout.toString());
      if (same && holdout instanceof Holdout.None) {
        findings.add(name + " was trained on this very log and nothing is held out: use --holdout");
      } else if (made.lastClick() != null && !bothLastClick) {
        findings.addAll(LeakChecks.older(name, predictions, Instant.parse(made.lastClick())));
      } else if (same && !made.holdout().equals(holdout.toString())) {
        findings.add("%s was trained on this very log with --holdout %s, not %s"
            .formatted(name, made.holdout(), holdout));
      }
    });
    if (!training.isEmpty() && trained != null) {
      if (trained.hasTimes()) {
        long newest = Long.MIN_VALUE;
        for (int session = 0; session < trained.size(); session++) {
          newest = Math.max(newest, trained.time(trained.end(session) - 1));
        }
        findings.addAll(LeakChecks.older("--train", predictions, Instant.ofEpochMilli(newest)));
      }
    }
    if (trained != null) {
      findings.addAll(LeakChecks.duplicates(predictions, trained));
    }
    return findings;
  }

  private Recommender baseline(
      Baseline baseline, Map<String, SavedModel> models, @Nullable Sessions filtered)
      throws CommandFailure {
    if (filtered == null) {
      SavedModel first = models.values().iterator().next();
      return new Popularity(first.vocabulary(), first.counts());
    }
    try {
      return baseline.train(filtered);
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(e);
    }
  }

  private Ensemble ensemble(
      Recommender model,
      Baseline partner,
      Sessions trained,
      @Nullable Sessions validation,
      Split.Targets targets)
      throws CommandFailure {
    try {
      Recommender learned = partner.train(trained.recode(model.vocabulary()));
      if (!(learned instanceof SparseRecommender sparse)) {
        throw new CommandFailure(
            "an ensemble needs a baseline that compares items or sessions, such as v-sknn, not "
                + partner.name());
      }
      Ensemble both = new Ensemble(
          model.name() + "+" + partner.label(),
          model,
          sparse,
          Ensemble.USUAL.withWeight(ensembleWeight));
      return validation == null
          ? both
          : both.chooseWeight(
              Ensemble.WEIGHTS, validation, targets, new Metric(Metric.Measure.MRR, 20));
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(e);
    }
  }

  /** Under what conditions the figures were found, for the JSON file. */
  private Map<String, Object> conditions(Split.Targets targets) {
    Map<String, Object> conditions = new LinkedHashMap<>();
    conditions.put("holdout", holdout.toString());
    conditions.put("targets", targets == Split.Targets.LAST ? "last" : "after-first");
    conditions.put("unknownItems", unknown == Unknown.MISS ? "miss" : "drop");
    conditions.put("excludeClicked", excludeClicked);
    conditions.put("retrained", retrain);
    conditions.put("ties", ties.name().toLowerCase(Locale.ROOT));
    return conditions;
  }
}
