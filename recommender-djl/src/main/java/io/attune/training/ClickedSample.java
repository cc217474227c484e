package io.attune.training;

import io.attune.model.ClickedFeatures;
import io.attune.recommender.ItemScores;
import io.attune.recommender.Prefix;
import io.attune.recommender.Recommender;
import io.attune.recommender.SessionPrefixes;
import io.attune.session.Sessions;
import io.attune.session.Vocabulary;
import io.attune.vector.NotFiniteException;
import io.attune.vector.TopK;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * What a {@link ClickedLearner} needs to know of the validation part: for each prediction a few
 * numbers, from which likelihood and rank follow exactly for any correction.
 *
 * @param sessions the predictions of each session, in random order
 * @param misses predictions of these sessions whose target cannot be ranked
 */
record ClickedSample(List<List<Prediction>> sessions, long misses) {
  /** Ranks beyond this one are not told apart. */
  static final int DEPTH = 20;

  /** Whole sessions are drawn until there are as many predictions, clicked items, or scores. */
  private static final int MAX_PREDICTIONS = 50_000;

  private static final int MAX_CLICKED = 1 << 20;
  private static final long MAX_SCORES = 1L << 32; // about half a minute of exponentials

  /**
   * A target after a prefix of at least one click.
   *
   * @param clicked the clicked items with their features
   * @param scores the score of each, without a correction
   * @param target index of the target among them; -1 if it is new to the session
   * @param score the target's score
   * @param others logarithm of the sum of exponentials of the scores of all items that were not
   *     clicked
   * @param best the best scores among these, descending, at most {@value #DEPTH}; empty if the
   *     target is one of these
   * @param above how many other items that were not clicked score at least as high as the target; 0
   *     if it was clicked
   */
  record Prediction(
      ClickedFeatures clicked,
      float[] scores,
      int target,
      float score,
      double others,
      float[] best,
      int above) {

    /**
     * The rank of the target, from 1; ties count against it. Beyond {@value #DEPTH} it may be any
     * rank beyond.
     *
     * @param additions what is added to the score of each clicked item
     */
    int rank(float[] additions) {
      float corrected = target < 0 ? score : score + additions[target];
      int before = above;
      for (int i = 0; i < best.length && best[i] >= corrected; i++) {
        before++;
      }
      for (int item = 0; item < scores.length; item++) {
        before += item != target && scores[item] + additions[item] >= corrected ? 1 : 0;
      }
      return before + 1;
    }
  }

  /**
   * Draws a sample of the validation part.
   *
   * @param recommender scores without a correction
   */
  static ClickedSample of(TrainingData data, Recommender recommender, long seed) {
    return new Collector(data, recommender).collect(seed);
  }

  /** The number of predictions, misses included. */
  long size() {
    return misses + sessions.stream().mapToLong(List::size).sum();
  }

  /** Scores prefixes in batches. */
  private static final class Collector {
    private final TrainingData data;
    private final Recommender recommender;
    private final int stride; // V + 1
    private final List<Prefix> prefixes = new ArrayList<>();
    private final List<Integer> targets = new ArrayList<>();
    private final List<Prediction> predictions = new ArrayList<>();
    private final float[] scores;
    private long misses;
    private long clicked;

    Collector(TrainingData data, Recommender recommender) {
      this.data = data;
      this.recommender = recommender;
      this.stride = recommender.vocabulary().size() + 1;
      this.scores = new float[ItemScores.batchSize(stride - 1) * stride];
    }

    ClickedSample collect(long seed) {
      Sessions validation = data.validation();
      List<Integer> ends = new ArrayList<>(); // of each session, among the predictions
      for (int session : shuffled(validation.size(), seed)) {
        int first = data.targets().first(validation, session);
        SessionPrefixes.visit(validation, session, first, this::add);
        int collected = predictions.size() + prefixes.size();
        ends.add(collected);
        if (collected >= MAX_PREDICTIONS
            || clicked >= MAX_CLICKED
            || (long) collected * stride >= MAX_SCORES) {
          break;
        }
      }
      flush();
      List<List<Prediction>> sessions = new ArrayList<>(ends.size());
      for (int i = 0; i < ends.size(); i++) {
        sessions.add(List.copyOf(predictions.subList(i == 0 ? 0 : ends.get(i - 1), ends.get(i))));
      }
      return new ClickedSample(sessions, misses);
    }

    private void add(Prefix before, int target) {
      if (target == Vocabulary.UNKNOWN || before.length() == 0) {
        misses++;
        return;
      }
      prefixes.add(before);
      targets.add(target);
      clicked += Math.min(before.length(), ClickedFeatures.WINDOW);
      if (prefixes.size() * stride == scores.length) {
        flush();
      }
    }

    private void flush() {
      recommender.score(prefixes, scores);
      predictions.addAll(IntStream.range(0, prefixes.size())
          .parallel()
          .mapToObj(i -> prediction(prefixes.get(i), targets.get(i), i * stride))
          .toList());
      prefixes.clear();
      targets.clear();
    }

    /** Reads the scores of all items from an index on, and removes those of clicked items. */
    private Prediction prediction(Prefix prefix, int target, int start) {
      ClickedFeatures features = ClickedFeatures.of(prefix.clicks(), prefix.length());
      int[] rows = features.rows();
      float targetScore = scores[start + target];
      float[] ofClicked = new float[rows.length];
      for (int item = 0; item < rows.length; item++) {
        ofClicked[item] = scores[start + rows[item]];
        scores[start + rows[item]] = Float.NEGATIVE_INFINITY;
      }
      int index = Math.max(-1, Arrays.binarySearch(rows, target));
      return new Prediction(
          features,
          ofClicked,
          index,
          targetScore,
          logSumExp(start),
          index < 0 ? new float[0] : best(start),
          index < 0 ? atLeast(targetScore, start) - 1 : 0);
    }

    private double logSumExp(int start) {
      float highest = Float.NEGATIVE_INFINITY;
      for (int row = 1; row < stride; row++) {
        highest = Math.max(highest, scores[start + row]); // NaN stays
      }
      if (highest == Float.NEGATIVE_INFINITY) {
        return highest; // every item was clicked
      }
      double sum = 0;
      for (int row = 1; row < stride; row++) {
        sum += Math.exp(scores[start + row] - highest);
      }
      double result = highest + Math.log(sum);
      if (!Double.isFinite(result)) {
        throw new NotFiniteException("a score on the validation part is not finite");
      }
      return result;
    }

    private float[] best(int start) {
      TopK best = new TopK(DEPTH);
      best.offer(
          1, scores, start + 1, stride - 1, row -> scores[start + row] > Float.NEGATIVE_INFINITY);
      return best.sorted((rows, sorted) -> sorted);
    }

    private int atLeast(float score, int start) {
      int count = 0;
      for (int row = 1; row < stride; row++) {
        count += scores[start + row] >= score ? 1 : 0;
      }
      return count;
    }
  }

  private static int[] shuffled(int size, long seed) {
    Integer[] order = IntStream.range(0, size).boxed().toArray(Integer[]::new);
    Collections.shuffle(Arrays.asList(order), new SplittableRandom(seed));
    return Arrays.stream(order).mapToInt(i -> i).toArray();
  }
}
