package io.attune.evaluation;

import io.attune.session.Sessions;
import io.attune.session.Split;
import io.attune.session.Vocabulary;
import java.util.BitSet;

/**
 * What is to be predicted in test sessions: one click each, in the order of the sessions. The same
 * for every recommender, so that two of them can be compared prediction by prediction.
 *
 * <p>Immutable. It costs 8 bytes a prediction.
 */
public final class Predictions {
  private final Sessions test;
  private final Split.Targets targets;
  private final int[] sessions;
  private final int[] places;
  private final int tested;

  private Predictions(
      Sessions test, Split.Targets targets, int[] sessions, int[] places, int tested) {
    this.test = test;
    this.targets = targets;
    this.sessions = sessions;
    this.places = places;
    this.tested = tested;
  }

  /** The predictions in these sessions; those of one click have none. */
  public static Predictions of(Sessions test, Split.Targets targets) {
    int count = 0;
    int tested = 0;
    for (int session = 0; session < test.size(); session++) {
      int length = test.length(session);
      count += Math.max(0, length - targets.first(length));
      tested += length > 1 ? 1 : 0;
    }
    int[] sessions = new int[count];
    int[] places = new int[count];
    int at = 0;
    for (int session = 0; session < test.size(); session++) {
      int length = test.length(session);
      for (int place = targets.first(length); place < length; place++) {
        sessions[at] = session;
        places[at++] = place;
      }
    }
    return new Predictions(test, targets, sessions, places, tested);
  }

  /** How many there are. */
  public int size() {
    return sessions.length;
  }

  /** The sessions in which something is predicted, and others. */
  public Sessions test() {
    return test;
  }

  /** Which clicks of a session are predicted. */
  public Split.Targets targets() {
    return targets;
  }

  /** In how many sessions something is predicted. */
  public int testedSessions() {
    return tested;
  }

  /** The session of each prediction: (P). */
  public int[] sessions() {
    return sessions.clone();
  }

  /** The session of a prediction. */
  public int session(int prediction) {
    return sessions[prediction];
  }

  /** How many clicks of its session were made before. */
  public int clicksBefore(int prediction) {
    return places[prediction];
  }

  /** The position of the click to be predicted, in the test sessions. */
  public int click(int prediction) {
    return test.start(sessions[prediction]) + places[prediction];
  }

  /**
   * Which predictions are of an item that was clicked before in the session. An item that the
   * vocabulary of the test lacks is no repeat: nothing tells which it is.
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
