package io.attune.cli;

import io.attune.evaluation.Figures;
import io.attune.training.Trainer;
import io.attune.training.TrainingListener;
import io.attune.tuning.Trial;
import io.attune.tuning.TuningListener;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Prints the progress of a search to the console, and saves each trial that is the best so far. */
final class TuningProgress implements TuningListener {
  /** Saves a trial. */
  @FunctionalInterface
  interface TrialWriter {
    void write(Trial trial) throws IOException;
  }

  private final Console console;
  private final TrialTable table;
  private final TrialWriter writer;
  private @Nullable Trial best;

  TuningProgress(Console console, TrialTable table, TrialWriter writer) {
    this.console = console;
    this.table = table;
    this.writer = writer;
  }

  @Override
  public void onResume(List<Trial> trials, @Nullable Trial found) {
    best = found;
    console.line(
        "resuming a search of %s%s".formatted(Figures.count(trials.size(), "trial"), bestSoFar()));
  }

  @Override
  public void onStep(Trial trial, TrainingListener.Progress progress, double secondsLeft) {
    console.state(() -> {
      double share = (double) progress.done() / progress.targets();
      return String.format(
          Locale.ROOT,
          "trial %d %d/%d %s%2.0f %% left %s%s",
          trial.number(),
          progress.epoch(),
          progress.epochs(),
          console.bar(share),
          100 * share,
          Double.isNaN(secondsLeft) ? "?" : Figures.clock(secondsLeft),
          bestSoFar());
    });
  }

  @Override
  public void onResult(Trial trial, boolean isBest) {
    Trial.Result result = trial.results().getLast();
    console.line(String.format(
        Locale.ROOT,
        "trial %d, %s: %s, %s%s: %s",
        trial.number(),
        Figures.count(result.epochs(), "epoch"),
        result.failure() == null
            ? TrainingProgress.metrics(result.validation()).replaceFirst(", ", "")
            : "failed, " + result.failure(),
        Figures.seconds(result.seconds()),
        isBest ? " *" : "",
        table.settings(trial)));
    if (isBest) {
      best = trial;
      try {
        writer.write(trial);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** Erases the progress line. */
  void end() {
    console.erase();
  }

  private String bestSoFar() {
    return best == null
        ? ""
        : String.format(
            Locale.ROOT,
            ", best %s %s (trial %d)",
            Trainer.CRITERION.name(),
            Figures.percent(best.score()),
            best.number());
  }
}
