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
 * <p>Differs from the paper: the third is rounded up, so that a search of few trials promotes as
 * well; and the first trial, what the search starts from, always goes on to the end.
 *
 * @param rungs epochs after which trials are compared; the last is the whole training
 */
record Halving(List<Integer> rungs) {
  /** One in so many goes on, and for so many times as long. */
  private static final int FACTOR = 3;

  private static final int MAX_RUNGS = 3;

  /** Trials that are kept ready to go on beyond those that may do so now. */
  private static final int SPARE = 4;

  Halving {
    rungs = List.copyOf(rungs);
  }

  /** The rungs of a training of so many epochs: all, a third, a ninth, each at least one. */
  static Halving of(int epochs) {
    TreeSet<Integer> rungs = new TreeSet<>();
    double share = epochs;
    for (int i = 0; i < MAX_RUNGS; i++) {
      rungs.add(Math.max(1, (int) Math.round(share)));
      share /= FACTOR;
    }
    return new Halving(List.copyOf(rungs));
  }

  /** How many of so many that reach a rung go on. */
  static int promoted(int count) {
    return Math.ceilDiv(count, FACTOR);
  }

  /** Trials that are to go on, the most urgent first. */
  List<Trial> promotable(List<Trial> trials) {
    return within(trials, 0);
  }

  /** Trials that may have to go on, now or when some more are there. */
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

  /** Trials that could go on, whether or not they are good enough; the farthest and best first. */
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

  /** How many of so many trials reach each rung, if none is overtaken later. */
  List<Integer> reaching(int trials) {
    return Stream.iterate(trials, Halving::promoted).limit(rungs.size()).toList();
  }
}
