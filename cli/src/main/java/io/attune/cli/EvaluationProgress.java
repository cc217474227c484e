package io.attune.cli;

import io.attune.evaluation.EvaluationListener;
import io.attune.evaluation.Figures;
import java.time.Instant;
import java.util.Locale;

/**
 * Prints the progress of an evaluation to the console.
 *
 * @param console the console
 */
record EvaluationProgress(Console console) implements EvaluationListener {
  @Override
  public void onNote(String note) {
    console.line(note);
  }

  @Override
  public void onFinding(String finding) {
    console.warn(finding);
  }

  @Override
  public void onWindow(String recommender, int window, int windows, Instant start) {
    console.line(String.format(
        Locale.ROOT, "%s: window %d of %d, from %s", recommender, window, windows, start));
  }

  @Override
  public void onProgress(String recommender, int done, int total, double seconds) {
    double share = (double) done / total;
    console.state(() -> String.format(
        Locale.ROOT,
        "%s %s%2.0f %% of %s, %,.0f/s",
        recommender,
        console.bar(share),
        100 * share,
        Figures.count(total, "prediction"),
        done / seconds));
  }

  @Override
  public void onRanked(String recommender, int predictions, double seconds) {
    console.line("%s: %s in %s, %s/s"
        .formatted(
            recommender,
            Figures.count(predictions, "prediction"),
            Figures.seconds(seconds),
            Figures.count(Math.round(predictions / seconds))));
  }
}
