package io.attune.cli;

import io.attune.evaluation.BaselineComparison;
import io.attune.evaluation.BaselineComparison.Result;
import io.attune.evaluation.Figures;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What a training says of the baselines on its validation part.
 *
 * @param model the figures of the model on it
 */
record BaselineVerdict(BaselineComparison baselines, Map<String, Double> model) {
  /**
   * The best baseline beside the model, and where one is better, what gives the better thing.
   *
   * @param directory of the model
   */
  List<String> lines(Path directory) {
    Optional<Result> better = baselines.better(model);
    Result shown = better.orElseGet(() -> baselines.best(BaselineComparison.METRICS.getLast()));
    List<String> lines = new ArrayList<>();
    lines.add("best baseline on validation: " + text(shown)
        + (baselines.sampled()
            ? ", on a sample of " + Figures.count(baselines.predictions(), "prediction")
            : ""));
    better.ifPresent(result -> {
      String name = result.baseline().name();
      lines.add(
          "%s is better at %s: measure both in one with attune evaluate --model %s --ensemble %s%s, or keep it instead with attune train --baseline %s"
              .formatted(
                  name,
                  where(result),
                  directory,
                  name,
                  result.excludeClicked() ? " --exclude-clicked" : "",
                  name));
    });
    return lines;
  }

  /** The metrics at which a baseline is better, with the model's figures. */
  private String where(Result better) {
    return BaselineComparison.METRICS.stream()
        .filter(metric -> better.beats(metric, model.getOrDefault(metric.name(), 0.0)))
        .map(metric -> "%s (the model has %s)"
            .formatted(metric.name(), Figures.percent(model.getOrDefault(metric.name(), 0.0))))
        .collect(Collectors.joining(" and "));
  }

  private static String text(Result result) {
    return result.baseline().name()
        + (result.excludeClicked() ? " without clicked items," : "")
        + TrainingProgress.metrics(result.means()).substring(1);
  }
}
