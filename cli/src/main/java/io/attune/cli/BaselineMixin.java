package io.attune.cli;

import io.attune.baseline.Baseline;
import io.attune.evaluation.BaselineEnsemble;
import io.attune.evaluation.Evaluator;
import io.attune.session.Holdout;
import io.attune.session.Sessions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Options for the baselines of an evaluation and their training data. */
final class BaselineMixin {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Option(
      names = "--baseline",
      paramLabel = "NAME[:SETTING=VALUE,...]",
      arity = "1..*",
      description = "Baselines to compare with, such as pop, v-sknn or v-sknn:k=100,sample=1000,"
          + " separated by commas. Names: pop, recent-pop, s-pop, item-knn, ar, sr, markov, v-sknn,"
          + " vmis-knn, stan. They are trained on --train, or on the part of the log that is not"
          + " held out.")
  private List<String> texts = new ArrayList<>();

  @Option(
      names = "--ensemble",
      paramLabel = "NAME[:SETTING=VALUE,...]",
      description = "Evaluate each model also in an ensemble with this baseline, such as v-sknn or"
          + " vmis-knn: softmax of the model + weight x the baseline's best 200 scores, scaled to"
          + " sum 1.")
  private @Nullable String ensemble;

  @Option(
      names = "--ensemble-weight",
      paramLabel = "W",
      defaultValue = "1",
      description = "The weight of the baseline in an ensemble (default: ${DEFAULT-VALUE}).")
  @Bounds(min = 0, max = 999_999)
  private double ensembleWeight = 1;

  @Option(
      names = "--ensemble-validation",
      paramLabel = "LOG",
      arity = "1..*",
      description = "Choose the weight of the ensemble by MRR@20 on these sessions, which neither"
          + " the model nor the baseline may have been trained on.")
  @FileUse(FileUse.Kind.READ_LOGS)
  private List<Path> ensembleValidation = new ArrayList<>();

  @Option(
      names = "--train",
      paramLabel = "LOG",
      arity = "1..*",
      description =
          "Train baselines on these logs, instead of the part of the log that is not held out;"
              + " read like the other logs.")
  @FileUse(FileUse.Kind.READ_LOGS)
  private List<Path> training = new ArrayList<>();

  /**
   * Checks the options before anything is read.
   *
   * @param hasModels whether there is a model to evaluate
   */
  void check(boolean hasModels, Holdout holdout) {
    List<Baseline> baselines = baselines();
    if (!hasModels && baselines.isEmpty()) {
      throw usage("either --model=MODEL or --baseline=NAME is required, such as --baseline=pop");
    }
    boolean untrained = training.isEmpty() && holdout instanceof Holdout.None;
    if (!hasModels && untrained) {
      throw usage("--baseline without --model needs training sessions: --train=LOG or --holdout");
    }
    if (ensemble != null) {
      if (parse(ensemble).size() != 1 || untrained || !hasModels) {
        throw usage("--ensemble needs one baseline, a --model=MODEL, and training sessions for the"
            + " baseline: --train=LOG or --holdout");
      }
    } else if (!ensembleValidation.isEmpty()) {
      throw usage("--ensemble-validation needs an --ensemble");
    }
    if (!training.isEmpty() && baselines.isEmpty() && ensemble == null) {
      throw usage("--train needs a --baseline or an --ensemble");
    }
    for (Baseline baseline : baselines) {
      if (untrained && !(baseline instanceof Baseline.Pop)) {
        throw usage(
            "--baseline %s needs training sessions, which a model does not keep: --train=LOG"
                    .formatted(baseline.name())
                + " or --holdout");
      }
    }
  }

  /** The baselines to evaluate. */
  List<Baseline> baselines() {
    return texts.stream().flatMap(text -> parse(text).stream()).distinct().toList();
  }

  /** Whether models are also evaluated in an ensemble. */
  boolean hasEnsemble() {
    return ensemble != null;
  }

  /** Whether baselines are trained on a log of their own. */
  boolean hasTrainingLog() {
    return !training.isEmpty();
  }

  /** Configures an evaluator with the baselines and their training data. */
  void configure(Evaluator evaluator, LogMixin log, Console console) throws IOException {
    evaluator.baselines(baselines());
    if (!training.isEmpty()) {
      evaluator.trainBaselinesOn(log.load(training, console).sessions());
    }
    if (ensemble != null) {
      Sessions validation = ensembleValidation.isEmpty()
          ? null
          : log.load(ensembleValidation, console).sessions();
      evaluator.ensemble(
          new BaselineEnsemble(parse(ensemble).getFirst(), ensembleWeight, validation));
    }
  }

  private List<Baseline> parse(String text) {
    try {
      return Baseline.parseAll(text);
    } catch (IllegalArgumentException e) {
      throw WrongUsage.of(command, e);
    }
  }

  private ParameterException usage(String message) {
    return WrongUsage.of(command, message);
  }
}
