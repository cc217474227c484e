package io.attune.experiment;

import io.attune.session.LoggedQuery;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How likely visitors look at each position of a list, relative to the first: the examination of
 * the position-based click model (Richardson, Dominowska and Ragno 2007), in which a hit is clicked
 * if it is looked at and attractive.
 *
 * <p>Positions alone do not tell examination from attraction, since a good search shows good hits
 * first. So only hits are compared with themselves: those that the same words brought to different
 * positions, as after a change of the index or beside other candidates (intervention harvesting,
 * Agarwal et al., WSDM 2019). The estimate is that of a Poisson regression with an effect of each
 * hit and of each position, which does not suffer from hits with few clicks, found by scaling both
 * in turn. It takes what moves a hit to be independent of what its visitor wants: where a search
 * ranks by the visitor, or visitors sort by themselves, too much is taken for examination.
 *
 * <p>Differs from Agarwal et al.: all positions at once, by likelihood, not pair by pair.
 */
public final class PositionBias {
  /** What is too little to compare positions by: the clicks on hits that were shown at several. */
  public static final int MIN_CLICKS = 100;

  private static final int MIN_POSITION_CLICKS = 20; // fewer are counted with their neighbours
  private static final int ITERATIONS = 500;
  private static final double CONVERGED = 1e-9;

  private final double[] examination;
  private final long compared;

  private PositionBias(double[] examination, long compared) {
    this.examination = examination;
    this.compared = compared;
  }

  /** A hit of some words: how often it was shown and clicked in each group of positions. */
  private record Hit(double[] shown, double[] clicked) {
    Hit(int groups) {
      this(new double[groups], new double[groups]);
    }

    double clicks() {
      return Arrays.stream(clicked).sum();
    }

    boolean moved() {
      return Arrays.stream(shown).filter(times -> times > 0).count() > 1;
    }
  }

  /**
   * Estimates the examination of positions.
   *
   * @param queries with the items that they showed; those whose clicked item was not shown are
   *     ignored
   */
  public static PositionBias estimate(List<LoggedQuery> queries) {
    int[] groupOf = groups(queries);
    int groups = groupOf.length == 0 ? 0 : groupOf[groupOf.length - 1] + 1;
    Map<List<String>, Hit> hits = new HashMap<>();
    for (LoggedQuery query : queries) {
      int clicked = query.shown().indexOf(query.clicked());
      for (int place = 0; clicked >= 0 && place < query.shown().size(); place++) {
        Hit hit = hits.computeIfAbsent(
            List.of(query.words(), query.shown().get(place)), key -> new Hit(groups));
        hit.shown[groupOf[place]]++;
        hit.clicked[groupOf[place]] += place == clicked ? 1 : 0;
      }
    }
    List<Hit> moved =
        hits.values().stream().filter(hit -> hit.moved() && hit.clicks() > 0).toList();
    double[] ofGroup = scale(moved, groups);
    long compared = Math.round(moved.stream().mapToDouble(Hit::clicks).sum());
    return new PositionBias(
        Arrays.stream(groupOf).mapToDouble(g -> ofGroup[g]).toArray(), compared);
  }

  /** The group of each position: neighbours are joined until each has enough clicks. */
  private static int[] groups(List<LoggedQuery> queries) {
    int longest = queries.stream().mapToInt(query -> query.shown().size()).max().orElse(0);
    int[] clicks = new int[longest];
    for (LoggedQuery query : queries) {
      int clicked = query.shown().indexOf(query.clicked());
      if (clicked >= 0) {
        clicks[clicked]++;
      }
    }
    List<Integer> ends = new ArrayList<>();
    int sum = 0;
    for (int place = 0; place < longest; place++) {
      sum += clicks[place];
      if (sum >= MIN_POSITION_CLICKS) {
        ends.add(place + 1);
        sum = 0;
      }
    }
    int[] groupOf = new int[longest];
    int group = 0;
    for (int place = 0; place < longest; place++) {
      // What is left behind the last full group belongs to it.
      group += group + 1 < ends.size() && place >= ends.get(group) ? 1 : 0;
      groupOf[place] = group;
    }
    return groupOf;
  }

  /** Scales the effects of hits and positions in turn until shown and clicked agree in both. */
  private static double[] scale(List<Hit> hits, int groups) {
    double[] clicks = new double[groups];
    for (Hit hit : hits) {
      for (int g = 0; g < groups; g++) {
        clicks[g] += hit.clicked[g];
      }
    }
    double[] examination = new double[groups];
    Arrays.fill(examination, 1);
    double change = 1;
    for (int i = 0; i < ITERATIONS && change > CONVERGED; i++) {
      double[] expected = new double[groups];
      for (Hit hit : hits) {
        double looks = 0;
        for (int g = 0; g < groups; g++) {
          looks += hit.shown[g] * examination[g];
        }
        double attraction = looks > 0 ? hit.clicks() / looks : 0;
        for (int g = 0; g < groups; g++) {
          expected[g] += attraction * hit.shown[g];
        }
      }
      double[] next = new double[groups];
      for (int g = 0; g < groups; g++) {
        next[g] = expected[g] > 0 && clicks[g] > 0 ? clicks[g] / expected[g] : examination[g];
      }
      change = 0;
      for (int g = groups - 1; g >= 0; g--) {
        next[g] /= next[0];
        change = Math.max(change, Math.abs(next[g] - examination[g]));
      }
      examination = next;
    }
    return examination;
  }

  /** The clicks on hits that were shown at several positions, by which these are compared. */
  public long compared() {
    return compared;
  }

  /** Whether there was enough to compare positions by. */
  public boolean isKnown() {
    return compared >= MIN_CLICKS;
  }

  /** The number of positions that were seen. */
  public int positions() {
    return examination.length;
  }

  /**
   * How likely a position is looked at, relative to the first; beyond those that were seen, as the
   * last.
   *
   * @param position from 0
   */
  public double examination(int position) {
    return examination.length == 0 ? 1 : examination[Math.min(position, examination.length - 1)];
  }

  /** The same of each position of a list. */
  public double[] examination(List<String> shown) {
    double[] all = new double[shown.size()];
    Arrays.setAll(all, this::examination);
    return all;
  }
}
