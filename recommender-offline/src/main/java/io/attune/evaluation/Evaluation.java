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
 * Ranks the true next item of test sessions among all items of a recommender.
 *
 * <p>A click on an item that the recommender does not know is skipped in a prefix; a target that it
 * does not know is a miss, and so is one after no known click. All of them are predictions and
 * counted.
 *
 * @param excludeClicked whether the items of a prefix are no candidates after it
 * @param depth how many of the first items of each prediction are kept; 0 where ranks are enough
 * @param candidates what is ranked, where it is not all items: a target that is not among them is
 *     ranked last
 */
public record Evaluation(
    boolean excludeClicked, int depth, @Nullable Candidates candidates) {
  private static final int BATCH = 1024;

  /** What is to be ranked at a prediction. */
  public interface Candidates {
    /** Ids of items, none of them twice. */
    List<String> of(int prediction);
  }

  /** Ranks all items. */
  public Evaluation(boolean excludeClicked, int depth) {
    this(excludeClicked, depth, null);
  }

  /** Negative depths are an IllegalArgumentException. */
  public Evaluation {
    if (depth < 0) {
      throw new IllegalArgumentException("the depth must be 0 or more, not " + depth);
    }
  }

  /** Ranks alone. */
  public static Ranks of(Recommender recommender, Sessions test, Split.Targets targets) {
    return new Evaluation(false, 0).of(recommender, Predictions.of(test, targets), made -> {});
  }

  /**
   * Evaluates a recommender.
   *
   * @param recommender whom to ask
   * @param predictions what to ask
   * @param progress is told the number of predictions made so far, now and then
   * @throws ArithmeticException when a score is not a number
   */
  public Ranks of(Recommender recommender, Predictions predictions, IntConsumer progress) {
    Sessions sessions = predictions.test().recode(recommender.vocabulary());
    Run run = new Run(
        recommender, progress, new Ranks.Builder(recommender.name(), predictions, sessions, depth));
    int made = 0;
    while (made < predictions.size()) {
      int session = predictions.session(made);
      int first = predictions.clicksBefore(made);
      SessionPrefixes.visit(sessions, session, first, run::predict);
      made += sessions.length(session) - first;
    }
    run.flush();
    return run.ranks.build();
  }

  /** The state of one evaluation: predictions wait until a batch of them is full. */
  private final class Run {
    private final Recommender recommender;
    private final IntConsumer progress;
    private final Ranks.Builder ranks;
    private final List<Prefix> prefixes = new ArrayList<>(BATCH);
    private final int[] wanted = new int[BATCH];
    private final int[] slots = new int[BATCH];
    private int made;

    Run(Recommender recommender, IntConsumer progress, Ranks.Builder ranks) {
      this.recommender = recommender;
      this.progress = progress;
      this.ranks = ranks;
    }

    void predict(Prefix before, int target) {
      int slot = made++;
      if (target == Vocabulary.UNKNOWN) {
        ranks.unknownTarget(slot);
      } else if (before.length() == 0) {
        ranks.unknownClicks(slot);
      }
      if (before.length() == 0 || (target == Vocabulary.UNKNOWN && depth == 0)) {
        return; // Nothing to go by, or nobody asks for what stands first.
      }
      // Of an unknown target only the list is of use, so that any row will do in its place.
      wanted[prefixes.size()] = Math.max(1, target);
      slots[prefixes.size()] = slot;
      prefixes.add(before);
      if (prefixes.size() == BATCH) {
        flush();
      }
    }

    void flush() {
      if (!prefixes.isEmpty()) {
        TargetRanks found = candidates == null
            ? recommender.rank(prefixes, wanted, excludeClicked, depth)
            : rank(candidates);
        for (int i = 0; i < found.size(); i++) {
          ranks.take(slots[i], found, i);
        }
        prefixes.clear();
      }
      progress.accept(made);
    }

    private TargetRanks rank(Candidates among) {
      int items = recommender.vocabulary().size();
      TargetRanks standings = new TargetRanks(prefixes.size(), depth);
      int most = Math.min(prefixes.size(), ItemScores.batchSize(items));
      float[] scores = new float[most * (items + 1)];
      float[] kept = new float[items + 1];
      for (int from = 0; from < prefixes.size(); from += most) {
        List<Prefix> part = prefixes.subList(from, Math.min(prefixes.size(), from + most));
        recommender.score(part, scores);
        for (int i = 0; i < part.size(); i++) {
          Arrays.fill(kept, Float.NEGATIVE_INFINITY);
          for (String item : among.of(slots[from + i])) {
            int known = recommender.vocabulary().row(item);
            if (known != Vocabulary.UNKNOWN) {
              kept[known] = scores[i * (items + 1) + known];
            }
          }
          ItemScores row = ItemScores.of(kept, 0, items);
          if (excludeClicked) {
            row.exclude(part.get(i));
          }
          standings.compute(from + i, row, wanted[from + i]);
        }
      }
      return standings;
    }
  }
}
