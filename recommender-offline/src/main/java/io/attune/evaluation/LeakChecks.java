package io.attune.evaluation;

import io.attune.recommender.Prefix;
import io.attune.recommender.Recommender;
import io.attune.session.Copies;
import io.attune.session.Sessions;
import io.attune.session.Split;
import io.attune.session.Vocabulary;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * Looks for what makes a test easier than the future would be, before any figure is believed. Each
 * check returns what it found, in a sentence.
 */
public final class LeakChecks {
  private static final int SAMPLE = 256;
  private static final int ALONE = 32;

  /** Without times, shorter sessions are often alike by chance. */
  private static final int TELLING_LENGTH = 5;

  private LeakChecks() {}

  /**
   * Targets that are older than the newest click that a model has seen.
   *
   * @param name of the model
   * @param newest that it has seen
   */
  public static List<String> older(String name, Predictions predictions, Instant newest) {
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
            "%,d of %,d tested clicks are older than %s, the newest click that %s has seen",
            older,
            predictions.size(),
            newest,
            name));
  }

  /**
   * Sessions that stand in training as well as in the test, or twice in the test. Under
   * leave-one-out all do, by design, and only the latter are looked for. Memory is bounded by the
   * number of sessions, not by their lengths.
   */
  public static List<String> duplicates(Predictions predictions, Sessions training) {
    Sessions test = predictions.test();
    List<String> found = new ArrayList<>();
    if (predictions.targets() != Split.Targets.LAST) {
      Sessions trained = training.recode(test.vocabulary());
      int both = begunIn(trained, test);
      int same = alike(trained, test);
      if (both > 0) {
        found.add(String.format(
            Locale.ROOT, "%,d of %,d test sessions begin in the training part", both, test.size()));
      }
      if (same > both) {
        found.add(String.format(
            Locale.ROOT,
            "%,d of %,d test sessions stand click by click in the training part too",
            same,
            test.size()));
      }
    }
    SessionTable seen = new SessionTable(test.size());
    int twice = 0;
    for (int session = 0; session < test.size(); session++) {
      if (tells(test, session)) {
        int other = seen.put(Copies.fingerprint(test, session), session);
        twice += other != SessionTable.NONE && equal(test, session, test, other) ? 1 : 0;
      }
    }
    if (twice > 0) {
      found.add(String.format(
          Locale.ROOT,
          "%,d of %,d test sessions are click by click the same as another one",
          twice,
          test.size()));
    }
    return found;
  }

  /**
   * Clicks that are there twice, as when a log was loaded twice: a copy in the test is foretold by
   * its original.
   *
   * @param part what the sessions are, such as {@code the test}
   */
  public static List<String> copies(String part, Sessions sessions) {
    long copies = Copies.of(sessions).clicks();
    return copies == 0
        ? List.of()
        : List.of(String.format(
            Locale.ROOT,
            "%,d of %,d clicks of %s are copies of another click of their session",
            copies,
            sessions.clicks(),
            part));
  }

  /** How many test sessions have the id and the beginning of a trained one. */
  private static int begunIn(Sessions trained, Sessions test) {
    SessionTable names = new SessionTable(trained.size());
    for (int session = 0; session < trained.size(); session++) {
      names.put(SessionTable.hash(trained.id(session)), session);
    }
    int both = 0;
    for (int session = 0; session < test.size(); session++) {
      String id = test.id(session);
      int other = names.get(SessionTable.hash(id));
      both += other != SessionTable.NONE
              && trained.id(other).equals(id)
              && beginAlike(test, session, trained, other)
          ? 1
          : 0;
    }
    return both;
  }

  /** How many test sessions are click by click a trained one. */
  private static int alike(Sessions trained, Sessions test) {
    if (trained.hasTimes() != test.hasTimes()) {
      return 0;
    }
    SessionTable contents = new SessionTable(trained.size());
    for (int session = 0; session < trained.size(); session++) {
      if (tells(trained, session)) {
        contents.put(Copies.fingerprint(trained, session), session);
      }
    }
    int same = 0;
    for (int session = 0; session < test.size(); session++) {
      int other = tells(test, session)
          ? contents.get(Copies.fingerprint(test, session))
          : SessionTable.NONE;
      same += other != SessionTable.NONE && equal(test, session, trained, other) ? 1 : 0;
    }
    return same;
  }

  /**
   * Tested items that a model has in its vocabulary without ever having been trained on them: it
   * was told of them by somebody who knew the test.
   *
   * @param name of the model
   */
  public static List<String> untrained(
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
            "%s knows %,d items from the test alone, the targets of %,d predictions",
            name,
            items,
            tested));
  }

  /**
   * Whether ranks depend on what else is in a batch: on a sample, all together, shuffled, and one
   * by one. (A normalisation over the batch, or scores of one row read for another, shows here.)
   */
  public static List<String> batches(Recommender recommender, Predictions predictions) {
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
    for (int i = 0; i < Math.min(ALONE, prefixes.size()); i++) {
      int alone = ranks(recommender, prefixes, targets, List.of(order.get(i)))[0];
      different += alone != together[order.get(i)] ? 1 : 0;
    }
    return different == 0
        ? List.of()
        : List.of(String.format(
            Locale.ROOT,
            "%s: %,d ranks of a sample of %,d change with the other predictions of the batch",
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

  private static boolean tells(Sessions sessions, int session) {
    return sessions.hasTimes()
        ? sessions.length(session) > 1
        : sessions.length(session) >= TELLING_LENGTH;
  }

  private static boolean equal(Sessions one, int session, Sessions two, int other) {
    if (one.length(session) != two.length(other)) {
      return false;
    }
    for (int i = 0; i < one.length(session); i++) {
      int mine = one.start(session) + i;
      int its = two.start(other) + i;
      if (one.item(mine) != two.item(its) || (one.hasTimes() && one.time(mine) != two.time(its))) {
        return false;
      }
    }
    return true;
  }

  /** Without times, ids may be the lines of two files: only sessions that go on alike count. */
  private static boolean beginAlike(Sessions test, int session, Sessions trained, int other) {
    int common = Math.min(test.length(session), trained.length(other));
    boolean timed = test.hasTimes() && trained.hasTimes();
    for (int i = 0; i < (timed ? Math.min(1, common) : common); i++) {
      int mine = test.start(session) + i;
      int its = trained.start(other) + i;
      if (test.item(mine) != trained.item(its) || (timed && test.time(mine) != trained.time(its))) {
        return false;
      }
    }
    return common > (timed ? 0 : 1);
  }
}
