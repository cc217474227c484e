package io.attune.cli;

import io.attune.evaluation.EvaluationReport;
import io.attune.evaluation.Evaluator;
import io.attune.evaluation.Figures;
import io.attune.evaluation.NonInferiority;
import io.attune.model.LearnedBlend;
import io.attune.model.Manifest;
import io.attune.model.Model;
import io.attune.model.ModelHistory;
import io.attune.report.ReportText;
import io.attune.session.Filters;
import io.attune.session.Holdout;
import io.attune.session.Sessions;
import io.attune.training.TrainedModel;
import io.attune.training.Training;
import io.attune.vector.NotFiniteException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code attune update}: grows a model, and replaces it if the grown one is not worse. */
@Command(
    name = "update",
    description = "Grows a model by the sessions of a log that are newer than it, tests both on the"
        + " newest of these, and replaces the model if the grown one is not worse.",
    customSynopsis = {
      "attune update LOG... --model MODEL [OPTION]...",
      "       attune update --model MODEL --rollback"
    },
    mixinStandardHelpOptions = true,
    versionProvider = Attune.Version.class,
    sortOptions = false,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:the model was replaced",
      "1:failed; the model is as it was",
      "2:wrong usage",
      "3:the model was kept, since the grown one may be worse"
    },
    footerHeading = "%nExample:%n",
    footer = "  attune update 'clicks/*.csv' --model model --report last-night.html")
final class UpdateCommand implements Callable<Integer> {
  private static final int KEPT = 3;
  private static final double TESTED = 0.2;
  private static final String PRESENT = "present";
  private static final String CANDIDATE = "candidate";

  @Spec
  private CommandSpec spec;

  @Option(
      names = "--model",
      paramLabel = "MODEL",
      required = true,
      description = "The directory of the model. Its earlier versions are in MODEL.versions.")
  @FileUse(FileUse.Kind.WRITE_MODEL)
  private Path model = Path.of("");

  @Option(
      names = "--margin",
      paramLabel = "PERCENT",
      defaultValue = "2",
      description = "By how much of the model's HR@20 and MRR@20 the grown one may be worse: the"
          + " 95 %% interval of the difference must lie above it (default: ${DEFAULT-VALUE}).")
  @Bounds(min = 0, max = 100)
  private double margin;

  @Option(
      names = "--holdout",
      paramLabel = "1d|12h|30m",
      description = "What both are tested on: the last days, hours or minutes of LOG"
          + " (default: the newest fifth of the clicks that the model does not know).")
  private @Nullable Holdout holdout;

  @Option(
      names = "--as-tested",
      description = "Put the model in place that was tested; otherwise one that is grown alike, but"
          + " by the tested clicks too.")
  private boolean asTested;

  @Option(
      names = "--keep",
      paramLabel = "N",
      defaultValue = "5",
      description = "Earlier versions to keep (default: ${DEFAULT-VALUE}).")
  @Bounds(min = 1, max = 10_000)
  private int kept;

  @Option(
      names = "--rollback",
      description = "Put the version before the present one in its place, and end.")
  private boolean rollback;

  @Mixin
  private ReportMixin report;

  @Mixin
  private ConfigurationMixin configuration;

  @Mixin
  private GrowthMixin growth;

  @Mixin
  private DeviceMixin device;

  @Mixin
  private FilterMixin filters;

  @Mixin
  private LogMixin log;

  @Override
  public Integer call() throws IOException, CommandFailure {
    if (rollback) {
      return rollBack();
    }
    log.logs();
    if (holdout != null && !(holdout instanceof Holdout.Last)) {
      throw WrongUsage.of(spec, "--holdout must be a time here, such as 1d or 12h, not " + holdout);
    }
    Console console = Console.of(spec);
    Model present = Model.load(model);
    LearnedBlend blend = Model.open(model).blend();
    Configuration config = configuration.growing(present.manifest());
    Path candidate = Path.of(model.normalize() + ".candidate");
    Model.requireWritable(candidate);
    Sessions sessions = log.load(console).sessions();
    try {
      Holdout tested = tested(present.manifest().provenance(), sessions);
      console.line("growing a candidate, " + candidate + ", to test on the last " + tested);
      grow(present, sessions, config, tested, candidate, blend, console);
      EvaluationReport result = evaluate(candidate, sessions, tested, present, console);
      List<NonInferiority> tests = NonInferiority.of(result, PRESENT, CANDIDATE, margin / 100);
      boolean passed = tests.stream().allMatch(NonInferiority::holds);
      print(result, tests);
      if (passed) {
        if (!asTested) {
          grow(present, sessions, config, new Holdout.None(), candidate, blend, console);
        }
        replace(candidate);
      }
      report.write(result
          .withCondition("decision", passed ? "replaced" : "kept")
          .withCondition(
              "because", tests.stream().map(Object::toString).collect(Collectors.joining("; "))));
      end(passed, present, blend, candidate);
      return passed ? 0 : KEPT;
    } catch (IllegalArgumentException | NotFiniteException e) {
      throw new CommandFailure(e);
    }
  }

