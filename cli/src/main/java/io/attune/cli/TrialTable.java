package io.attune.cli;

import io.attune.evaluation.Figures;
import io.attune.metric.Metric;
import io.attune.report.JsonFile;
import io.attune.report.TextTable;
import io.attune.training.Trainer;
import io.attune.tuning.Trial;
import io.attune.tuning.Tuner;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Formats the trials of a search with the settings that they change.
 *
 * @param initial the configuration that the search starts from
 */
record TrialTable(Configuration initial) {
  private static final List<String> METRICS =
      List.of(new Metric(Metric.Measure.HR, 20).name(), Trainer.CRITERION.name());

  static Configuration configuration(Trial trial) {
    return new Configuration(trial.candidate().encoder(), trial.candidate().training());
  }

  /**
   * The changed settings: {@code learningRate=0.0042 similarity.scale=20.0}, or {@code initial}.
   */
  String settings(Trial trial) {
    String text = configuration(trial).differences(initial).entrySet().stream()
        .map(setting -> setting.getKey() + "=" + setting.getValue())
        .collect(Collectors.joining(" "));
    return text.isEmpty() ? "initial" : text;
  }

  /** A table of the trials, best first, with metrics in percent of the best epoch so far. */
  List<String> lines(List<Trial> trials) {
    List<Trial> sorted = trials.stream()
        .filter(trial -> !trial.results().isEmpty())
        .sorted(Trial.BEST_FIRST)
        .toList();
    List<String> header = new ArrayList<>(List.of("trial", "epochs"));
    header.addAll(METRICS);
    header.add("time");
    TextTable table = new TextTable(header);
    for (Trial trial : sorted) {
      Trial.Result result = trial.results().getLast();
      List<String> row = new ArrayList<>(
          List.of(Integer.toString(trial.number()), Figures.count(result.epochs())));
      METRICS.forEach(metric -> {
        Double value = result.validation().get(metric);
        row.add(value == null ? "-" : Figures.percent(value));
      });
      row.add(Figures.clock(trial.seconds()));
      table.add(row);
    }
    List<String> lines = new ArrayList<>(table.lines());
    lines.set(0, lines.getFirst() + "  settings");
    for (int i = 0; i < sorted.size(); i++) {
      String failure = sorted.get(i).results().getLast().failure();
      String note = failure == null ? "" : " (failed: " + failure + ")";
      lines.set(i + 1, lines.get(i + 1) + "  " + settings(sorted.get(i)) + note);
    }
    return lines;
  }

  /** Writes the trials by number as JSON, with metrics as fractions. */
  void writeJson(Path file, Tuner.Outcome outcome, long seed) throws IOException {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("best", outcome.best().number());
    tree.put("criterion", Trainer.CRITERION.name());
    tree.put("seed", seed);
    tree.put("rungs", outcome.rungs());
    List<Map<String, Object>> trials = new ArrayList<>();
    for (Trial trial : outcome.trials()) {
      if (trial.results().isEmpty()) {
        continue; // not started within the budget
      }
      Trial.Result result = trial.results().getLast();
      Map<String, Object> each = new LinkedHashMap<>();
      each.put("trial", trial.number());
      each.put("epochs", result.epochs());
      each.put("bestEpoch", result.bestEpoch());
      each.put("validation", result.validation());
      each.put("seconds", trial.seconds());
      each.put("settings", configuration(trial).differences(initial));
      if (result.failure() != null) {
        each.put("failure", result.failure());
      }
      trials.add(each);
    }
    tree.put("trials", trials);
    JsonFile.write(file, tree);
  }
}
