package io.attune.experiment;

import io.attune.evaluation.Bootstrap;
import io.attune.evaluation.Difference;
import io.attune.metric.Metric;
import io.attune.session.Sessions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.DoubleConsumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * An offline experiment that measures how much sessions improve text search. The query consists of
 * words from the title of a session's last item; the rank of that item by text alone is compared
 * with its rank after blending in the session's earlier clicks. The best blend of each family is
 * chosen on the second to last items and tested on the last ones.
 *
 * @param sessions the log; the last two clicks of each session are targets
 * @param titles the title of each item, by id
 * @param words number of words of a title to search for
 * @param sample approximate number of sessions to use
 * @param seed the seed by which words are drawn
 */
public record SearchExperiment(
    Sessions sessions, Map<String, String> titles, int words, int sample, long seed) {
  /** The number of hits that are ranked; an item that is not among them is a miss. */
  public static final int WINDOW = 1000;

  private static final int MIN_WORD_LENGTH = 3;
  private static final Metric MRR = new Metric(Metric.Measure.MRR, WINDOW);

  /**
   * Blends that differ in a parameter, such as the weight of the session.
   *
   * @param name the name of the family, for tables
   */
  public record Family<B>(String name, List<B> blends) {
    public Family {
      blends = List.copyOf(blends);
    }
  }

  /** A search engine that ranks hits by text, and re-ranks them by blends of text and clicks. */
  @FunctionalInterface
  public interface Search<B> {
    /**
     * Ranks an item.
     *
     * @param query the words to search for
     * @param clicks ids of the clicked items before the target, oldest first
     * @param target the id of an item with a title
     * @param blends the blends to rank by
     * @return the rank of the target, from 1, by text alone and then by each blend;
     *     {@link Metric#MISS} if it is not among the first {@link #WINDOW} hits
     */
    int[] ranks(String query, List<String> clicks, String target, List<B> blends)
        throws IOException;
  }

  /**
   * The result of the chosen blend of a family.
   *
   * @param family the name of the family
   * @param blend the chosen blend
   * @param mrr its mean reciprocal rank
   * @param gain its gain over text alone
   */
  public record Outcome<B>(String family, B blend, double mrr, Difference gain) {}

  /**
   * The results of the experiment.
   *
   * @param sessions number of tested sessions
   * @param textMrr mean reciprocal rank by text alone
   * @param outcomes one outcome per family
   */
  public record Result<B>(int sessions, double textMrr, List<Outcome<B>> outcomes) {}

  /**
   * Chooses the best blend of each family and tests it.
   *
   * @param progress receives the completed fraction, 0 to 1, every now and then
   * @throws IllegalArgumentException if no target has a title
   */
  public <B> Result<B> run(List<Family<B>> families, Search<B> search, DoubleConsumer progress)
      throws IOException {
    List<B> all = families.stream().flatMap(family -> family.blends.stream()).toList();
    double[][] validation = reciprocalRanks(2, all, search, done -> progress.accept(done / 2));
    List<B> chosen = new ArrayList<>();
    int first = 1; // after text alone
    for (Family<B> family : families) {
      int best = first;
      for (int i = first; i < first + family.blends.size(); i++) {
        best = mean(validation[i]) > mean(validation[best]) ? i : best;
      }
      chosen.add(all.get(best - 1));
      first += family.blends.size();
    }
    double[][] test = reciprocalRanks(1, chosen, search, done -> progress.accept(0.5 + done / 2));
    int tested = test[0].length;
    Bootstrap bootstrap = new Bootstrap(IntStream.range(0, tested).toArray(), 1);
    List<Outcome<B>> outcomes = new ArrayList<>();
    for (int i = 0; i < chosen.size(); i++) {
      outcomes.add(new Outcome<>(
          families.get(i).name,
          chosen.get(i),
          mean(test[i + 1]),
          bootstrap.difference(test[i + 1], test[0])));
    }
    return new Result<>(tested, mean(test[0]), outcomes);
  }

  /**
   * The reciprocal ranks of targets.
   *
   * @param fromEnd 1 for the last items of sessions, 2 for the second to last
   * @return one value per session, for text alone and then for each blend
   */
  private <B> double[][] reciprocalRanks(
      int fromEnd, List<B> blends, Search<B> search, DoubleConsumer progress) throws IOException {
    List<int[]> ranks = new ArrayList<>();
    int every = Math.max(1, sessions.size() / sample);
    for (int s = 0; s < sessions.size(); s += every) {
      int target = sessions.length(s) - fromEnd;
      if (target < 1) {
        continue;
      }
      List<String> ids = Arrays.stream(sessions.items(s), 0, target + 1)
          .mapToObj(sessions.vocabulary()::id)
          .toList();
      String query = query(titles.getOrDefault(ids.getLast(), ""), s);
      if (!query.isEmpty()) {
        ranks.add(search.ranks(query, ids.subList(0, target), ids.getLast(), blends));
        progress.accept((double) s / sessions.size());
      }
    }
    if (ranks.isEmpty()) {
      throw new IllegalArgumentException(
          "no target item of the log has a title: the items must have the same ids as the log");
    }
    double[][] values = new double[blends.size() + 1][ranks.size()];
    for (int i = 0; i < ranks.size(); i++) {
      for (int c = 0; c < values.length; c++) {
        values[c][i] = MRR.value(ranks.get(i)[c]);
      }
    }
    return values;
  }

  /** Random words of a title. */
  private String query(String title, int session) {
    List<String> all = Arrays.stream(title.split("[^\\p{L}\\p{N}]+", -1))
        .filter(word -> word.length() >= MIN_WORD_LENGTH)
        .distinct()
        .collect(Collectors.toCollection(ArrayList::new));
    SplittableRandom random = new SplittableRandom(seed * 31 + session);
    List<String> drawn = new ArrayList<>();
    while (drawn.size() < words && !all.isEmpty()) {
      drawn.add(all.remove(random.nextInt(all.size())));
    }
    return String.join(" ", drawn);
  }

  private static double mean(double[] values) {
    return Arrays.stream(values).average().orElse(Double.NaN);
  }
}
