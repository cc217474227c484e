package io.attune.cli;

import io.attune.evaluation.Figures;
import io.attune.model.Manifest;
import io.attune.training.ClickedGain;
import io.attune.training.LossKind;
import io.attune.training.PreparedData;
import io.attune.training.TrainingConfig;
import io.attune.training.TrainingEstimate;
import io.attune.training.TrainingListener;
import io.attune.training.UnclickedGain;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Prints the progress of a training to the console. */
final class TrainingProgress implements TrainingListener {
  private final Console console;
  private final String details;
  private @Nullable Start started;
  private @Nullable TrainingEstimate estimate;

  /**
   * Creates a listener for one training.
   *
   * @param details what the first line adds to device and precision
   */
  TrainingProgress(Console console, String details) {
    this.console = console;
    this.details = details;
  }

  @Override
  public void onPrepared(PreparedData prepared) {
    TrainCommand.describe(prepared, console);
  }

  @Override
  public void onEstimate(TrainingEstimate expected) {
    estimate = expected;
    String least = Figures.roughly(expected.least());
    String most = Figures.roughly(expected.most());
    console.line("training will take "
        + (least.equals(most) ? "about " + most : least + " to " + most)
        + ", by the speed of its first steps on this machine");
  }

  @Override
  public void onStart(Start start) {
    if (started == null) {
      console.line("device %s, precision %s, %s"
          .formatted(start.device(), start.precision().name().toLowerCase(Locale.ROOT), details));
      console.line(loss(start));
    }
    started = start;
    console.line(Figures.count(start.targets(), "target") + " per epoch");
  }

  /** Describes the loss, and why it was chosen if the configuration leaves it open. */
  private static String loss(Start start) {
    TrainingConfig training = start.training();
    String chosen =
        switch (start.loss()) {
          case AUTO, FULL -> "softmax over all items";
          case SAMPLED -> "softmax over samples of " + Figures.count(training.negatives(), "item");
          case GBCE -> "gBCE over samples of " + Figures.count(training.negatives(), "item");
        };
    String why = training.loss() == LossKind.AUTO
        ? ", because there are " + Figures.count(start.items(), "item")
        : "";
    String before = training.sampledEpochs() > 0
        ? "; over samples in the first " + Figures.count(training.sampledEpochs(), "epoch")
        : "";
    return "loss: " + chosen + why + before;
  }

  @Override
  public void onStep(Progress progress) {
    console.state(() -> text(progress));
  }

  @Override
  public void onEpoch(Manifest.Epoch epoch, boolean best) {
    console.line(String.format(
        Locale.ROOT,
        "%s %d: loss %s%s, %s%s",
        epoch.phase(),
        epoch.epoch(),
        Figures.decimal(epoch.loss(), 4),
        metrics(epoch.validation()),
        Figures.seconds(epoch.seconds()),
        best && !epoch.validation().isEmpty() ? " *" : ""));
  }

  @Override
  public void onClicked(ClickedGain gain) {
    String name = (gain.encoder().isEmpty() ? "" : gain.encoder() + " ") + "clicked items";
    console.line(
        gain.correction().isNone()
            ? name + ": not corrected, since on validation a correction gains nothing"
            : "%s: corrected, on validation%s -> %s"
                .formatted(
                    name,
                    metrics(gain.before()).replaceFirst(",", ""),
                    metrics(gain.after()).replaceFirst(", ", "")));
  }

  @Override
  public void onUnclicked(UnclickedGain gain) {
    console.line(String.format(
        Locale.ROOT,
        "%swords: vectors of length %s for %s without clicks and for those that are added later. On"
            + " validation, clicked items that are given theirs have HR@20 %s instead of %s, and the"
            + " others %s %s",
        gain.encoder().isEmpty() ? "" : gain.encoder() + " ",
        gain.length(),
        Figures.count(gain.items(), "item"),
        Figures.percent(gain.found()),
        Figures.percent(gain.trained()),
        gain.lost() < 0 ? "gain" : "lose",
        Figures.percent(Math.abs(gain.lost()))));
  }

  /** Formats metrics: {@code , HR@20 48.06, MRR@20 17.02}. Metrics with a cutoff are in percent. */
  static String metrics(Map<String, Double> metrics) {
    return metrics.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .map(metric -> ", " + metric.getKey() + " "
            + (metric.getKey().contains("@")
                ? Figures.percent(metric.getValue())
                : Figures.decimal(metric.getValue(), 2)))
        .collect(Collectors.joining());
  }

  private String text(Progress progress) {
    double share = (double) progress.done() / progress.targets();
    double left = (progress.targets() - progress.done()) / progress.targetsPerSecond();
    return String.format(
        Locale.ROOT,
        "%s %d/%d %s%2.0f %% loss %.3f %,.0f targets/s, left %s, %s <%s",
        progress.phase(),
        progress.epoch(),
        progress.epochs(),
        console.bar(share),
        100 * share,
        progress.loss(),
        progress.targetsPerSecond(),
        Figures.clock(left),
        progress.encoder().isEmpty() ? "all" : progress.encoder(),
        Figures.clock(left + maxSecondsAfterEpoch(progress)));
  }

  /** The maximum time after the current epoch; early stopping makes it shorter. */
  private double maxSecondsAfterEpoch(Progress progress) {
    if (estimate != null) {
      return estimate.after(progress).toMillis() / 1e3;
    }
    double epoch = progress.targets() / progress.targetsPerSecond();
    double inPhase = (progress.epochs() - progress.epoch()) * epoch;
    if (started == null || !started.refits() || !progress.phase().endsWith("select")) {
      return inPhase;
    }
    double refit = epoch / (1 - started.training().validation()) * progress.epochs();
    return inPhase + refit;
  }
}
