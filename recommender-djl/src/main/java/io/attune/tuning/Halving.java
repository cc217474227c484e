package io.attune.tuning;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Asynchronous successive halving (Li et al. 2020, ASHA, algorithm 2, with one worker): a trial is
 * promoted to the next rung as soon as it is among the best third of those that have reached its
 * own. The next trial depends only on the results so far, so a search that was stopped continues as
 * if it had not been.
 *
 * <p>Differs from the paper: the third is rounded up, so that a search of few trials promotes, too;
 * and the first trial, the initial configuration, is always trained to the end.
 *
 * @param rungs epochs after which trials are compared; the last is the full training
 */
record Halving(List<Integer> rungs) {
  /**
   * The reduction factor: one trial in so many is promoted, and trained that many times as long.
   */
  private static final int FACTOR = 3;

  private static final int MAX_RUNGS = 3;

  /** Checkpoints kept in addition to those of trials that may be promoted now. */
  private static final int SPARE = 4;

  Halving {
    rungs = List.copyOf(rungs);
  }

  /** The rungs of a training: all epochs, a third, a ninth, each at least one. */
  static Halving of(int epochs) {
    TreeSet<Integer> rungs = new TreeSet<>();
    double share = epochs;
    for (int i = 0; i < MAX_RUNGS; i++) {
      rungs.add(Math.max(1, (int) Math.round(share)));
      share /= FACTOR;
    }
    return new Halving(List.copyOf(rungs));
  }

  /** The number of trials promoted from a rung. */
  static int promoted(int count) {
    return Math.ceilDiv(count, FACTOR);
  }

  /** Trials to promote, the most urgent first. */
  List<Trial> promotable(List<Trial> trials) {
    return within(trials, 0);
  }

  /** Trials that may be promoted, now or after further results. */
  List<Trial> waiting(List<Trial> trials) {
    return within(trials, SPARE);
  }

  private List<Trial> within(List<Trial> trials, int spare) {
    List<Trial> going = new ArrayList<>();
    trials.stream().limit(1).filter(this::canGoOn).forEach(going::add);
    for (int rung = rungs.size() - 2; rung >= 0; rung--) {
      int at = rung;
      List<Trial> there = trials.stream()
          .filter(trial -> trial.results().size() > at)
          .sorted(
              Comparator.<Trial>comparingDouble(trial -> trial.results().get(at).score())
                  .reversed()
                  .thenComparingInt(Trial::number))
          .toList();
      there.stream()
          .limit(promoted(there.size()) + (long) spare)
          .filter(trial -> trial.results().size() == at + 1 && canGoOn(trial))
          .filter(trial -> !going.contains(trial))
          .forEach(going::add);
    }
    return going;
  }

  /**
   * Trials that are not finished, whether or not they are good enough to be promoted; the farthest
   * and best first.
   */
  List<Trial> unfinished(List<Trial> trials) {
    return trials.stream()
        .filter(this::canGoOn)
        .sorted(Comparator.<Trial>comparingInt(trial -> trial.results().size())
            .reversed()
            .thenComparing(Trial.BEST_FIRST))
        .toList();
  }

  private boolean canGoOn(Trial trial) {
    return trial.results().size() < rungs.size() && !trial.isOver();
  }

  /** The number of trials that reach each rung, if none is overtaken later. */
  List<Integer> reaching(int trials) {
    return Stream.iterate(trials, Halving::promoted).limit(rungs.size()).toList();
  }
}
