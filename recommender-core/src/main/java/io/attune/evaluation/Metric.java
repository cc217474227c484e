package io.attune.evaluation;

/**
 * A mean over predictions of what a rank is worth, for the one true next item of each.
 *
 * @param measure what a rank within the cutoff is worth
 * @param cutoff K: ranks beyond it are worth nothing
 */
public record Metric(Measure measure, int cutoff) {

  /** What a rank is worth. */
  public enum Measure {
    /** Hit rate: 1. With one true item a prediction it is recall as well. */
    HR,
    /** Mean reciprocal rank: 1 / rank. */
    MRR,
    /** Normalised discounted cumulative gain: 1 / log2(1 + rank); the ideal gain is 1. */
    NDCG
  }

  public Metric {
    if (cutoff < 1) {
      throw new IllegalArgumentException("a cutoff must be 1 or more, not " + cutoff);
    }
  }

  /** Such as {@code HR@20}. */
  public String name() {
    return measure + "@" + cutoff;
  }

  /**
   * The worth of one rank.
   *
   * @param rank from 1; {@link Ranks#MISS} where the target could not be ranked
   * @return 0 to 1
   */
  public double worth(int rank) {
    if (rank == Ranks.MISS || rank > cutoff) {
      return 0;
    }
    return switch (measure) {
      case HR -> 1;
      case MRR -> 1.0 / rank;
      case NDCG -> Math.log(2) / Math.log(1.0 + rank);
    };
  }

  /**
   * The mean worth.
   *
   * @return 0 to 1; NaN where there is no prediction
   */
  public double mean(int[] ranks) {
    double sum = 0;
    for (int rank : ranks) {
      sum += worth(rank);
    }
    return sum / ranks.length;
  }
}
