package io.attune.cli;

import ai.djl.Device;
import io.attune.baseline.Baseline;
import io.attune.baseline.Ensemble;
import io.attune.encoder.NeuralRecommender;
import io.attune.evaluation.Evaluation;
import io.attune.evaluation.Metric;
import io.attune.log.DataHash;
import io.attune.model.Manifest;
import io.attune.model.Model;
import io.attune.recommender.Popularity;
import io.attune.recommender.Recommender;
import io.attune.recommender.SparseRecommender;
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
    description = "Ranks the true next clicks of test sessions among all items.",
    customSynopsis = "attune evaluate LOG... --model MODEL... [OPTION]...",
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
          + " vmis-knn, stan. All but pop need --train.")
  private List<String> baselineTexts = new ArrayList<>();

  @Option(
      names = "--ensemble",
      paramLabel = "NAME[:SETTING=VALUE,...]",
      description = "Each model together with this baseline as well, such as v-sknn or vmis-knn:"
          + " softmax of the model + weight x the baseline's best 200 scaled to sum 1. Needs"
          + " --train.")
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
      description = "What baselines learn from, instead of what the first model keeps of its"
          + " training; read like the other logs.")
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
      description = "The cutoffs of HR, MRR and NDCG (default: ${DEFAULT-VALUE}).")
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
    log.logs();
    check();
    List<Metric> metrics = metrics();
    Map<String, Model> models = load();
    Device where = device.device();
    Console console = Console.of(spec);
    Sessions sessions = log.load(console).sessions();
    Sessions trained = training.isEmpty() ? null : log.load(training, console).sessions();
    Sessions filtered =
        trained == null ? null : filters.filters().train(trained).sessions();
    Baseline partner = ensemble == null ? null : parse(ensemble).getFirst();
    Sessions validation = ensembleValidation.isEmpty()
        ? null
        : log.load(ensembleValidation, console).sessions();
    Split split = split(sessions);
    Sessions test = test(split, sessions, vocabularies(models, filtered), console);
    List<String> warnings = warnings(models, sessions, test, split.targets(), trained);
    warnings.forEach(console::warn);
    EvaluationTable table =
        new EvaluationTable(new Evaluation(split.targets(), excludeClicked), metrics);
    for (Map.Entry<String, Model> model : models.entrySet()) {
      try (Recommender recommender = recommender(model.getValue(), model.getKey(), where)) {
        table.evaluate(recommender, test, console);
        if (partner != null && trained != null) {
          Ensemble both = ensemble(recommender, partner, trained, validation, split.targets());
          if (validation != null) {
            console.line(
                "%s: weight %s".formatted(both.name(), both.combination().weight()));
          }
          table.evaluate(both, test, console);
        }
      }
    }
    for (Baseline baseline : baselines) {
      try (Recommender recommender = baseline(baseline, models, filtered)) {
        table.evaluate(recommender, test, console);
      }
    }
    PrintWriter stdout = spec.root().commandLine().getOut();
    table.lines().forEach(stdout::println);
    stdout.flush();
    if (json != null) {
      table.writeJson(json, conditions(split.targets(), warnings));
    }
    return 0;
  }

  private void check() {
    baselines = baselines();
    if (paths.isEmpty() && baselines.isEmpty()) {
      throw usage("a --model=MODEL or a --baseline=pop is missing");
    }
    if (paths.isEmpty() && training.isEmpty()) {
      throw usage("--baseline without a model needs --train=LOG to learn from");
    }
    if (ensemble != null) {
      List<Baseline> partners = parse(ensemble);
      if (partners.size() != 1 || training.isEmpty() || paths.isEmpty()) {
        throw usage(
            "--ensemble takes one baseline, a --model=MODEL, and a --train=LOG to learn from");
      }
    } else if (!ensembleValidation.isEmpty()) {
      throw usage("--ensemble-validation is for an --ensemble, but there is none");
    }
    if (!training.isEmpty() && baselines.isEmpty() && ensemble == null) {
      throw usage("--train is what baselines learn from, but there is no --baseline");
    }
    for (Baseline baseline : baselines) {
      if (training.isEmpty() && !(baseline instanceof Baseline.Pop)) {
        throw usage("--baseline %s learns from sessions, which a model does not keep: --train=LOG"
                .formatted(baseline.name())
            + " is missing");
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

  private List<Metric> metrics() {
    List<Metric> metrics = new ArrayList<>();
    for (Metric.Measure measure : Metric.Measure.values()) {
      for (int cutoff : cutoffs.stream().distinct().toList()) {
        try {
          metrics.add(new Metric(measure, cutoff));
        } catch (IllegalArgumentException e) {
          throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
      }
    }
    return metrics;
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  /** The models by their names in the table. */
  private Map<String, Model> load() throws IOException {
    Set<String> taken = baselines.stream().map(Baseline::label).collect(Collectors.toSet());
    Map<String, Model> models = new LinkedHashMap<>();
    List<String> names;
    try {
      names = ModelNames.of(paths, taken);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
    for (int i = 0; i < paths.size(); i++) {
      models.put(names.get(i), Model.load(paths.get(i)));
    }
    return models;
  }

  private Split split(Sessions sessions) throws CommandFailure {
    try {
      return holdout.split(sessions);
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(e);
    }
  }

  private List<Vocabulary> vocabularies(Map<String, Model> models, @Nullable Sessions filtered) {
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
    if (EvaluationTable.predictions(test, split.targets()) == 0) {
      throw new CommandFailure("there is nothing to predict: no tested session has two clicks"
          + (unknown == Unknown.DROP ? " on known items" : ""));
    }
    return test;
  }

  /** Where the test is easier than the future would be. */
  private List<String> warnings(
      Map<String, Model> models,
      Sessions sessions,
      Sessions test,
      Split.Targets targets,
      @Nullable Sessions trained) {
    List<String> warnings = new ArrayList<>();
    String hash = DataHash.of(sessions);
    models.forEach((name, model) -> {
      Manifest.Provenance made = model.manifest().provenance();
      boolean same = made.dataHash().equals(hash);
      boolean bothLastClick =
          holdout instanceof Holdout.LastClick && made.holdout().equals(holdout.toString());
      if (same && holdout instanceof Holdout.None) {
        warnings.add(name + " was trained on this very log and nothing is held out: use --holdout");
      } else if (made.lastClick() != null && !bothLastClick) {
        older(name, test, targets, Instant.parse(made.lastClick()), warnings);
      } else if (same && !made.holdout().equals(holdout.toString())) {
        warnings.add("%s was trained on this very log with --holdout %s, not %s"
            .formatted(name, made.holdout(), holdout));
      }
    });
    if (trained != null && trained.hasTimes()) {
      long newest = Long.MIN_VALUE;
      for (int session = 0; session < trained.size(); session++) {
        newest = Math.max(newest, trained.time(trained.end(session) - 1));
      }
      older("--train", test, targets, Instant.ofEpochMilli(newest), warnings);
    }
    return warnings;
  }

  private static void older(
      String name, Sessions test, Split.Targets targets, Instant newest, List<String> warnings) {
    if (!test.hasTimes()) {
      return;
    }
    int older = 0;
    int tested = 0;
    for (int session = 0; session < test.size(); session++) {
      int end = test.end(session);
      int first = targets == Split.Targets.LAST ? end - 1 : test.start(session) + 1;
      for (int click = Math.max(first, test.start(session) + 1); click < end; click++) {
        tested++;
        older += test.time(click) < newest.toEpochMilli() ? 1 : 0;
      }
    }
    if (older > 0) {
      warnings.add("%s of %s tested clicks are older than %s, the newest click that %s has seen"
          .formatted(Figures.count(older), Figures.count(tested), newest, name));
    }
  }

  private static Recommender recommender(Model model, String name, Device where)
      throws CommandFailure {
    try {
      return NeuralRecommender.load(model, name, where);
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(e);
    }
  }

  private Recommender baseline(
      Baseline baseline, Map<String, Model> models, @Nullable Sessions filtered)
      throws CommandFailure {
    if (filtered == null) {
      Model first = models.values().iterator().next();
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
  private Map<String, Object> conditions(Split.Targets targets, List<String> warnings) {
    Map<String, Object> conditions = new LinkedHashMap<>();
    conditions.put("holdout", holdout.toString());
    conditions.put("targets", targets == Split.Targets.LAST ? "last" : "after-first");
    conditions.put("unknownItems", unknown == Unknown.MISS ? "miss" : "drop");
    conditions.put("excludeClicked", excludeClicked);
    conditions.put("warnings", warnings);
    return conditions;
  }
}
