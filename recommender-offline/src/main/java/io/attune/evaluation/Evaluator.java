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
import io.attune.serving.ServingModel;
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
 * Evaluates models and baselines on the same test: checks the test for leaks, ranks the true next
 * items among all items by each recommender, and compares the recommenders.
 * {@snippet file="io/attune/examples/EvaluateModels.java" region="evaluate"}
 *
 * <p>The caller still owns the models. Not thread-safe; call {@link #run} once.
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
  private int steps;
  private int beam = 1;
  private EvaluationListener listener = EvaluationListener.SILENT;

  private Evaluator(Sessions log, LongSupplier nanoTime) {
    this.log = log;
    this.nanoTime = nanoTime;
  }

  /**
   * Returns an evaluator on the sessions of a log.
   *
   * @param log the sessions of the whole log, unfiltered
   * @param nanoTime a clock in nanoseconds, to measure latency and throughput
   */
  public static Evaluator of(Sessions log, LongSupplier nanoTime) {
    return new Evaluator(log, nanoTime);
  }

  /**
   * Adds a model.
   *
   * @param name a unique name, for tables
   */
  public Evaluator model(String name, SavedModel model) {
    models.put(name, model);
    return this;
  }

  /**
   * Sets the baselines. They are trained on the part of the log that is not held out, or on
   * {@link #trainBaselinesOn}.
   */
  public Evaluator baselines(List<Baseline> baselines) {
    this.baselines = List.copyOf(baselines);
    return this;
  }

  /** Sets sessions to train baselines on, instead of the part of the log that is not held out. */
  public Evaluator trainBaselinesOn(Sessions sessions) {
    this.baselineSessions = sessions;
    return this;
  }

  /** Evaluates each model also in an ensemble with a baseline. */
  public Evaluator ensemble(BaselineEnsemble ensemble) {
    this.ensemble = ensemble;
    return this;
  }

  /** Sets the part of the log to test on; default: all of it. */
  public Evaluator holdout(Holdout holdout) {
    this.holdout = holdout;
    return this;
  }

  /** Sets the filters of test sessions and of the training data of baselines. */
  public Evaluator filters(Filters filters) {
    this.filters = filters;
    return this;
  }

  /** Sets how test clicks on unknown items are treated; default: as misses. */
  public Evaluator unknownItems(UnknownItems unknownItems) {
    this.unknownItems = unknownItems;
    return this;
  }

  /** Sets whether to remove the items of a session from its candidates; default: no. */
  public Evaluator excludeClicked(boolean excludeClicked) {
    this.excludeClicked = excludeClicked;
    return this;
  }

  /** Sets the rule for ties; default: they count against the target. */
  public Evaluator ties(Ties ties) {
    this.ties = ties;
    return this;
  }

  /**
   * Sets the cutoffs of the metrics; default: 5, 10 and 20. Recommenders are compared at the
   * largest.
   */
  public Evaluator cutoffs(List<Integer> cutoffs) {
    if (cutoffs.isEmpty()) {
      throw new IllegalArgumentException("cutoffs must not be empty");
    }
    this.cutoffs = List.copyOf(cutoffs);
    return this;
  }

  /**
   * Ranks only the items of a TREC run, such as the hits of a search engine, and evaluates the
   * order of the run as well.
   *
   * @param run a TREC run whose queries are named {@code session@clicks-before} or {@code session}
   */
  public Evaluator candidates(Path run) {
    this.candidates = run;
    return this;
  }

  /** Sets the number of windows of equal duration to divide the test into; default: 1. */
  public Evaluator windows(int windows) {
    this.windows = windows;
    return this;
  }

  /** Retrains every model and baseline before each window, on all clicks before the window. */
  public Evaluator retrain(Retrainer retrainer) {
    this.retrainer = retrainer;
    return this;
  }

  /**
   * Compares the best items of each model also with the sequence of clicks that it continues
   * sessions by, in at most {@value ContinuedSessions#MAX} places; default: no.
   *
   * @param steps n, the number of items and of clicks
   * @param beam number of sequences to keep after each click
   * @throws IllegalArgumentException if either is less than 1
   */
  public Evaluator continuing(int steps, int beam) {
    if (steps < 1 || beam < 1) {
      throw new IllegalArgumentException(
          "steps and beam must be at least 1, not " + steps + " and " + beam);
    }
    this.steps = steps;
    this.beam = beam;
    return this;
  }

  /** Sets a listener to the progress; default: none. */
  public Evaluator listener(EvaluationListener listener) {
    this.listener = listener;
    return this;
  }

  /**
   * Runs the evaluation.
   *
   * @throws IllegalArgumentException if the settings contradict each other, or there is nothing to
   *     predict or to train on; the message says which
   * @throws ArithmeticException if a score is NaN
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

    ItemCounts counts =
        training == null ? countsOfFirstModel() : ItemCounts.of(training.filtered());
    FirstPass firstPass = candidates == null ? null : FirstPass.read(candidates, predictions);
    EvaluationRunner runner = new EvaluationRunner(
        new Ranker(excludeClicked, Collections.max(cutoffs), firstPass),
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
        Slicing.all(
            predictions,
            counts,
            models.isEmpty() || firstModel().isImported() ? counts : countsOfFirstModel(),
            windows));
    List<Ranks> ranks = entries.stream()
        .map(Entry::run)
        .filter(ScoredRun.Recommended.class::isInstance)
        .map(run -> ((ScoredRun.Recommended) run).ranks())
        .toList();
    return new EvaluationResult(
        report.withContinued(continued(predictions)), predictions, ranks, ties);
  }

  private List<ContinuedSessions> continued(Predictions predictions) {
    List<ContinuedSessions> continued = new ArrayList<>();
    if (steps > 0) {
      models.forEach((name, model) -> {
        ServingModel serving = model.stepwise();
        if (serving == null) {
          listener.onNote(name + " cannot continue sessions: its encoder is not incremental");
        } else {
          listener.onNote("continuing sessions by " + name);
          continued.add(
              ContinuedSessions.of(name, serving, predictions, steps, beam, excludeClicked));
        }
      });
    }
    return continued;
  }

  private void check(@Nullable BaselineData training) {
    if (models.isEmpty() && (baselines.isEmpty() || training == null)) {
      throw new IllegalArgumentException("nothing to evaluate: there must be a model, or baselines"
          + " with training sessions from a holdout or a log of their own");
    }
    if (training == null && ensemble != null) {
      throw new IllegalArgumentException("an ensemble needs training sessions for its baseline,"
          + " from a holdout or a log of their own");
    }
    for (Baseline baseline : baselines) {
      if (training == null && !(baseline instanceof Baseline.Pop)) {
        throw new IllegalArgumentException(
            baseline.name() + " needs training sessions, from a holdout or a log of their own");
      }
    }
    if (retrainer != null && (windows < 2 || !(holdout instanceof Holdout.Last))) {
      throw new IllegalArgumentException(
          "retraining needs at least 2 windows and a holdout by time, such as 7d");
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
    findings.addAll(TestChecks.dominantSessions(predictions));
    findings.addAll(LeakChecks.duplicateClicks("the test", predictions.test()));
    // A retrained model is not affected by its earlier training data.
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
        Ensemble combined = ensemble.combine(model.recommender(), training.sessions(), targets);
        if (ensemble.validation() != null) {
          listener.onNote(
              "%s: weight %s".formatted(combined.name(), combined.combination().weight()));
        }
        runner.evaluate(EvaluatedRecommender.of(combined), Kind.MODEL, List.of());
      }
    }
    for (Baseline baseline : baselines) {
      try (Recommender recommender =
          training == null ? popularityOfFirstModel() : training.train(baseline)) {
        runner.evaluate(EvaluatedRecommender.of(recommender), Kind.BASELINE, List.of());
      }
    }
  }

  private void evaluateRetrained(EvaluationRunner runner, Retrainer with, Windows cut)
      throws IOException {
    for (Map.Entry<String, SavedModel> named : models.entrySet()) {
      String name = named.getKey();
      EvaluationRunner.Training training =
          switch (named.getValue()) {
            case SavedModel.Engine engine ->
              sessions -> EvaluatedRecommender.of(with.retrain(name, engine, sessions));
            case SavedModel.Baseline saved -> retrained(Baseline.parse(saved.settings()));
            case SavedModel.Incremental incremental ->
              throw new IllegalArgumentException(
                  name + " was opened without the engine, so it cannot be retrained");
          };
      runner.evaluateRetrained(name, Kind.of(named.getValue()), cut, log, training);
    }
    for (Baseline baseline : baselines) {
      runner.evaluateRetrained(baseline.label(), Kind.BASELINE, cut, log, retrained(baseline));
    }
  }

  private EvaluationRunner.Training retrained(Baseline baseline) {
    return sessions ->
        EvaluatedRecommender.of(BaselineData.of(sessions, filters).train(baseline));
  }

  /** The only baseline without training sessions: a model keeps its click counts. */
  private Recommender popularityOfFirstModel() {
    SavedModel first = firstModel();
    return new Popularity(first.vocabulary(), first.counts());
  }

  private ItemCounts countsOfFirstModel() {
    SavedModel first = firstModel();
    return new ItemCounts(first.vocabulary(), first.counts());
  }

  private SavedModel firstModel() {
    return models.values().iterator().next();
  }

  /** The conditions of the evaluation, for the report. */
  private Map<String, Object> conditions(Split.Targets targets) {
    Map<String, Object> conditions = new LinkedHashMap<>();
    conditions.put("holdout", holdout.toString());
    conditions.put(
        "targets",
        switch (targets) {
          case Split.Targets.AfterFirst all -> "after-first";
          case Split.Targets.Last last -> "last";
          case Split.Targets.From from -> "from " + from.time();
        });
    conditions.put("unknownItems", unknownItems.name().toLowerCase(Locale.ROOT));
    conditions.put("excludeClicked", excludeClicked);
    conditions.put("retrained", retrainer != null);
    conditions.put("ties", ties.name().toLowerCase(Locale.ROOT));
    return conditions;
  }
}
