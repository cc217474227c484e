package io.attune.training;

import java.time.Duration;
import java.util.List;

/**
 * How long a training takes, by the speed of a few of its steps on this machine.
 *
 * @param parts one for each encoder, in the order of their training
 */
public record TrainingEstimate(List<Part> parts) {
  public TrainingEstimate {
    parts = List.copyOf(parts);
  }

  /**
   * The training of one encoder.
   *
   * @param encoder its kind in an ensemble, else empty
   * @param select seconds of each epoch of the first phase, with its validation
   * @param refit seconds of each epoch of the second phase; none where there is no such phase
   * @param earliestStop how many epochs the first phase has at least
   * @param earliestBest how many the second has at least
   */
  public record Part(
      String encoder, List<Double> select, List<Double> refit, int earliestStop, int earliestBest) {
    public Part {
      select = List.copyOf(select);
      refit = List.copyOf(refit);
    }

    private double least() {
      return sum(select, 0, earliestStop) + sum(refit, 0, earliestBest);
    }

    private double most() {
      return sum(select, 0, select.size()) + sum(refit, 0, refit.size());
    }

    /** As the estimate says, times how much longer this epoch takes than it says. */
    private double after(TrainingListener.Progress progress) {
      boolean refits = progress.phase().endsWith("refit");
      List<Double> phase = refits ? refit : select;
      double rest = sum(phase, progress.epoch(), progress.epochs())
          + (refits ? 0 : sum(refit, 0, refit.size()));
      double epoch = progress.targets() / progress.targetsPerSecond();
      return rest * epoch / phase.get(progress.epoch() - 1);
    }

    private static double sum(List<Double> epochs, int from, int to) {
      return epochs.subList(Math.min(from, epochs.size()), Math.min(to, epochs.size())).stream()
          .mapToDouble(Double::doubleValue)
          .sum();
    }
  }

  /** The time where each first phase stops as early as it can. */
  public Duration least() {
    return duration(parts.stream().mapToDouble(Part::least).sum());
  }

  /** The time where nothing stops early. */
  public Duration most() {
    return duration(parts.stream().mapToDouble(Part::most).sum());
  }

  /**
   * The time from the end of an epoch to the end of this encoder's training, at most, if the
   * machine goes on as fast as in this epoch.
   *
   * @param progress in the epoch
   */
  public Duration after(TrainingListener.Progress progress) {
    return duration(parts.stream()
        .filter(part -> part.encoder.equals(progress.encoder()))
        .mapToDouble(part -> part.after(progress))
        .sum());
  }

  private static Duration duration(double seconds) {
    return Duration.ofMillis(Math.round(1000 * seconds));
  }
}
