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
 * Measures what sessions add to a search by words, on clicks held out: some words of the title of a
 * session's last item are searched, and the rank of that item by words alone is compared with its
 * rank after the session's clicks are blended in. Of each family of blends the one that does best
 * on the last items but one is tested.
 *
 * @param sessions the log; of each session the last click and the one before it are targets
 * @param titles the text of each item, by id
 * @param words how many words of a title are searched
 * @param sample about how many sessions to use
 * @param seed of the words
 */
public record SearchExperiment(
    Sessions sessions, Map<String, String> titles, int words, int sample, long seed) {
  /** How many hits of a search are ranked; what is not among them is a miss. */
  public static final int WINDOW = 1000;

  private static final int MIN_LETTERS = 3;
  private static final Metric MRR = new Metric(Metric.Measure.MRR, WINDOW);

  /**
   * Blends that differ in a parameter, such as the weight of the session.
   *
   * @param name for tables
   */
  public record Family<B>(String name, List<B> blends) {
    public Family {
      blends = List.copyOf(blends);
    }
  }

  /** A search engine that ranks hits by words, and again by words and clicks. */
  @FunctionalInterface
  public interface Search<B> {
    /**
     * Where an item is ranked.
     *
     * @param query words
     * @param clicks of the session before the target, oldest first
     * @param target the id of an item that has a title
     * @return its rank from 1 by words alone, then by each blend; {@link Metric#MISS} where it is
     *     not among the first {@link #WINDOW} hits
     */
    int[] ranks(String query, List<String> clicks, String target, List<B> blends)
        throws IOException;
  }

  /**
   * The best blend of a family on the test.
   *
   * @param mrr its mean reciprocal rank
   * @param gain over words alone
   */
  public record Outcome<B>(String family, B blend, double mrr, Difference gain) {}

  /**
   * What was measured.
   *
   * @param sessions how many were tested
   * @param words mean reciprocal rank by words alone
   * @param outcomes one a family
   */
  public record Result<B>(int sessions, double words, List<Outcome<B>> outcomes) {}

  /**
   * Chooses a blend of each family, and tests it.
   *
   * @param progress is told the share of the work that is done, now and then
   * @throws IllegalArgumentException when no session has a title to search
   */
  public <B> Result<B> run(List<Family<B>> families, Search<B> search, DoubleConsumer progress)
      throws IOException {
    List<B> all = families.stream().flatMap(family -> family.blends.stream()).toList();
    double[][] validation = values(2, all, search, done -> progress.accept(done / 2));
    List<B> chosen = new ArrayList<>();
    int first = 1; // after the words alone
    for (Family<B> family : families) {
      int best = first;
      for (int i = first; i < first + family.blends.size(); i++) {
        best = mean(validation[i]) > mean(validation[best]) ? i : best;
      }
      chosen.add(all.get(best - 1));
      first += family.blends.size();
    }
    double[][] test = values(1, chosen, search, done -> progress.accept(0.5 + done / 2));
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
   * Reciprocal ranks of items held out.
   *
   * @param fromEnd 1 for the last items, 2 for those before them
   * @return for words alone and then for each blend: one value a session
   */
  private <B> double[][] values(
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
          "no session's last item has a title among the items; are their ids those of the log?");
    }
    double[][] values = new double[blends.size() + 1][ranks.size()];
    for (int i = 0; i < ranks.size(); i++) {
      for (int c = 0; c < values.length; c++) {
        values[c][i] = MRR.value(ranks.get(i)[c]);
      }
    }
    return values;
  }

  /** Some words of a title, drawn by the session. */
  private String query(String title, int session) {
    List<String> all = Arrays.stream(title.split("[^\\p{L}\\p{N}]+", -1))
        .filter(word -> word.length() >= MIN_LETTERS)
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
