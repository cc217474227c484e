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
 * The outcome of an evaluation: for each prediction the rank of the true next item, and the items
 * that stood first.
 *
 * <p>It costs 8 bytes a prediction, and 4 for each item kept.
 */
public final class Ranks {
  private static final int UNKNOWN = -1;

  private final String recommender;
  private final Predictions predictions;
  private final Sessions sessions; // in the recommender's rows
  private final int depth; // K
  private final int[] above; // (P), UNKNOWN where there is no rank
  private final int[] tied; // (P)
  private final int[] best; // (P, K)
  private final int unknownTargets;
  private final int unknownClicks;
  private @Nullable Rest rest;

  private Ranks(Builder made) {
    this.recommender = made.recommender;
    this.predictions = made.predictions;
    this.sessions = made.sessions;
    this.depth = made.depth;
    this.above = made.above;
    this.tied = made.tied;
    this.best = made.best;
    this.unknownTargets = made.unknownTargets;
    this.unknownClicks = made.unknownClicks;
  }

  /**
   * One outcome of several, each of a part of the predictions, in the rows of the test.
   *
   * @param partOf (P): the part of each prediction; those of a part are in its order
   */
  static Ranks join(Predictions all, int[] partOf, List<Ranks> parts) {
    Ranks first = parts.getFirst();
    Builder joined = new Builder(first.recommender, all, all.test(), first.depth);
    int[] next = new int[parts.size()];
    int[][] rows = parts.stream()
        .map(part -> rows(part.vocabulary(), all.test().vocabulary()))
        .toArray(int[][]::new);
    for (int p = 0; p < partOf.length; p++) {
      int from = next[partOf[p]]++;
      joined.take(p, parts.get(partOf[p]), from, rows[partOf[p]]);
    }
    for (Ranks part : parts) {
      joined.unknownTargets += part.unknownTargets;
      joined.unknownClicks += part.unknownClicks;
    }
    return joined.build();
  }

  /** By row of a vocabulary, the row of the same item in another; 0 where it is not there. */
  private static int[] rows(Vocabulary from, Vocabulary to) {
    int[] rows = new int[from.size() + 1];
    for (int row = 1; row < rows.length; row++) {
      rows[row] = to.row(from.id(row));
    }
    return rows;
  }

  /** The recommender's name. */
  public String recommender() {
    return recommender;
  }

  /** What was predicted, misses included. */
  public Predictions predictions() {
    return predictions;
  }

  /** The items that were ranked. */
  public Vocabulary vocabulary() {
    return sessions.vocabulary();
  }

  /** How many of the first items were kept. */
  public int depth() {
    return depth;
  }

  /** Misses because the recommender does not know the true next item. */
  public int unknownTargets() {
    return unknownTargets;
  }

  /** Misses because it knows none of the clicks before. */
  public int unknownClicks() {
    return unknownClicks;
  }

  /** How many targets have the very score of another item. */
  public int tied() {
    return (int) Arrays.stream(tied).filter(count -> count > 0).count();
  }

  /** The rank of a true next item, from 1, or {@link Metric#MISS}. */
  public int rank(int prediction, Ties ties) {
    return above[prediction] == UNKNOWN
        ? Metric.MISS
        : ties.rank(above[prediction], tied[prediction]);
  }

  /** All ranks, ties counted against the targets. */
  public int[] ranks() {
    int[] ranks = new int[above.length];
    Arrays.setAll(ranks, prediction -> rank(prediction, Ties.CONSERVATIVE));
    return ranks;
  }

  /**
   * The items recommended, as rows: those of the highest scores, with the true next item at its
   * rank, however many are tied with it.
   *
   * @return at most {@link #depth()} of them; none where no click was known
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
   * What each prediction is worth.
   *
   * @return float64 (P)
   * @throws IllegalArgumentException when the metric looks at more items than were kept
   */
  public double[] values(Metric metric, Ties ties) {
    double[] values = new double[above.length];
    switch (metric.measure().relevant()) {
      case NEXT -> Arrays.setAll(values, p -> metric.value(rank(p, ties)));
      case REST -> {
        if (metric.cutoff() > depth) {
          throw new IllegalArgumentException(String.format(
              Locale.ROOT,
              "%s needs the first %d items, but %d were kept",
              metric.name(),
              metric.cutoff(),
              depth));
        }
        Rest found = rest(ties);
        Arrays.setAll(values, p -> metric.value(found.hits, p * depth, found.relevant[p]));
      }
    }
    return values;
  }

