package io.attune.evaluation;

import io.attune.recommender.Prefix;
import io.attune.recommender.Recommender;
import io.attune.session.Duplicates;
import io.attune.session.Sessions;
import io.attune.session.Split;
import io.attune.session.Vocabulary;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * Checks for leaks that make a test easier than a real deployment. Each check returns its findings
 * as sentences.
 */
final class LeakChecks {
  private static final int SAMPLE = 256;
  private static final int SINGLES = 32;

  /** Without times, shorter sessions are often equal by chance. */
  private static final int MIN_DISTINCTIVE_LENGTH = 5;

  private LeakChecks() {}

  /**
   * Finds targets that are older than the newest training click.
   *
   * @param name the recommender's name
   * @param newest the time of its newest training click
   */
  static List<String> olderTargets(String name, Predictions predictions, Instant newest) {
    Sessions test = predictions.test();
    if (!test.hasTimes()) {
      return List.of();
    }
    int older = 0;
    for (int p = 0; p < predictions.size(); p++) {
      older += test.time(predictions.click(p)) < newest.toEpochMilli() ? 1 : 0;
    }
    return older == 0
        ? List.of()
        : List.of(String.format(
            Locale.ROOT,
            "%,d of %,d test clicks are older than %s, the newest training click of %s",
            older,
            predictions.size(),
            newest,
            name));
  }

  /**
   * Finds sessions that occur both in training and in the test, or twice in the test. Under
   * leave-one-out every session is in both by design, so only the latter are reported. So are the
   * clicks of a history before a time from which on it is tested; there, training must not have the
   * first click to predict. Memory depends on the number of sessions, not on their lengths.
   */
  static List<String> duplicateSessions(Predictions predictions, Sessions training) {
    Sessions test = predictions.test();
    List<String> found = new ArrayList<>();
    Split.Targets targets = predictions.targets();
    if (!(targets instanceof Split.Targets.Last)) {
      boolean context = targets instanceof Split.Targets.From;
      Sessions trained = training.recode(test.vocabulary());
      int continued = countContinued(trained, test, context ? targets : null);
      int equal = countEqual(trained, test);
      if (continued > 0) {
        found.add(String.format(
            Locale.ROOT,
            context
                ? "%,d of %,d test histories go on in the training data"
                : "%,d of %,d test sessions begin in the training data",
            continued,
            test.size()));
      }
      if (equal > continued) {
        found.add(String.format(
            Locale.ROOT,
            "%,d of %,d test sessions equal a training session click by click",
            equal,
            test.size()));
      }
    }
    SessionTable seen = new SessionTable(test.size());
    int twice = 0;
    for (int session = 0; session < test.size(); session++) {
      if (isDistinctive(test, session)) {
        int other = seen.put(Duplicates.fingerprint(test, session), session);
        twice += other != SessionTable.NONE && isEqual(test, session, test, other) ? 1 : 0;
      }
    }
    if (twice > 0) {
      found.add(String.format(
          Locale.ROOT,
          "%,d of %,d test sessions equal another test session click by click",
          twice,
          test.size()));
    }
    return found;
  }

  /**
   * Finds duplicate clicks, as in a log that was loaded twice: the original of a duplicate in the
   * test gives it away.
   *
   * @param part the name of the sessions, such as {@code the test}
   */
  static List<String> duplicateClicks(String part, Sessions sessions) {
    long duplicates = Duplicates.of(sessions).clicks();
    return duplicates == 0
        ? List.of()
        : List.of(String.format(
            Locale.ROOT,
            "%,d of %,d clicks of %s duplicate another click of their session",
            duplicates,
            sessions.clicks(),
            part));
  }

  /**
   * Counts the test sessions with the id and the first clicks of a training session.
   *
   * @param targets unless null, the first clicks must reach to the first target
   */
  private static int countContinued(
      Sessions trained, Sessions test, Split.@Nullable Targets targets) {
    SessionTable byId = new SessionTable(trained.size());
    for (int session = 0; session < trained.size(); session++) {
      byId.put(SessionTable.hash(trained.id(session)), session);
    }
    int count = 0;
    for (int session = 0; session < test.size(); session++) {
      String id = test.id(session);
      int other = byId.get(SessionTable.hash(id));
      count += other != SessionTable.NONE
              && trained.id(other).equals(id)
              && (targets == null
                  ? hasEqualStart(test, session, trained, other)
                  : hasTarget(test, session, targets.first(test, session), trained, other))
          ? 1
          : 0;
    }
    return count;
  }

  /** Counts the test sessions that equal a training session. */
  private static int countEqual(Sessions trained, Sessions test) {
    if (trained.hasTimes() != test.hasTimes()) {
      return 0;
    }
    SessionTable byContent = new SessionTable(trained.size());
    for (int session = 0; session < trained.size(); session++) {
      if (isDistinctive(trained, session)) {
        byContent.put(Duplicates.fingerprint(trained, session), session);
      }
    }
    int count = 0;
    for (int session = 0; session < test.size(); session++) {
      int other = isDistinctive(test, session)
          ? byContent.get(Duplicates.fingerprint(test, session))
          : SessionTable.NONE;
      count += other != SessionTable.NONE && isEqual(test, session, trained, other) ? 1 : 0;
    }
    return count;
  }

