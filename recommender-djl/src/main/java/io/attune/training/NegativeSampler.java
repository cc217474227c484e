package io.attune.training;

import java.util.Arrays;
import java.util.Comparator;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Draws the candidates that all targets of a step share: the targets themselves, and negatives.
 *
 * <p>Not for use by several threads at once.
 */
final class NegativeSampler {
  private final int count;
  private final SamplingDistribution sampler;
  private final double[] shares; // (V): of each item among all targets
  private final int[] byPopularity; // rows, the most clicked first
  private final int[] ranks; // (V): rank of each item in it
  private final int[] columns; // (V + 1): where a row stands among the candidates, -1 for nowhere

  /**
   * A sampler of items.
   *
   * @param counts (V): clicks of each item, row 1 first
   * @param count how many negatives to draw; of a small catalogue at most all items
   */
  NegativeSampler(long[] counts, int count, SamplingDistribution sampler) {
    this.count = Math.min(count, counts.length);
    this.sampler = sampler;
    double total = Math.max(1, Arrays.stream(counts).sum());
    shares = Arrays.stream(counts).mapToDouble(each -> each / total).toArray();
    byPopularity = IntStream.range(0, counts.length)
        .boxed()
        .sorted(Comparator.comparingLong((Integer item) -> counts[item]).reversed())
        .mapToInt(item -> item + 1)
        .toArray();
    ranks = new int[counts.length];
    for (int rank = 0; rank < byPopularity.length; rank++) {
      ranks[byPopularity[rank] - 1] = rank;
    }
    columns = new int[counts.length + 1];
    Arrays.fill(columns, -1);
  }

  /**
   * Candidates of a step.
   *
   * @param rows (C): item rows, each once, none 0
   * @param logShares (C): logarithm of the chance with which each was to be among them
   * @param columns (P): where each target stands
   */
  record Candidates(int[] rows, float[] logShares, int[] columns) {}

  /** Draws the candidates of a step with these targets. */
  Candidates draw(int[] targets, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int items = shares.length;
    int[] rows = new int[Math.min(items, targets.length + count)];
    int size = 0;
    int[] places = new int[targets.length];
    for (int p = 0; p < targets.length; p++) {
      size = add(targets[p], rows, size);
      places[p] = columns[targets[p]];
    }
    switch (sampler) {
      case UNIFORM -> {
        // Floyd's: each of the last count numbers, or what was drawn below it. Whether a row was
        // drawn is told by a mark of its own, since a target may be drawn as well.
        boolean[] drawn = new boolean[items];
        for (int most = items - count; most < items; most++) {
          int item = random.nextInt(most + 1);
          if (drawn[item]) {
            item = most;
          }
          drawn[item] = true;
          size = add(item + 1, rows, size);
        }
      }
      case LOG_UNIFORM -> {
        double range = Math.log(items + 1.0);
        for (int i = 0; i < count; i++) {
          int rank = (int) (Math.exp(random.nextDouble() * range) - 1);
          size = add(byPopularity[Math.min(rank, items - 1)], rows, size);
        }
      }
    }
    int[] candidates = Arrays.copyOf(rows, size);
    float[] logShares = new float[size];
    for (int c = 0; c < size; c++) {
      logShares[c] = (float) Math.log(share(candidates[c], targets.length));
      columns[candidates[c]] = -1;
    }
    return new Candidates(candidates, logShares, places);
  }

  private int add(int row, int[] rows, int size) {
    if (columns[row] >= 0) {
      return size;
    }
    columns[row] = size;
    rows[size] = row;
    return size + 1;
  }

  /** The chance that an item is a candidate: as another's target, or drawn. */
  private double share(int row, int targets) {
    double missed = Math.pow(1 - shares[row - 1], targets);
    double notDrawn =
        switch (sampler) {
          case UNIFORM -> 1 - (double) count / shares.length;
          case LOG_UNIFORM -> {
            double each = Math.log1p(1.0 / (ranks[row - 1] + 1)) / Math.log(shares.length + 1.0);
            yield Math.pow(1 - each, count);
          }
        };
    return 1 - missed * notDrawn;
  }
}
