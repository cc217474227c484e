package io.attune.serving;

import io.attune.session.Vocabulary;
import java.util.Arrays;
import java.util.List;

/**
 * How a session may go on: its next clicks, in order.
 *
 * @param rows (n): the item row of each click
 * @param probabilities (n): the probability of each click after the session and the clicks before
 *     it, in (0, 1]
 */
public record Continuation(int[] rows, double[] probabilities) {
  public Continuation {
    if (rows.length != probabilities.length) {
      throw new IllegalArgumentException("there must be a probability for each of " + rows.length
          + " clicks, not " + probabilities.length);
    }
  }

  /** The natural logarithm of the probability of all clicks in this order. */
  public double logProbability() {
    return Arrays.stream(probabilities).map(Math::log).sum();
  }

  /** The ids of the items. */
  public List<String> ids(Vocabulary vocabulary) {
    return Arrays.stream(rows).mapToObj(vocabulary::id).toList();
  }
}
