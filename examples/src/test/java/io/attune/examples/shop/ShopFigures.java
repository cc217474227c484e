package io.attune.examples.shop;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How hard it is to foretell the next click of the simulated shop: HR@20 in its last seven days for
 * recommenders that can be written down in a few lines, all counted on the days before.
 *
 * <p>Every click after a visit's first is a target, ranked among all products; those already
 * clicked stay candidates.
 *
 * @param popularity the most clicked products
 * @param lastClick what most often followed the last click, anywhere
 * @param wholeVisit what most often came later than each of the visit's clicks, recent clicks
 *     counting more
 * @param oracle the true chances: what nobody can beat who does not know the visitor's mind
 */
record ShopFigures(
    int clicks,
    int targets,
    double popularity,
    double lastClick,
    double wholeVisit,
    double oracle,
    double repeats) {

  private static final int CUTOFF = 20;
  private static final double FADING = 0.7;

  /** Prints the figures of the default shop for three seeds. */
  public static void main(String[] args) {
    for (long seed = 1; seed <= 3; seed++) {
      System.out.println("seed " + seed + ": " + measure(ShopConfig.DEFAULT, seed));
    }
  }

  static ShopFigures measure(ShopConfig config, long seed) {
    List<Integer> oracleRanks = new ArrayList<>();
    List<Integer> visits = new ArrayList<>();
    Shop shop = Shop.simulate(config, seed, (visit, chances, clicked) -> {
      visits.add(visit);
      oracleRanks.add(rank(chances.byRow(config.products()), clicked.row()));
    });
    Map<String, Integer> rows = new HashMap<>();
    shop.products().forEach(product -> rows.put(product.itemId(), rows.size()));
    Map<String, List<Integer>> sessions = new LinkedHashMap<>();
    Map<String, Long> starts = new HashMap<>();
    shop.clicks().forEach(click -> {
      sessions
          .computeIfAbsent(click.sessionId(), id -> new ArrayList<>())
          .add(rows.get(click.itemId()));
      starts.putIfAbsent(click.sessionId(), click.time().getEpochSecond());
    });
    long cut = config.firstDay().plusDays(config.days() - 7L).toEpochDay() * 86_400;

    int v = config.products();
    double[] popular = new double[v];
    float[][] next = new float[v][v];
    float[][] later = new float[v][v];
    sessions.forEach((id, clicks) -> {
      if (starts.getOrDefault(id, 0L) < cut) {
        for (int i = 0; i < clicks.size(); i++) {
          popular[clicks.get(i)]++;
          for (int j = i + 1; j < clicks.size(); j++) {
            later[clicks.get(i)][clicks.get(j)] += (float) Math.pow(FADING, j - i - 1);
          }
          if (i + 1 < clicks.size()) {
            next[clicks.get(i)][clicks.get(i + 1)]++;
          }
        }
      }
    });
    int targets = 0;
    int popularHits = 0;
    int nextHits = 0;
    int visitHits = 0;
    int repeats = 0;
    int visitNumber = -1;
    BitSet tested = new BitSet();
    for (Map.Entry<String, List<Integer>> session : sessions.entrySet()) {
      visitNumber++;
      if (starts.getOrDefault(session.getKey(), 0L) < cut) {
        continue;
      }
      tested.set(visitNumber);
      List<Integer> clicks = session.getValue();
      double[] visit = new double[v];
      for (int i = 0; i + 1 < clicks.size(); i++) {
        int target = clicks.get(i + 1);
        float[] after = next[clicks.get(i)];
        float[] since = later[clicks.get(i)];
        double[] last = new double[v];
        for (int row = 0; row < v; row++) {
          last[row] = after[row] + 1e-6 * popular[row];
          visit[row] = visit[row] * FADING + since[row] / (10 + popular[clicks.get(i)]);
        }
        targets++;
        popularHits += rank(popular, target) <= CUTOFF ? 1 : 0;
        nextHits += rank(last, target) <= CUTOFF ? 1 : 0;
        visitHits += rank(visit, target) <= CUTOFF ? 1 : 0;
        repeats += clicks.subList(0, i + 1).contains(target) ? 1 : 0;
      }
    }
    int oracleHits = 0;
    int oracleTargets = 0;
    for (int i = 0; i < visits.size(); i++) {
      if (tested.get(visits.get(i))) {
        oracleTargets++;
        oracleHits += oracleRanks.get(i) <= CUTOFF ? 1 : 0;
      }
    }
    if (oracleTargets != targets) {
      throw new IllegalStateException(
          "oracle saw " + oracleTargets + " targets, the others " + targets);
    }
    double n = targets;
    return new ShopFigures(
        (int) shop.clicks().count(),
        targets,
        popularHits / n,
        nextHits / n,
        visitHits / n,
        oracleHits / n,
        repeats / n);
  }

  /** The rank of a row, ties counted against it. */
  private static int rank(double[] scores, int row) {
    int rank = 0;
    for (double score : scores) {
      rank += score >= scores[row] ? 1 : 0;
    }
    return rank;
  }
}