  /**
   * Finds targets that are in a model's vocabulary although it was not trained on them: the
   * vocabulary was built with knowledge of the test.
   *
   * @param name the model's name
   */
  static List<String> untrainedItems(
      String name, Predictions predictions, ItemCounts counts, Vocabulary vocabulary) {
    Sessions test = predictions.test();
    long[] trained = counts.byRowOf(test.vocabulary());
    boolean[] seen = new boolean[trained.length];
    int tested = 0;
    int items = 0;
    for (int p = 0; p < predictions.size(); p++) {
      int row = test.item(predictions.click(p));
      if (row != Vocabulary.UNKNOWN
          && trained[row] == 0
          && vocabulary.row(test.vocabulary().id(row)) != Vocabulary.UNKNOWN) {
        tested++;
        items += seen[row] ? 0 : 1;
        seen[row] = true;
      }
    }
    return tested == 0
        ? List.of()
        : List.of(String.format(
            Locale.ROOT,
            "%s has %,d items in its vocabulary that it was not trained on, the targets of %,d"
                + " predictions",
            name,
            items,
            tested));
  }

  /**
   * Finds ranks that depend on the other predictions of a batch, such as by a normalization over
   * the batch: ranks a sample in one batch, shuffled, and one by one.
   */
  static List<String> batchDependence(Recommender recommender, Predictions predictions) {
    Sessions sessions = predictions.test().recode(recommender.vocabulary());
    List<Prefix> prefixes = new ArrayList<>();
    List<Integer> targets = new ArrayList<>();
    int step = Math.max(1, predictions.size() / SAMPLE);
    for (int p = 0; p < predictions.size() && prefixes.size() < SAMPLE; p += step) {
      Prefix prefix = Latencies.prefix(sessions, predictions, p);
      int target =
          sessions.item(sessions.start(predictions.session(p)) + predictions.clicksBefore(p));
      if (prefix.length() > 0 && target != Vocabulary.UNKNOWN) {
        prefixes.add(prefix);
        targets.add(target);
      }
    }
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < prefixes.size(); i++) {
      order.add(i);
    }
    int[] together = ranks(recommender, prefixes, targets, order);
    Collections.shuffle(order, new Random(1));
    int[] shuffled = ranks(recommender, prefixes, targets, order);
    int different = 0;
    for (int i = 0; i < shuffled.length; i++) {
      different += shuffled[i] != together[order.get(i)] ? 1 : 0;
    }
    for (int i = 0; i < Math.min(SINGLES, prefixes.size()); i++) {
      int single = ranks(recommender, prefixes, targets, List.of(order.get(i)))[0];
      different += single != together[order.get(i)] ? 1 : 0;
    }
    return different == 0
        ? List.of()
        : List.of(String.format(
            Locale.ROOT,
            "%s: %,d ranks in a sample of %,d depend on the other predictions of the batch",
            recommender.name(),
            different,
            prefixes.size()));
  }

  private static int[] ranks(
      Recommender recommender, List<Prefix> prefixes, List<Integer> targets, List<Integer> which) {
    return recommender
        .rank(
            which.stream().map(prefixes::get).toList(),
            which.stream().mapToInt(targets::get).toArray(),
            false,
            0)
        .ranks();
  }

  /** Whether an equal session is unlikely to be a coincidence. */
  private static boolean isDistinctive(Sessions sessions, int session) {
    return sessions.hasTimes()
        ? sessions.length(session) > 1
        : sessions.length(session) >= MIN_DISTINCTIVE_LENGTH;
  }

  private static boolean isEqual(Sessions one, int session, Sessions two, int other) {
    if (one.length(session) != two.length(other)) {
      return false;
    }
    return hasEqualClicks(one, session, two, other, one.length(session), one.hasTimes());
  }

  /** Without times, ids may be the line numbers of two files, so all common clicks are compared. */
  private static boolean hasEqualStart(Sessions test, int session, Sessions trained, int other) {
    int common = Math.min(test.length(session), trained.length(other));
    boolean timed = test.hasTimes() && trained.hasTimes();
    int compared = timed ? Math.min(1, common) : common;
    return common > (timed ? 0 : 1)
        && hasEqualClicks(test, session, trained, other, compared, timed);
  }

  /** Whether a training session has all clicks of a test session up to its first target. */
  private static boolean hasTarget(
      Sessions test, int session, int first, Sessions trained, int other) {
    return first < Math.min(test.length(session), trained.length(other))
        && hasEqualClicks(
            test, session, trained, other, first + 1, test.hasTimes() && trained.hasTimes());
  }

  private static boolean hasEqualClicks(
      Sessions one, int session, Sessions two, int other, int count, boolean timed) {
    for (int i = 0; i < count; i++) {
      int click = one.start(session) + i;
      int otherClick = two.start(other) + i;
      if (one.item(click) != two.item(otherClick)
          || (timed && one.time(click) != two.time(otherClick))) {
        return false;
      }
    }
    return true;
  }
}
