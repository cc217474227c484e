package io.attune.metric;

import java.util.BitSet;

/**
 * What a prediction is worth, from 0 to 1.
 *
 * @param measure what is measured within the cutoff
 * @param cutoff K: what stands behind it is worth nothing
 */
public record Metric(Measure measure, int cutoff) {

  /** What is measured. */
  public enum Measure {
    /** Hit rate: 1. */
    HR(Relevant.NEXT),
    /** Mean reciprocal rank: 1 / rank. */
    MRR(Relevant.NEXT),
    /**
     * Normalised discounted cumulative gain: relevance / log2(1 + rank), summed over the list, by
     * the sum of the best order. A next item has relevance 1. As {@code ndcg_cut} of trec_eval.
     */
    NDCG(Relevant.NEXT),
    /**
     * Mean average precision: the precisions at the place of each hit, added up, over the number of
     * relevant items. As {@code map_cut} of trec_eval; others divide by K where that is less.
     */
    MAP(Relevant.REST),
    /** Precision: hits / K. */
    P(Relevant.REST),
    /** Recall: hits / relevant items. */
    R(Relevant.REST);

    private final Relevant relevant;

    Measure(Relevant relevant) {
      this.relevant = relevant;
    }

    /** Which items it wants. */
    public Relevant relevant() {
      return relevant;
    }
  }

  /** Which items a metric wants. */
  public enum Relevant {
    /** The next item of the session. */
    NEXT,
    /** All items that are still to come in it, each once. */
    REST
  }

  /** Stands for the rank of what could not be ranked. */
  public static final int MISS = 0;

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
   * The value of a rank, where one item is relevant.
   *
   * @param rank from 1; {@link #MISS} where the item could not be ranked
   * @return 0 to 1
   */
  public double value(int rank) {
    if (rank == MISS || rank > cutoff) {
      return 0;
    }
    return switch (measure) {
      case HR, R -> 1;
      case MRR, MAP -> 1.0 / rank;
      case NDCG -> gain(rank);
      case P -> 1.0 / cutoff;
    };
  }

  /**
   * The value of a list, where any number of items is relevant.
   *
   * @param hits whether the item at a place is relevant
   * @param from the bit of the list's first place; there are as many as the cutoff
   * @param relevant how many items are
   * @return 0 to 1
   */
  public double value(BitSet hits, int from, int relevant) {
    if (relevant == 0) {
      return 0;
    }
    int found = 0;
    int first = 0;
    double precisions = 0;
    double gain = 0;
    for (int at = hits.nextSetBit(from);
        at >= 0 && at < from + cutoff;
        at = hits.nextSetBit(at + 1)) {
      int rank = at - from + 1;
      found++;
      first = first == 0 ? rank : first;
      precisions += (double) found / rank;
      gain += gain(rank);
    }
    return switch (measure) {
      case HR -> found > 0 ? 1 : 0;
      case MRR -> first == 0 ? 0 : 1.0 / first;
      case NDCG -> gain / idealGain(Math.min(relevant, cutoff));
      case MAP -> precisions / relevant;
      case P -> (double) found / cutoff;
      case R -> (double) found / relevant;
    };
  }

  /**
   * The value of a list where some items are more relevant than others: NDCG takes relevance as the
   * gain, the other metrics whether it is above zero.
   *
   * @param gains (L): relevance of the item at each place of the list, 0 where it is not relevant
   * @param ideal the relevance of all relevant items, each above 0, the highest first
   * @return 0 to 1
   */
  public double value(double[] gains, double[] ideal) {
    if (ideal.length == 0) {
      return 0;
    }
    if (measure == Measure.NDCG) {
      return discounted(gains) / discounted(ideal);
    }
    BitSet hits = new BitSet();
    for (int place = 0; place < gains.length; place++) {
      hits.set(place, gains[place] > 0);
    }
    return value(hits, 0, ideal.length);
  }

  private double discounted(double[] gains) {
    double sum = 0;
    for (int place = 0; place < Math.min(cutoff, gains.length); place++) {
      sum += gains[place] * gain(place + 1);
    }
    return sum;
  }

  private static double gain(int rank) {
    return Math.log(2) / Math.log(1.0 + rank);
  }

  private static double idealGain(int relevant) {
    double sum = 0;
    for (int rank = 1; rank <= relevant; rank++) {
      sum += gain(rank);
    }
    return sum;
  }
}