  /** The mean over all predictions, ties counted against the targets; NaN where there are none. */
  public double mean(Metric metric) {
    return mean(metric, Ties.CONSERVATIVE);
  }

  /** The mean over all predictions; NaN where there are none. */
  public double mean(Metric metric, Ties ties) {
    double sum = 0;
    for (double value : values(metric, ties)) {
      sum += value;
    }
    return sum / above.length;
  }

  /** The mean over sessions of the means over their predictions; NaN where there are none. */
  public double meanOverSessions(Metric metric, Ties ties) {
    double[] values = values(metric, ties);
    double sum = 0;
    for (int from = 0; from < values.length; ) {
      double ofSession = 0;
      int to = from;
      while (to < values.length && predictions.session(to) == predictions.session(from)) {
        ofSession += values[to++];
      }
      sum += ofSession / (to - from);
      from = to;
    }
    return sum / predictions.testedSessions();
  }

  /**
   * What is left of sessions.
   *
   * @param hits (P, K): whether an item of a list is clicked later in the session
   * @param relevant (P): how many different items are
   */
  private record Rest(Ties ties, BitSet hits, int[] relevant) {}

  private synchronized Rest rest(Ties ties) {
    Rest known = rest;
    if (known == null || known.ties != ties) {
      known = findRest(ties);
      rest = known;
    }
    return known;
  }

  /** From the last prediction of a session to its first, so that what is left only grows. */
  private Rest findRest(Ties ties) {
    Sessions test = predictions.test();
    int[] seen = new int[test.vocabulary().size() + 1]; // by the log's rows: session + 1
    int[] wanted = new int[vocabulary().size() + 1]; // by the recommender's
    BitSet hits = new BitSet();
    int[] relevant = new int[above.length];
    int left = 0;
    int end = 0;
    for (int p = above.length - 1; p >= 0; p--) {
      int session = predictions.session(p);
      if (p == above.length - 1 || predictions.session(p + 1) != session) {
        left = 0;
        end = test.length(session);
      }
      for (int place = end - 1; place >= predictions.clicksBefore(p); place--) {
        int row = test.item(test.start(session) + place);
        if (row == Vocabulary.UNKNOWN || seen[row] != session + 1) {
          left++;
          seen[row] = session + 1;
        }
        wanted[sessions.item(sessions.start(session) + place)] = session + 1;
      }
      end = predictions.clicksBefore(p);
      relevant[p] = left;
      int[] list = list(p, ties);
      for (int i = 0; i < list.length; i++) {
        if (wanted[list[i]] == session + 1) {
          hits.set(p * depth + i);
        }
      }
    }
    return new Rest(ties, hits, relevant);
  }

  /** Collects what a recommender says. */
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

    void unknownTarget(int prediction) {
      above[prediction] = UNKNOWN;
      unknownTargets++;
    }

    void unknownClicks(int prediction) {
      above[prediction] = UNKNOWN;
      unknownClicks++;
    }

    void take(int prediction, TargetRanks found, int i) {
      if (above[prediction] != UNKNOWN) {
        above[prediction] = found.above(i);
        tied[prediction] = found.tied(i);
      }
      found.copyBest(i, best, prediction * depth);
    }

    private void take(int prediction, Ranks part, int from, int[] rows) {
      above[prediction] = part.above[from];
      tied[prediction] = part.tied[from];
      for (int place = 0; place < depth; place++) {
        best[prediction * depth + place] = rows[part.best[from * depth + place]];
      }
    }

    Ranks build() {
      return new Ranks(this);
    }
  }
}
