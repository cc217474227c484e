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

/** The baselines of an evaluation, beside the models and joined with them, and what they learn. */
final class BaselineMixin {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Option(
      names = "--baseline",
      paramLabel = "NAME[:SETTING=VALUE,...]",
      arity = "1..*",
      description = "Baselines beside the models, such as pop, v-sknn or v-sknn:k=100,sample=1000;"
          + " commas part several. Names: pop, recent-pop, s-pop, item-knn, ar, sr, markov, v-sknn,"
          + " vmis-knn, stan. They are trained on --train, or on what --holdout leaves.")
  private List<String> texts = new ArrayList<>();

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
  @Bounds(min = 0, max = 999_999)
  private double ensembleWeight = 1;

  @Option(
      names = "--ensemble-validation",
      paramLabel = "LOG",
      arity = "1..*",
      description = "Choose the ensemble's weight by MRR@20 on these sessions, which neither the"
          + " model nor the baseline may have been trained on.")
  @FileUse(FileUse.Kind.READ_LOGS)
  private List<Path> ensembleValidation = new ArrayList<>();

  @Option(
      names = "--train",
      paramLabel = "LOG",
      arity = "1..*",
      description =
          "What baselines are trained on, instead of what --holdout leaves of the log; read"
              + " like the other logs.")
  @FileUse(FileUse.Kind.READ_LOGS)
  private List<Path> training = new ArrayList<>();

  /**
   * Wrong usage, before anything is read.
   *
   * @param models whether any model was named
   */
  void check(boolean models, Holdout holdout) {
    List<Baseline> baselines = all();
    if (!models && baselines.isEmpty()) {
      throw usage("a --model=MODEL or a --baseline=pop is missing");
    }
    boolean untrained = training.isEmpty() && holdout instanceof Holdout.None;
    if (!models && untrained) {
      throw usage("--baseline without a model needs --train=LOG or --holdout to be trained on");
    }
    if (ensemble != null) {
      if (parse(ensemble).size() != 1 || untrained || !models) {
        throw usage("--ensemble takes one baseline, a --model=MODEL, and a --train=LOG or --holdout"
            + " to train it on");
      }
    } else if (!ensembleValidation.isEmpty()) {
      throw usage("--ensemble-validation is for an --ensemble, but there is none");
    }
    if (!training.isEmpty() && baselines.isEmpty() && ensemble == null) {
      throw usage("--train is for baselines, but there is no --baseline");
    }
    for (Baseline baseline : baselines) {
      if (untrained && !(baseline instanceof Baseline.Pop)) {
        throw usage("--baseline %s is trained on sessions, which a model does not keep: --train=LOG"
                .formatted(baseline.name())
            + " is missing, or --holdout");
      }
    }
  }

  /** Those that stand beside the models. */
  List<Baseline> all() {
    return texts.stream().flatMap(text -> parse(text).stream()).distinct().toList();
  }

  /** Whether models are joined with one. */
  boolean haveEnsemble() {
    return ensemble != null;
  }

  /** Whether they learn from a log of their own. */
  boolean haveLog() {
    return !training.isEmpty();
  }

  /** Adds them to an evaluation, with what they are trained on. */
  void addTo(Evaluator evaluator, LogMixin log, Console console) throws IOException {
    evaluator.baselines(all());
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
      throw new ParameterException(command.commandLine(), e.getMessage(), e);
    }
  }

  private ParameterException usage(String message) {
    return new ParameterException(command.commandLine(), message);
  }
}
