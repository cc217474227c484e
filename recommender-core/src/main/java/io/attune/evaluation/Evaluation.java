package io.attune.evaluation;

import io.attune.recommender.Prefix;
import io.attune.recommender.Recommender;
import io.attune.session.Sessions;
import io.attune.session.Split;
import io.attune.session.Vocabulary;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * Ranks the true next item of test sessions among all items of a recommender.
 *
 * <p>A click on an item that the recommender does not know is skipped in a prefix; a target that it
 * does not know is a miss, and so is one after no known click. All of them are predictions and
 * counted.
 *
 * @param targets which clicks of a session are to be predicted
 * @param excludeClicked whether the items of a prefix are no candidates after it
 */
public record Evaluation(Split.Targets targets, boolean excludeClicked) {
  private static final int BATCH = 1024;

  /**
   * Evaluates a recommender.
   *
   * @param recommender whom to ask
   * @param test the test sessions; those of one click make no prediction
   * @param progress is told the number of predictions made so far, now and then
   * @throws ArithmeticException when a score is not a number
   */
  public Ranks of(Recommender recommender, Sessions test, IntConsumer progress) {
    Sessions sessions = test.recode(recommender.vocabulary());
    Run run = new Run(recommender, progress, predictions(sessions));
    int evaluated = 0;
    for (int s = 0; s < sessions.size(); s++) {
      int length = sessions.length(s);
      if (length > 1) {
        evaluated++;
        run.session(sessions, s, targets == Split.Targets.AFTER_FIRST ? 1 : length - 1);
      }
    }
    run.flush();
    return new Ranks(
        recommender.name(), run.ranks, evaluated, run.unknownTargets, run.unknownClicks);
  }

  private int predictions(Sessions sessions) {
    int count = 0;
    for (int s = 0; s < sessions.size(); s++) {
      int possible = Math.max(0, sessions.length(s) - 1);
      count += targets == Split.Targets.AFTER_FIRST ? possible : Math.min(1, possible);
    }
    return count;
  }

  /** The state of one evaluation: predictions wait until a batch of them is full. */
  private final class Run {
    private final Recommender recommender;
    private final IntConsumer progress;
    private final int[] ranks;
    private final List<Prefix> prefixes = new ArrayList<>(BATCH);
    private final int[] wanted = new int[BATCH];
    private final int[] slots = new int[BATCH];
    private int made;
    private int unknownTargets;
    private int unknownClicks;

    Run(Recommender recommender, IntConsumer progress, int predictions) {
      this.recommender = recommender;
      this.progress = progress;
      this.ranks = new int[predictions];
    }

    void session(Sessions sessions, int session, int first) {
      int[] rows = sessions.items(session);
      int[] known = new int[rows.length];
      long[] times = new long[sessions.hasTimes() ? rows.length : 0];
      int length = 0;
      for (int position = 0; position < rows.length; position++) {
        if (position >= first) {
          predict(known, times, length, rows[position]);
        }
        if (rows[position] != Vocabulary.UNKNOWN) {
          if (times.length > 0) {
            times[length] = sessions.time(sessions.start(session) + position);
          }
          known[length++] = rows[position];
        }
      }
    }

    private void predict(int[] known, long[] times, int length, int target) {
      int slot = made++;
      if (target == Vocabulary.UNKNOWN) {
        unknownTargets++;
        ranks[slot] = Ranks.MISS;
      } else if (length == 0) {
        unknownClicks++;
        ranks[slot] = Ranks.MISS;
      } else {
        wanted[prefixes.size()] = target;
        slots[prefixes.size()] = slot;
        prefixes.add(new Prefix(known, times, length));
        if (prefixes.size() == BATCH) {
          flush();
        }
      }
    }

    void flush() {
      if (!prefixes.isEmpty()) {
        int[] found = recommender.ranks(prefixes, wanted, excludeClicked);
        for (int i = 0; i < found.length; i++) {
          ranks[slots[i]] = found[i];
        }
        prefixes.clear();
      }
      progress.accept(made);
    }
  }
}
