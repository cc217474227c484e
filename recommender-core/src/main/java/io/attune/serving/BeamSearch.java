package io.attune.serving;

import io.attune.incremental.SessionState;
import io.attune.recommender.Prefix;
import io.attune.vector.NotFiniteException;
import io.attune.vector.TopK;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntPredicate;

/**
 * Continues sessions, click by click, with the steps of serving: sequence to sequence (Sutskever et
 * al., NeurIPS 2014), where the session encoder is the decoder as well.
 *
 * <p>The probability of a click is the softmax of the scores of all candidates, which a model
 * trained with the softmax loss predicts; that of a sequence is their product. After each step the
 * most likely sequences are kept, as many as the beam is wide. A beam of 1 takes the best item at
 * each step. The clicks to come have no times.
 *
 * <p>Thread-safe.
 */
public final class BeamSearch {
  private final ServingModel model;
  private final int steps;
  private final int beam;
  private final boolean repeats;
  private final IntPredicate candidate;

  /**
   * A search.
   *
   * @param steps n, the number of clicks to continue by, at least 1
   * @param beam number of sequences to keep after each step, at least 1
   * @param repeats whether a click may be on an item that was clicked before, in the session or the
   *     sequence; if not, probabilities are among the other candidates
   * @param candidate selects the item rows that may be clicked
   * @throws IllegalArgumentException if {@code steps} or {@code beam} is less than 1
   */
  public BeamSearch(
      ServingModel model, int steps, int beam, boolean repeats, IntPredicate candidate) {
    if (steps < 1 || beam < 1) {
      throw new IllegalArgumentException(
          "steps and beam must be at least 1, not " + steps + " and " + beam);
    }
    this.model = model;
    this.steps = steps;
    this.beam = beam;
    this.repeats = repeats;
    this.candidate = candidate;
  }

  /**
   * Finds likely continuations of a session.
   *
   * @param session at least one click
   * @return the most likely first, at most as many as the beam is wide; of fewer clicks than asked
   *     for only where no candidate is left
   * @throws IllegalArgumentException if the session has no clicks
   * @throws ArithmeticException if a score is NaN
   */
  public List<Continuation> continuations(Prefix session) {
    if (session.length() == 0) {
      throw new IllegalArgumentException("a session without clicks cannot be continued");
    }
    SessionState state = model.encoder().start();
    for (int i = 0; i < session.length(); i++) {
      model.encoder().advance(state, session.clicks()[i], session.time(i));
    }
    int[] clicked =
        Arrays.stream(session.clicks(), 0, session.length()).sorted().distinct().toArray();
    float[] scores = new float[model.items().size() + 1];
    List<Branch> branches = List.of(new Branch(state, new int[0], new double[0], 0));
    for (int step = 0; step < steps; step++) {
      List<Step> next = new ArrayList<>();
      for (Branch branch : branches) {
        next.addAll(steps(branch, clicked, scores));
      }
      if (next.isEmpty()) {
        break;
      }
      boolean last = step == steps - 1;
      branches = next.stream()
          .sorted(Comparator.comparingDouble(Step::logProbability).reversed())
          .limit(beam)
          .map(each -> each.taken(model, last))
          .toList();
    }
    return branches.stream()
        .map(branch -> new Continuation(branch.rows, branch.probabilities))
        .toList();
  }

  /** A sequence of clicks after the session, and the state after them. */
  private record Branch(
      SessionState state, int[] rows, double[] probabilities, double logProbability) {}

  /** A click that a branch may go on with. */
  private record Step(Branch from, int row, double logOfStep) {
    double logProbability() {
      return from.logProbability + logOfStep;
    }

    Branch taken(ServingModel model, boolean last) {
      int length = from.rows.length;
      int[] rows = Arrays.copyOf(from.rows, length + 1);
      rows[length] = row;
      double[] probabilities = Arrays.copyOf(from.probabilities, length + 1);
      probabilities[length] = Math.exp(logOfStep);
      SessionState state = last ? from.state : from.state.copy();
      if (!last) {
        model.encoder().advance(state, row);
      }
      return new Branch(state, rows, probabilities, logProbability());
    }
  }

  /** The best clicks to go on with, as many as the beam is wide. */
  private List<Step> steps(Branch branch, int[] clicked, float[] scores) {
    SessionVector vector = model.vector(branch.state);
    model.items().scores(vector.query(), 0, scores.length, scores);
    vector.clicked().addTo(scores, 0);
    scores[0] = Float.NEGATIVE_INFINITY;
    float highest = Float.NEGATIVE_INFINITY;
    for (int row = 1; row < scores.length; row++) {
      if (Float.isNaN(scores[row])) {
        throw new NotFiniteException("the score of row " + row + " is not a number (NaN)");
      }
      if (!candidate.test(row) || (!repeats && isClicked(row, clicked, branch.rows))) {
        scores[row] = Float.NEGATIVE_INFINITY;
      }
      highest = Math.max(highest, scores[row]);
    }
    TopK best = new TopK(beam);
    double sum = 0;
    for (int row = 1; row < scores.length; row++) {
      if (scores[row] > Float.NEGATIVE_INFINITY) {
        sum += Math.exp(scores[row] - highest);
        best.offer(row, scores[row]);
      }
    }
    double logSum = highest + Math.log(sum);
    return best.sorted((rows, found) -> {
      List<Step> steps = new ArrayList<>(rows.length);
      for (int i = 0; i < rows.length; i++) {
        steps.add(new Step(branch, rows[i], found[i] - logSum));
      }
      return steps;
    });
  }

  private static boolean isClicked(int row, int[] clicked, int[] since) {
    return Arrays.binarySearch(clicked, row) >= 0
        || Arrays.stream(since).anyMatch(each -> each == row);
  }
}
