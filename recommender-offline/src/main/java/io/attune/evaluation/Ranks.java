package io.attune.evaluation;

import io.attune.metric.Metric;
import io.attune.metric.Ties;
import io.attune.recommender.TargetRanks;
import io.attune.session.Sessions;
import io.attune.session.Vocabulary;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The rank of the true next item for each prediction of a recommender, with its best items.
 *
 * <p>Thread-safe. Takes 8 bytes per prediction, and 4 bytes per item kept.
 */
public final class Ranks {
  private static final int UNKNOWN = -1;

  private final String recommender;
  private final Predictions predictions;
  private final Sessions sessions; // in the recommender's rows
  private final int depth; // K
  private final int[] above; // (P): number of items above the target; UNKNOWN without a rank
  private final int[] tied; // (P): number of other items that tie with the target
  private final int[] best; // (P, K)
  private final int unknownTargets;
  private final int unknownClicks;
  private @Nullable Remaining remaining;

  private Ranks(Builder builder) {
    this.recommender = builder.recommender;
    this.predictions = builder.predictions;
    this.sessions = builder.sessions;
    this.depth = builder.depth;
    this.above = builder.above;
    this.tied = builder.tied;
    this.best = builder.best;
    this.unknownTargets = builder.unknownTargets;
    this.unknownClicks = builder.unknownClicks;
  }

  /**
   * Joins the ranks of parts of the predictions, in the rows of the test.
   *
   * @param partOf (P): the part of each prediction; the predictions of a part keep its order
   */
  static Ranks join(Predictions all, int[] partOf, List<Ranks> parts) {
    Ranks first = parts.getFirst();
    Builder joined = new Builder(first.recommender, all, all.test(), first.depth);
    int[] next = new int[parts.size()];
    int[][] rows = parts.stream()
        .map(part -> part.vocabulary().rowsIn(all.test().vocabulary()))
        .toArray(int[][]::new);
    for (int p = 0; p < partOf.length; p++) {
      int from = next[partOf[p]]++;
      joined.add(p, parts.get(partOf[p]), from, rows[partOf[p]]);
    }
    for (Ranks part : parts) {
      joined.unknownTargets += part.unknownTargets;
      joined.unknownClicks += part.unknownClicks;
    }
    return joined.build();
  }

  /** The name of the recommender. */
  public String recommender() {
    return recommender;
  }

  /** The predictions, including misses. */
  public Predictions predictions() {
    return predictions;
  }

  /** The items that were ranked. */
  public Vocabulary vocabulary() {
    return sessions.vocabulary();
  }

  /** K, the number of best items kept per prediction. */
  public int depth() {
    return depth;
  }

  /** The number of misses because the target is unknown. */
  public int unknownTargets() {
    return unknownTargets;
  }

  /** The number of misses because no click of the prefix is known. */
  public int unknownClicks() {
    return unknownClicks;
  }

  /** The number of targets that tie with another item. */
  public int tied() {
    return (int) Arrays.stream(tied).filter(count -> count > 0).count();
  }

  /** The rank of a target, from 1, or {@link Metric#MISS}. */
  public int rank(int prediction, Ties ties) {
    return above[prediction] == UNKNOWN
        ? Metric.MISS
        : ties.rank(above[prediction], tied[prediction]);
  }

  /** The ranks of all targets, with ties counted against them. */
  public int[] ranks() {
    int[] ranks = new int[above.length];
    Arrays.setAll(ranks, prediction -> rank(prediction, Ties.CONSERVATIVE));
    return ranks;
  }

  /**
   * The rows of the best items, where the target is at its rank among the items that it ties with.
   *
   * @return at most {@link #depth()} rows; none if no click of the prefix is known
   */
  public int[] list(int prediction, Ties ties) {
    int[] list = new int[depth];
    int rank = rank(prediction, ties);
    int target = rank == Metric.MISS ? Vocabulary.UNKNOWN : target(prediction);
    int size = 0;
    for (int i = 0; i < depth && size < depth; i++) {
      if (size == rank - 1) {
        list[size++] = target;
      }
      int row = best[prediction * depth + i];
      if (row != target && row != 0 && size < depth) {
        list[size++] = row;
      }
    }
    if (size == rank - 1 && size < depth) {
      list[size++] = target;
    }
    return Arrays.copyOf(list, size);
  }

  private int target(int prediction) {
    return sessions.item(
        sessions.start(predictions.session(prediction)) + predictions.clicksBefore(prediction));
  }

