package io.attune.cli;

import io.attune.encoder.NeuralRecommender;
import io.attune.evaluation.Figures;
import io.attune.examples.shop.Shop;
import io.attune.recommender.Prefix;
import io.attune.recommender.Recommendation;
import io.attune.session.Sessions;
import io.attune.session.Vocabulary;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Prints visits of a simulated shop: the clicks with their attention, and the recommended items.
 */
final class VisitDemo {
  private static final int VISITS = 3;
  private static final int TOP = 5;
  private static final int MIN_CLICKS = 4;
  private static final int MAX_CLICKS = 6;
  private static final int TITLE_WIDTH = 60;

  private final Shop shop;
  private final NeuralRecommender recommender;
  private final PrintWriter out;

  VisitDemo(Shop shop, NeuralRecommender recommender, PrintWriter out) {
    this.shop = shop;
    this.recommender = recommender;
    this.out = out;
  }

  /** Prints randomly chosen visits, whether the model predicts them well or not. */
  void print(Sessions visits, long seed) {
    Sessions known = visits.recode(recommender.vocabulary());
    int[] suitable = IntStream.range(0, known.size())
        .filter(visit -> isSuitable(known.items(visit), MIN_CLICKS, MAX_CLICKS))
        .toArray();
    out.printf("%nSome of these visits, chosen at random:%n");
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < Math.min(VISITS, suitable.length); i++) {
      int drawn = random.nextInt(i, suitable.length);
      int visit = suitable[drawn];
      suitable[drawn] = suitable[i];
      out.printf("%nVisit %s%n", known.id(visit));
      print(known.items(visit));
    }
  }

  /** Whether a visit has this many clicks, all of them on products that the model knows. */
  static boolean isSuitable(int[] rows, int minClicks, int maxClicks) {
    return rows.length >= minClicks
        && rows.length <= maxClicks
        && Arrays.stream(rows).noneMatch(row -> row == Vocabulary.UNKNOWN);
  }

  private void print(int[] rows) {
    int length = rows.length - 1;
    Prefix prefix = new Prefix(rows, length);
    float[] attention = recommender.attention(prefix);
    int heaviest = IntStream.range(0, length)
        .reduce((a, b) -> attention[b] > attention[a] ? b : a)
        .orElse(0);
    out.println("  clicks, with their attention");
    for (int i = 0; i < length; i++) {
      String bar = "#".repeat(Math.round(attention[i] * 10));
      out.printf(
          Locale.ROOT,
          "    %-" + TITLE_WIDTH + "s %3.0f %% %s%s%n",
          title(rows[i]),
          100 * attention[i],
          bar,
          i == heaviest ? " <- most attention" : "");
    }
    int target = rows[length];
    out.println("  recommended");
    int number = 1;
    for (Recommendation each : recommender.top(prefix, TOP, false)) {
      boolean next = each.row() == target;
      out.printf(
          Locale.ROOT,
          "    %d. %s%s%n",
          number++,
          title(each.row()),
          next ? " <- clicked next" : "");
    }
    int rank = recommender.rank(List.of(prefix), new int[] {target}, false, 0).rank(0);
    if (rank > TOP) {
      out.printf(
          "  clicked next: %s, rank %s of %s%n",
          title(target),
          Figures.count(rank),
          Figures.count(recommender.vocabulary().size()));
    }
  }

  private String title(int row) {
    String title = shop.title(recommender.vocabulary().id(row));
    return title.length() <= TITLE_WIDTH ? title : title.substring(0, TITLE_WIDTH - 1) + "…";
  }
}
