package io.attune.examples;

import io.attune.baseline.Baseline;
import io.attune.evaluation.EvaluationReport;
import io.attune.evaluation.Evaluator;
import io.attune.log.ClickLog;
import io.attune.log.LogOptions;
import io.attune.model.ComputeDevice;
import io.attune.report.ReportText;
import io.attune.saved.SavedModel;
import io.attune.session.Holdout;
import io.attune.session.Sessions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/** Compares a model with baselines on the last week of a click log. */
public final class EvaluateModels {
  private EvaluateModels() {}

  /**
   * Evaluates a model and prints the report.
   *
   * @param log the click log, whose last week the model was not trained on
   * @param directory the directory of the model
   * @param out receives the lines of the report
   */
  public static void evaluate(Path log, Path directory, Consumer<String> out) throws IOException {
    // @start region="evaluate"
    Sessions sessions = ClickLog.load(List.of(log), LogOptions.standard()).sessions();
    try (SavedModel model = SavedModel.open(directory, "model", ComputeDevice.CPU)) {
      EvaluationReport report = Evaluator.of(sessions, System::nanoTime)
          .holdout(new Holdout.Last(Duration.ofDays(7)))
          .model("model", model)
          .baselines(Baseline.parseAll("pop,stan"))
          .run()
          .report();
      ReportText.lines(report).forEach(out);
    }
    // @end
  }
}