  /**
   * The value of a metric for each prediction.
   *
   * @return float64 (P)
   * @throws IllegalArgumentException if the metric needs more items than were kept
   */
  public double[] values(Metric metric, Ties ties) {
    double[] values = new double[above.length];
    switch (metric.measure().relevant()) {
      case NEXT -> Arrays.setAll(values, p -> metric.value(rank(p, ties)));
      case REST -> {
        if (metric.cutoff() > depth) {
          throw new IllegalArgumentException(String.format(
              Locale.ROOT,
              "%s needs the best %d items, but %d were kept",
              metric.name(),
              metric.cutoff(),
              depth));
        }
        Remaining items = remaining(ties);
        Arrays.setAll(values, p -> metric.value(items.hits, p * depth, items.relevant[p]));
      }
    }
    return values;
  }

  /** The mean over all predictions, with ties counted against the targets; NaN without any. */
  public double mean(Metric metric) {
    return mean(metric, Ties.CONSERVATIVE);
  }

  /** The mean over all predictions; NaN without any. */
  public double mean(Metric metric, Ties ties) {
    double sum = 0;
    for (double value : values(metric, ties)) {
      sum += value;
    }
    return sum / above.length;
  }

  /**
   * The items that remain in sessions.
   *
   * @param hits (P, K): whether an item of a list is clicked later in the session
   * @param relevant (P): number of distinct remaining items
   */
  private record Remaining(Ties ties, BitSet hits, int[] relevant) {}

  private synchronized Remaining remaining(Ties ties) {
    Remaining cached = remaining;
    if (cached == null || cached.ties != ties) {
      cached = findRemaining(ties);
      remaining = cached;
    }
    return cached;
  }

  /** Goes from the last prediction of a session to its first, so the remaining items only grow. */
  private Remaining findRemaining(Ties ties) {
    Sessions test = predictions.test();
    int[] seen = new int[test.vocabulary().size() + 1]; // by row of the log: session + 1
    int[] relevantRows = new int[vocabulary().size() + 1]; // by row of the recommender: session + 1
    BitSet hits = new BitSet();
    int[] relevant = new int[above.length];
    int count = 0;
    int end = 0;
    for (int p = above.length - 1; p >= 0; p--) {
      int session = predictions.session(p);
      if (p == above.length - 1 || predictions.session(p + 1) != session) {
        count = 0;
        end = test.length(session);
      }
      for (int position = end - 1; position >= predictions.clicksBefore(p); position--) {
        int row = test.item(test.start(session) + position);
        if (row == Vocabulary.UNKNOWN || seen[row] != session + 1) {
          count++;
          seen[row] = session + 1;
        }
        relevantRows[sessions.item(sessions.start(session) + position)] = session + 1;
      }
      end = predictions.clicksBefore(p);
      relevant[p] = count;
      int[] list = list(p, ties);
      for (int i = 0; i < list.length; i++) {
        if (relevantRows[list[i]] == session + 1) {
          hits.set(p * depth + i);
        }
      }
    }
    return new Remaining(ties, hits, relevant);
  }

  /** Collects the ranks of a recommender. */
  static final class Builder {
    private final String recommender;
    private final Predictions predictions;
    private final Sessions sessions;
    private final int depth;
    private final int[] above;
    private final int[] tied;
    private final int[] best;
    private int unknownTargets;
    private int unknownClicks;

    Builder(String recommender, Predictions predictions, Sessions sessions, int depth) {
      this.recommender = recommender;
      this.predictions = predictions;
      this.sessions = sessions;
      this.depth = depth;
      this.above = new int[predictions.size()];
      this.tied = new int[predictions.size()];
      this.best = new int[Math.multiplyExact(predictions.size(), depth)];
    }

    void addUnknownTarget(int prediction) {
      above[prediction] = UNKNOWN;
      unknownTargets++;
    }

    void addUnknownClicks(int prediction) {
      above[prediction] = UNKNOWN;
      unknownClicks++;
    }

    void add(int prediction, TargetRanks found, int i) {
      if (above[prediction] != UNKNOWN) {
        above[prediction] = found.above(i);
        tied[prediction] = found.tied(i);
      }
      found.copyBest(i, best, prediction * depth);
    }

    private void add(int prediction, Ranks part, int from, int[] rows) {
      above[prediction] = part.above[from];
      tied[prediction] = part.tied[from];
      for (int i = 0; i < depth; i++) {
        best[prediction * depth + i] = rows[part.best[from * depth + i]];
      }
    }

    Ranks build() {
      return new Ranks(this);
    }
  }
}
