package io.attune.metric;

import java.util.BitSet;

/**
 * An accuracy metric at a cutoff, with values from 0 to 1.
 *
 * @param measure what is measured
 * @param cutoff K: only the first K items of a list count
 */
public record Metric(Measure measure, int cutoff) {

  /** What a metric measures. */
  public enum Measure {
    /** Hit rate: 1 if the next item is in the list. */
    HR(Relevant.NEXT),
    /** Mean reciprocal rank: 1 / rank. */
    MRR(Relevant.NEXT),
    /**
     * Normalised discounted cumulative gain: relevance / log2(1 + rank), summed over the list and
     * divided by the sum for the ideal order. A next item has relevance 1. As {@code ndcg_cut} of
     * trec_eval.
     */
    NDCG(Relevant.NEXT),
    /**
     * Mean average precision: the sum of the precisions at each hit, divided by the number of
     * relevant items. As {@code map_cut} of trec_eval; some implementations divide by min(K,
     * relevant items).
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

    /** The items that count as relevant. */
    public Relevant relevant() {
      return relevant;
    }
  }

  /** Which items of a session count as relevant. */
  public enum Relevant {
    /** The next item of the session. */
    NEXT,
    /** All remaining items of the session, each once. */
    REST
  }

  /** The rank of a target that could not be ranked. */
  public static final int MISS = 0;

  public Metric {
    if (cutoff < 1) {
      throw new IllegalArgumentException("a cutoff must be 1 or more, not " + cutoff);
    }
  }

  /** The usual notation, such as {@code HR@20}. */
  public String name() {
    return measure + "@" + cutoff;
  }

  /**
   * The value for a single relevant item.
   *
   * @param rank from 1; {@link #MISS} if the item could not be ranked
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
   * The value for a list with any number of relevant items.
   *
   * @param hits set where the item at a position is relevant
   * @param from index of the bit of the list's first position; there are as many bits as the cutoff
   * @param relevant number of relevant items
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
   * The value for a list with graded relevance. NDCG uses the relevance as gain; the other metrics
   * only whether it is positive.
   *
   * @param gains (L): relevance of the item at each position, 0 if it is not relevant
   * @param ideal relevance of all relevant items, each above 0, in descending order
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