  private int rollBack() throws IOException {
    if (log.isGiven()) {
      throw WrongUsage.of(spec, "--rollback needs no LOG");
    }
    String version = new ModelHistory(model).rollBack();
    PrintWriter stdout = spec.root().commandLine().getOut();
    stdout.println("model " + model + " is version " + shown(version) + " again");
    stdout.flush();
    return 0;
  }

  /** The part that neither model may know. */
  private Holdout tested(Manifest.Provenance made, Sessions sessions) throws CommandFailure {
    Instant last = made.lastClick() == null ? null : Instant.parse(made.lastClick());
    if (holdout == null) {
      return Holdout.newest(sessions, last, TESTED);
    }
    Instant cut = holdout.split(sessions).cut();
    if (last != null && cut != null && cut.isBefore(last)) {
      throw new CommandFailure("--holdout=" + holdout + " tests clicks from " + cut + " on, but "
          + model + " knows those until " + last + "; choose a shorter time");
    }
    return holdout;
  }

  /** Grows a model and saves it as the candidate, with the blend of words and session. */
  private void grow(
      Model present,
      Sessions sessions,
      Configuration config,
      Holdout without,
      Path candidate,
      @Nullable LearnedBlend blend,
      Console console)
      throws IOException, CommandFailure {
    TrainedModel trained = growth
        .training(present, sessions, config, without, filters, console)
        .device(device.device())
        .listener(
            new TrainingProgress(console, "going on from version " + shown(present.version())))
        .train();
    trained.save(candidate);
    Model saved = Model.load(candidate);
    if (blend != null) {
      Model.saveBlend(candidate, saved.version(), blend);
    }
    console.line(TrainCommand.describe(saved));
  }

  private EvaluationReport evaluate(
      Path candidate, Sessions sessions, Holdout tested, Model present, Console console)
      throws IOException, CommandFailure {
    Filters rules = filters.over(present.manifest()).orElse(Training.filters(present.manifest()));
    try (LoadedModels models = LoadedModels.open(
        List.of(model, candidate), List.of(PRESENT, CANDIDATE), device, Map.of())) {
      Evaluator evaluator = Evaluator.of(sessions, console.nanoTime())
          .holdout(tested)
          .filters(rules)
          .listener(new EvaluationProgress(console));
      models.byName().forEach(evaluator::model);
      return evaluator.run().report();
    }
  }

  private void replace(Path candidate) throws IOException {
    ModelHistory history = new ModelHistory(model);
    history.keep(kept);
    history.replace(candidate);
  }

  private void print(EvaluationReport result, List<NonInferiority> tests) {
    PrintWriter stdout = spec.root().commandLine().getOut();
    stdout.println(Figures.count(result.predictions(), "prediction") + " in "
        + Figures.count(result.sessions(), "session"));
    ReportText.mainTable(result).forEach(stdout::println);
    tests.forEach(stdout::println);
    stdout.flush();
  }

  private void end(boolean passed, Model present, @Nullable LearnedBlend blend, Path candidate)
      throws IOException {
    PrintWriter stdout = spec.root().commandLine().getOut();
    if (passed) {
      stdout.printf(
          "replaced: %s is version %s; version %s is in %s%n",
          model,
          shown(Model.version(Model.manifest(model))),
          shown(present.version()),
          new ModelHistory(model).directory());
      if (blend != null) {
        stdout.println("its blend of words and session is that of the version before; attune blend"
            + " learns it anew");
      }
    } else {
      stdout.printf(
          "kept: %s is version %s as before; the candidate is %s%n",
          model, shown(present.version()), candidate);
    }
    stdout.flush();
  }

  private static String shown(String version) {
    return version.substring(0, Math.min(12, version.length()));
  }
}
