package io.attune.evaluation;

import io.attune.baseline.Baseline;
import io.attune.baseline.Ensemble;
import io.attune.evaluation.EvaluationReport.Entry;
import io.attune.evaluation.EvaluationReport.Kind;
import io.attune.metric.Ties;
import io.attune.model.Manifest;
import io.attune.recommender.Popularity;
import io.attune.recommender.Recommender;
import io.attune.saved.SavedModel;
import io.attune.session.Filters;
import io.attune.session.Filters.UnknownItems;
import io.attune.session.Holdout;
import io.attune.session.Sessions;
import io.attune.session.Split;
import io.attune.session.Vocabulary;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Evaluates models and baselines on the same test: looks for leaks first, has every recommender
 * rank the true next items among all items, and compares them.
 *
 * <pre>{@code
 * EvaluationReport report = Evaluator.of(sessions, System::nanoTime)
 *     .holdout(new Holdout.Last(Duration.ofDays(7)))
 *     .model("narm", model)
 *     .baselines(Baseline.parseAll("pop,stan"))
 *     .run()
 *     .report();
 * }</pre>
 *
 * <p>Models stay the caller's. For one thread, and for one run.
 */
public final class Evaluator {
  private static final String BASELINES = "the baselines";

  private final Sessions log;
  private final LongSupplier nanoTime;
  private final Map<String, SavedModel> models = new LinkedHashMap<>();
  private List<Baseline> baselines = List.of();
  private @Nullable Sessions baselineSessions;
  private @Nullable BaselineEnsemble ensemble;
  private Holdout holdout = new Holdout.None();
  private Filters filters = Filters.standard();
  private UnknownItems unknownItems = UnknownItems.MISS;
  private boolean excludeClicked;
  private Ties ties = Ties.CONSERVATIVE;
  private List<Integer> cutoffs = List.of(5, 10, 20);
  private @Nullable Path candidates;
  private int windows = 1;
  private @Nullable Retrainer retrainer;
  private EvaluationListener listener = EvaluationListener.SILENT;

  private Evaluator(Sessions log, LongSupplier nanoTime) {
    this.log = log;
    this.nanoTime = nanoTime;
  }

  /**
   * An evaluator that tests on every click of a log after the first of its session.
   *
   * @param log unfiltered
   * @param nanoTime a clock in nanoseconds, for how long answers take
   */
  public static Evaluator of(Sessions log, LongSupplier nanoTime) {
    return new Evaluator(log, nanoTime);
  }

  /**
   * Adds a model.
   *
   * @param name for tables, different from all others
   */
  public Evaluator model(String name, SavedModel model) {
    models.put(name, model);
    return this;
  }

  /** Adds baselines. They are trained on {@link #trainBaselinesOn}, or what the holdout leaves. */
  public Evaluator baselines(List<Baseline> added) {
    baselines = List.copyOf(added);
    return this;
  }

  /** The sessions that baselines are trained on, instead of what the holdout leaves of the log. */
  public Evaluator trainBaselinesOn(Sessions sessions) {
    baselineSessions = sessions;
    return this;
  }

  /** Adds every model a second time, in an ensemble with a baseline. */
  public Evaluator ensemble(BaselineEnsemble with) {
    ensemble = with;
    return this;
  }

  /** Which part of the log is tested; all of it by default. */
  public Evaluator holdout(Holdout tested) {
    holdout = tested;
    return this;
  }

  /** What is too short or too rare, for tests and baselines. */
  public Evaluator filters(Filters rules) {
    filters = rules;
    return this;
  }

  /** What becomes of test clicks on items that no recommender was trained on; misses by default. */
  public Evaluator unknownItems(UnknownItems treatment) {
    unknownItems = treatment;
    return this;
  }

  /** Whether items that the session has clicked are never ranked. */
  public Evaluator excludeClicked(boolean excluded) {
    excludeClicked = excluded;
    return this;
  }

  /** The rule for ties; they count against the target by default. */
  public Evaluator ties(Ties rule) {
    ties = rule;
    return this;
  }

