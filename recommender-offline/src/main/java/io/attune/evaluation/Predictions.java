package io.attune.evaluation;

import io.attune.session.Sessions;
import io.attune.session.Split;
import io.attune.session.Vocabulary;
import java.util.BitSet;

/**
 * The clicks to predict in test sessions, in the order of the sessions. They are the same for every
 * recommender, so recommenders can be compared prediction by prediction.
 *
 * <p>Immutable. Takes 8 bytes per prediction.
 */
public final class Predictions {
  private final Sessions test;
  private final Split.Targets targets;
  private final int[] sessions; // (P)
  private final int[] positions; // (P): in the session
  private final int testedSessions;

  private Predictions(
      Sessions test, Split.Targets targets, int[] sessions, int[] positions, int testedSessions) {
    this.test = test;
    this.targets = targets;
    this.sessions = sessions;
    this.positions = positions;
    this.testedSessions = testedSessions;
  }

  /** The predictions in these sessions; a session of one click has none. */
  public static Predictions of(Sessions test, Split.Targets targets) {
    int count = targets.count(test);
    int testedSessions = 0;
    int[] sessions = new int[count];
    int[] positions = new int[count];
    int p = 0;
    for (int session = 0; session < test.size(); session++) {
      int length = test.length(session);
      int first = targets.first(test, session);
      testedSessions += first < length ? 1 : 0;
      for (int position = first; position < length; position++) {
        sessions[p] = session;
        positions[p++] = position;
      }
    }
    return new Predictions(test, targets, sessions, positions, testedSessions);
  }

  /** The number of predictions, P. */
  public int size() {
    return sessions.length;
  }

  /** The test sessions, including those without a prediction. */
  public Sessions test() {
    return test;
  }

  /** The clicks of a session that are predicted. */
  public Split.Targets targets() {
    return targets;
  }

  /** The number of sessions with a prediction. */
  public int testedSessions() {
    return testedSessions;
  }

  /** The session of each prediction: (P). */
  public int[] sessions() {
    return sessions.clone();
  }

  /** The session of a prediction. */
  public int session(int prediction) {
    return sessions[prediction];
  }

  /** The number of clicks of the session before the target. */
  public int clicksBefore(int prediction) {
    return positions[prediction];
  }

  /** The index of the target click in {@link #test}. */
  public int click(int prediction) {
    return test.start(sessions[prediction]) + positions[prediction];
  }

  /**
   * The predictions whose target was clicked earlier in the session. Items that are not in the
   * vocabulary of the test cannot be told apart and do not count as repeated.
   *
   * @return (P)
   */
  public BitSet repeats() {
    BitSet repeats = new BitSet(size());
    int[] seen = new int[test.vocabulary().size() + 1]; // session + 1
    int click = 0;
    for (int p = 0; p < size(); p++) {
      int mark = sessions[p] + 1;
      if (p == 0 || sessions[p] != sessions[p - 1]) {
        click = test.start(sessions[p]);
      }
      for (; click < click(p); click++) {
        seen[test.item(click)] = mark;
      }
      int target = test.item(click);
      repeats.set(p, target != Vocabulary.UNKNOWN && seen[target] == mark);
    }
    return repeats;
  }
}
