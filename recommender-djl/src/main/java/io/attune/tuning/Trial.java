package io.attune.tuning;

import io.attune.training.Trainer;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A candidate with its results so far.
 *
 * @param number from 1, in the order of drawing; 1 is the initial configuration
 * @param candidate its configuration
 * @param results at each rung that it has reached, the lowest first
 */
public record Trial(int number, Candidate candidate, List<Result> results) {
  /**
   * The best first, of equals the one drawn first; last those without an epoch that may be chosen.
   */
  public static final Comparator<Trial> BEST_FIRST = Comparator.comparing(Trial::isJudged)
      .thenComparingDouble(Trial::score)
      .reversed()
      .thenComparingInt(Trial::number);

  public Trial {
    results = List.copyOf(results);
  }

  /**
   * The result of a trial at a rung.
   *
   * @param epochs trained so far
   * @param bestEpoch the epoch that was best so far, from 1; 0 where all were sampled, of which
   *     none is chosen, or the training failed
   * @param validation metrics of that epoch, or of the last where all were sampled, by name; empty
   *     where the training failed
   * @param seconds spent since the rung before
   * @param over whether no further epoch would follow
   * @param failure why the training failed; null where it did not
   */
  public record Result(
      int epochs,
      int bestEpoch,
      Map<String, Double> validation,
      double seconds,
      boolean over,
      @Nullable String failure) {
    public Result {
      validation = Map.copyOf(validation);
    }

    /**
     * The metric that trials are compared by, that of the choice of epochs; below all others on
     * failure.
     */
    public double score() {
      return validation.getOrDefault(Trainer.CRITERION.name(), -1.0);
    }
  }

  /** The latest result; empty before the first rung. */
  public double score() {
    return results.isEmpty() ? -1 : results.getLast().score();
  }

  /** Whether one of its epochs may be chosen. */
  private boolean isJudged() {
    return isTrained() && results.getLast().bestEpoch() > 0;
  }

  /** Whether it has reached a rung, and has not failed. */
  boolean isTrained() {
    return !results.isEmpty() && results.getLast().failure() == null;
  }

  /** Whether it was trained to its end. */
  boolean isOver() {
    return !results.isEmpty() && results.getLast().over();
  }

  /** Seconds spent on it. */
  public double seconds() {
    return results.stream().mapToDouble(Result::seconds).sum();
  }

  Trial with(Result result) {
    return new Trial(
        number, candidate, Stream.concat(results.stream(), Stream.of(result)).toList());
  }
}