  /** The cutoffs of the metrics, 5, 10 and 20 by default; the largest has intervals and tests. */
  public Evaluator cutoffs(List<Integer> all) {
    if (all.isEmpty()) {
      throw new IllegalArgumentException("there must be a cutoff");
    }
    cutoffs = List.copyOf(all);
    return this;
  }

  /**
   * Ranks only the items of a TREC run, whose own order is evaluated, too. Its queries are named
   * {@code session@clicks-before}, or after the session alone.
   */
  public Evaluator candidates(Path run) {
    candidates = run;
    return this;
  }

  /** Into how many windows of equal duration the test is cut for the slices, 1 by default. */
  public Evaluator windows(int count) {
    windows = count;
    return this;
  }

  /** Has every model and baseline trained again before each window, on all clicks before it. */
  public Evaluator retrain(Retrainer with) {
    retrainer = with;
    return this;
  }

  /** Who is told how it proceeds; nobody by default. */
  public Evaluator listener(EvaluationListener told) {
    listener = told;
    return this;
  }

  /**
   * Evaluates.
   *
   * @throws IllegalArgumentException when there is nothing to predict, to train on, or to cut in
   *     time; the message says which
   * @throws ArithmeticException when a score is not a number
   */
  public EvaluationResult run() throws IOException {
    Split split = holdout.split(log);
    BaselineData training = baselineData(split);
    check(training);
    Map<String, Vocabulary> known = new LinkedHashMap<>();
    models.forEach((name, model) -> known.put(name, model.vocabulary()));
    if (training != null) {
      known.put(BASELINES, training.filtered().vocabulary());
    }
    Predictions predictions =
        new TestSelection(holdout, unknownItems, filters, listener).predictions(log, split, known);
    List<String> headlines = new ArrayList<>();
    known.forEach((name, vocabulary) ->
        headlines.addAll(TestChecks.allUnknown(name, predictions, vocabulary)));
    List<String> findings = findings(predictions, known, training);
    headlines.forEach(listener::onFinding);
    findings.forEach(listener::onFinding);

    ItemCounts counts = training == null ? firstCounts() : ItemCounts.of(training.filtered());
    FirstPass firstPass = candidates == null ? null : FirstPass.read(candidates, predictions);
    EvaluationRunner runner = new EvaluationRunner(
        new Evaluation(excludeClicked, Collections.max(cutoffs), firstPass),
        predictions,
        ties,
        counts,
        nanoTime,
        listener);
    if (retrainer == null) {
      evaluate(runner, training, split.targets());
    } else {
      evaluateRetrained(runner, retrainer, Windows.of(predictions, windows));
    }
    findings.addAll(runner.findings());
    List<Entry> entries = new ArrayList<>(runner.entries());
    if (firstPass != null) {
      entries.add(new Entry(firstPass, Kind.BASELINE, null));
    }
    EvaluationReport report = EvaluationReport.of(
        conditions(split.targets()),
        headlines,
        findings,
        cutoffs,
        entries,
        predictions.sessions(),
        predictions.testedSessions(),
        Slicing.all(predictions, counts, windows));
    List<ScoredRun> runs = entries.stream().map(Entry::run).toList();
    return new EvaluationResult(report, predictions, runs, ties);
  }

  private void check(@Nullable BaselineData training) {
    if (models.isEmpty() && (baselines.isEmpty() || training == null)) {
      throw new IllegalArgumentException("there must be a model, or baselines and sessions to train"
          + " them on: a holdout, or a log of their own");
    }
    if (training == null && ensemble != null) {
      throw new IllegalArgumentException("an ensemble needs sessions to train its baseline on");
    }
    for (Baseline baseline : baselines) {
      if (training == null && !(baseline instanceof Baseline.Pop)) {
        throw new IllegalArgumentException(baseline.name() + " needs sessions to be trained on: a"
            + " holdout, or a log of their own");
      }
    }
    if (retrainer != null && (windows < 2 || !(holdout instanceof Holdout.Last))) {
      throw new IllegalArgumentException(
          "to train again before each window takes 2 windows or more, and a holdout in time");
    }
  }

  private @Nullable BaselineData baselineData(Split split) {
    if (baselineSessions != null) {
      return BaselineData.of(baselineSessions, filters);
    }
    return holdout instanceof Holdout.None ? null : BaselineData.of(split.trainable(), filters);
  }

