package io.attune.evaluation;

/**
 * The outcome of an evaluation: a rank for each prediction, in the order of the test sessions.
 *
 * @param recommender its name
 * @param ranks rank of the true next item, from 1, or {@link #MISS}
 * @param sessions how many test sessions had a prediction
 * @param unknownTargets misses because the model does not know the true next item
 * @param unknownClicks misses because it knows none of the clicks before it
 */
public record Ranks(
    String recommender, int[] ranks, int sessions, int unknownTargets, int unknownClicks) {
  /** Stands for the rank of what could not be ranked. */
  public static final int MISS = 0;

  /** The number of predictions, misses included. */
  public int predictions() {
    return ranks.length;
  }

  /** A metric over all predictions. */
  public double mean(Metric metric) {
    return metric.mean(ranks);
  }
}
