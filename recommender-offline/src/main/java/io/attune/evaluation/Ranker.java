package io.attune.evaluation;

import io.attune.recommender.ItemScores;
import io.attune.recommender.Prefix;
import io.attune.recommender.Recommender;
import io.attune.recommender.SessionPrefixes;
import io.attune.recommender.TargetRanks;
import io.attune.session.Sessions;
import io.attune.session.Split;
import io.attune.session.Vocabulary;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Ranks the true next items of test sessions among all items, or among given candidates.
 *
 * <p>Clicks on items that the recommender does not know are skipped in prefixes. A target that it
 * does not know is a miss, and so is a target without a known click before it. Misses are counted
 * as predictions.
 *
 * @param excludeClicked whether to remove the items of a prefix from its candidates
 * @param depth K: number of best items to keep for each prediction; 0 for ranks only
 * @param candidates the items to rank, null for all items; a target that is not among them is
 *     ranked last
 */
public record Ranker(
    boolean excludeClicked, int depth, @Nullable Candidates candidates) {
  private static final int BATCH = 1024;

  /** The candidates of each prediction. */
  public interface Candidates {
    /** The distinct ids of the items to rank. */
    List<String> of(int prediction);
  }

  /** A ranker of all items. */
  public Ranker(boolean excludeClicked, int depth) {
    this(excludeClicked, depth, null);
  }

  /** Checks the depth. */
  public Ranker {
    if (depth < 0) {
      throw new IllegalArgumentException("the depth must be 0 or more, not " + depth);
    }
  }

  /** Ranks the targets among all items, without keeping the best items. */
  public static Ranks rank(Recommender recommender, Sessions test, Split.Targets targets) {
    return new Ranker(false, 0).rank(recommender, Predictions.of(test, targets), done -> {});
  }

  /**
   * Ranks the targets of predictions.
   *
   * @param progress receives the number of predictions done, every now and then
   * @throws ArithmeticException if a score is NaN
   */
  public Ranks rank(Recommender recommender, Predictions predictions, IntConsumer progress) {
    Sessions sessions = predictions.test().recode(recommender.vocabulary());
    Run run = new Run(
        recommender, progress, new Ranks.Builder(recommender.name(), predictions, sessions, depth));
    int next = 0;
    while (next < predictions.size()) {
      int session = predictions.session(next);
      int first = predictions.clicksBefore(next);
      SessionPrefixes.visit(sessions, session, first, run::predict);
      next += sessions.length(session) - first;
    }
    run.flush();
    return run.ranks.build();
  }

  /** The state of a run, which collects predictions until a batch is full. */
  private final class Run {
    private final Recommender recommender;
    private final IntConsumer progress;
    private final Ranks.Builder ranks;
    private final List<Prefix> prefixes = new ArrayList<>(BATCH);
    private final int[] targets = new int[BATCH];
    private final int[] predictions = new int[BATCH];
    private int done;

    Run(Recommender recommender, IntConsumer progress, Ranks.Builder ranks) {
      this.recommender = recommender;
      this.progress = progress;
      this.ranks = ranks;
    }

    void predict(Prefix before, int target) {
      int prediction = done++;
      if (target == Vocabulary.UNKNOWN) {
        ranks.addUnknownTarget(prediction);
      } else if (before.length() == 0) {
        ranks.addUnknownClicks(prediction);
      }
      if (before.length() == 0 || (target == Vocabulary.UNKNOWN && depth == 0)) {
        return; // There is no query, or neither the rank nor the list is used.
      }
      // The rank of an unknown target is not used, only its list: any row will do.
      targets[prefixes.size()] = Math.max(1, target);
      predictions[prefixes.size()] = prediction;
      prefixes.add(before);
      if (prefixes.size() == BATCH) {
        flush();
      }
    }

    void flush() {
      if (!prefixes.isEmpty()) {
        TargetRanks found = candidates == null
            ? recommender.rank(prefixes, targets, excludeClicked, depth)
            : rank(candidates);
        for (int i = 0; i < found.size(); i++) {
          ranks.add(predictions[i], found, i);
        }
        prefixes.clear();
      }
      progress.accept(done);
    }

    private TargetRanks rank(Candidates allowed) {
      int items = recommender.vocabulary().size();
      TargetRanks found = new TargetRanks(prefixes.size(), depth);
      int batch = Math.min(prefixes.size(), ItemScores.batchSize(items));
      float[] scores = new float[batch * (items + 1)];
      float[] kept = new float[items + 1];
      for (int from = 0; from < prefixes.size(); from += batch) {
        List<Prefix> part = prefixes.subList(from, Math.min(prefixes.size(), from + batch));
        recommender.score(part, scores);
        for (int i = 0; i < part.size(); i++) {
          Arrays.fill(kept, Float.NEGATIVE_INFINITY);
          for (String item : allowed.of(predictions[from + i])) {
            int row = recommender.vocabulary().row(item);
            if (row != Vocabulary.UNKNOWN) {
              kept[row] = scores[i * (items + 1) + row];
            }
          }
          ItemScores candidateScores = ItemScores.of(kept, 0, items);
          if (excludeClicked) {
            candidateScores.exclude(part.get(i));
          }
          found.compute(from + i, candidateScores, targets[from + i]);
        }
      }
      return found;
    }
  }
}