  private List<String> findings(
      Predictions predictions, Map<String, Vocabulary> known, @Nullable BaselineData training) {
    List<String> findings = new ArrayList<>();
    known.forEach((name, vocabulary) ->
        findings.addAll(TestChecks.mostlyUnknown(name, predictions, vocabulary)));
    if (excludeClicked) {
      findings.addAll(TestChecks.clickedBefore(predictions));
    }
    findings.addAll(TestChecks.dominated(predictions));
    findings.addAll(LeakChecks.copies("the test", predictions.test()));
    // A model that is trained again has forgotten what it was trained on before.
    if (retrainer == null) {
      findings.addAll(LeakFindings.ofModels(models, log, holdout, predictions));
    }
    if (training != null) {
      findings.addAll(LeakFindings.ofBaselines(training, baselineSessions != null, predictions));
    }
    return findings;
  }

  private void evaluate(
      EvaluationRunner runner, @Nullable BaselineData training, Split.Targets targets) {
    for (SavedModel model : models.values()) {
      List<Manifest.Epoch> epochs = model instanceof SavedModel.Engine engine
          ? engine.model().manifest().epochs()
          : List.of();
      runner.evaluate(EvaluatedRecommender.of(model), Kind.of(model), epochs);
      if (ensemble != null && training != null && model instanceof SavedModel.Engine) {
        Ensemble both = ensemble.with(model.recommender(), training.sessions(), targets);
        if (ensemble.validation() != null) {
          listener.onNote(
              "%s: weight %s".formatted(both.name(), both.combination().weight()));
        }
        runner.evaluate(EvaluatedRecommender.of(both), Kind.MODEL, List.of());
      }
    }
    for (Baseline baseline : baselines) {
      try (Recommender recommender = training == null ? popularity() : training.train(baseline)) {
        runner.evaluate(EvaluatedRecommender.of(recommender), Kind.BASELINE, List.of());
      }
    }
  }

  private void evaluateRetrained(EvaluationRunner runner, Retrainer with, Windows anew)
      throws IOException {
    for (Map.Entry<String, SavedModel> named : models.entrySet()) {
      String name = named.getKey();
      EvaluationRunner.Training training =
          switch (named.getValue()) {
            case SavedModel.Engine engine ->
              before -> EvaluatedRecommender.of(with.retrain(name, engine, before));
            case SavedModel.Baseline saved -> retrained(Baseline.parse(saved.settings()));
            case SavedModel.Incremental incremental ->
              throw new IllegalArgumentException(
                  name + " was opened without the engine, so it cannot be trained again");
          };
      runner.evaluateRetrained(name, Kind.of(named.getValue()), anew, log, training);
    }
    for (Baseline baseline : baselines) {
      runner.evaluateRetrained(baseline.label(), Kind.BASELINE, anew, log, retrained(baseline));
    }
  }

  private EvaluationRunner.Training retrained(Baseline baseline) {
    return before -> EvaluatedRecommender.of(BaselineData.of(before, filters).train(baseline));
  }

  /** The clicks that the first model was trained on: the one baseline that a model keeps. */
  private Recommender popularity() {
    SavedModel first = first();
    return new Popularity(first.vocabulary(), first.counts());
  }

  private ItemCounts firstCounts() {
    SavedModel first = first();
    return new ItemCounts(first.vocabulary(), first.counts());
  }

  private SavedModel first() {
    return models.values().iterator().next();
  }

  /** Under which conditions the figures were found. */
  private Map<String, Object> conditions(Split.Targets targets) {
    Map<String, Object> conditions = new LinkedHashMap<>();
    conditions.put("holdout", holdout.toString());
    conditions.put("targets", targets == Split.Targets.LAST ? "last" : "after-first");
    conditions.put("unknownItems", unknownItems.name().toLowerCase(Locale.ROOT));
    conditions.put("excludeClicked", excludeClicked);
    conditions.put("retrained", retrainer != null);
    conditions.put("ties", ties.name().toLowerCase(Locale.ROOT));
    return conditions;
  }
}
