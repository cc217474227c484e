package io.attune.baseline;

import io.attune.recommender.Recommender;
import io.attune.session.Sessions;
import java.util.ArrayList;
import java.util.List;

/**
 * A simple method with its settings: what can be trained from sessions in seconds.
 *
 * <p>As text it is a name, and settings where they are not the usual ones:
 * {@code v-sknn:k=100,sample=1000}. A method that compares items or sessions scores few items; the
 * others get zero and stand behind them, a tie counting against the target.
 */
public sealed interface Baseline {

  /**
   * How often an item was clicked in training.
   *
   * <p>Source: the baseline POP of Hidasi et al. 2016, "Session-based recommendations with
   * recurrent neural networks", section 4.
   */
  record Pop() implements Baseline {}

  /**
   * How often an item was clicked in the sessions that ended in the last days of training.
   *
   * <p>Source: Ji, Sun, Zhang and Li 2020, "A re-visit of the popularity baseline in recommender
   * systems", RecentPop.
   *
   * <p>Differs from the paper: one window before the end of training, not one before each test
   * click.
   *
   * @param days length of the window, ending with the newest training click
   */
  record RecentPop(int days) implements Baseline {
    public RecentPop {
      positive("days", days);
    }
  }

  /**
   * How often the session itself clicked an item; of equals, the one that all sessions clicked more
   * often.
   *
   * <p>Source: the baseline S-POP of Hidasi et al. 2016, section 4.
   */
  record SPop() implements Baseline {}

  /**
   * Items that stand in the same sessions as the last click: with n(i) sessions that have i and
   * n(i, j) that have both, {@code score(j) = n(i, j) / ((n(i) + damping)^alpha (n(j) + damping)^(1
   * − alpha))}.
   *
   * <p>Source: the baseline Item-KNN of Hidasi et al. 2016, section 4, in its authors' program: a
   * cosine when alpha is 0.5 and the damping 0.
   *
   * <p>Differs from the paper: an item counts once in a session, however often it was clicked.
   *
   * @param keep how many neighbours of an item are kept
   * @param damping against chance among rare items
   * @param alpha how the popularity of both items is shared out, 0 to 1
   */
  record ItemKnn(int keep, double damping, double alpha) implements Baseline {
    public ItemKnn {
      positive("keep", keep);
      between("damping", damping, 0, 1e9);
      between("alpha", alpha, 0, 1);
    }
  }

  /**
   * Simple association rules: how often an item was clicked in one session with the last click.
   *
   * <p>Source: Ludewig and Jannach 2018, "Evaluation of session-based recommendation algorithms",
   * equation 1.
   *
   * <p>Differs from the paper: the counts are not divided by the number of all pairs of the last
   * item, which changes no rank.
   *
   * @param keep how many rules of an item are kept
   */
  record Ar(int keep) implements Baseline {
    public Ar {
      positive("keep", keep);
    }
  }

  /**
   * Sequential rules: how often an item was clicked after the last click's, each time worth 1 /
   * distance.
   *
   * <p>Source: Ludewig and Jannach 2018, equation 3.
   *
   * <p>Differs from the paper: the sums are not divided by the number of all pairs of the last
   * item, which changes no rank.
   *
   * @param keep how many rules of an item are kept
   * @param steps the greatest distance that counts
   */
  record Sr(int keep, int steps) implements Baseline {
    public Sr {
      positive("keep", keep);
      positive("steps", steps);
    }
  }

  /**
   * First-order Markov chain: how often an item was clicked right after the last click's.
   *
   * <p>Source: Ludewig and Jannach 2018, equation 2. A transition's probability is its count by
   * that of all transitions from the item, which changes no rank and is left out.
   *
   * @param keep how many transitions of an item are kept
   */
  record Markov(int keep) implements Baseline {
    public Markov {
      positive("keep", keep);
    }
  }

  /**
   * Vector multiplication session-based kNN. Of the sessions that share an item with the current
   * one, the {@code sample} newest are compared with it by the sum of the weights of the shared
   * clicks; the {@code k} most alike vote for their items, each with its similarity times the
   * weight of the newest click that it shares.
   *
   * <p>Source: Ludewig and Jannach 2018, section 3.3, equations 4 and 5, with the idf extension of
   * Ludewig, Mauro, Latifi and Jannach 2021, "Empirical analysis of session-based recommendation
   * algorithms".
   *
   * <p>Differs from the paper: sessions that share the last click have no precedence when the
   * sample is drawn; of sessions that are equally alike the newer counts a trace more, which
   * decides between items that would be tied; an item counts once in a session for idf, where
   * session-rec counts its clicks; the usual settings here are those that did best on a validation
   * part, while its authors use {@code k=500,sample=10000,clicks=position,match=harmonic,idf=none}.
   *
   * @param k how many sessions vote
   * @param sample how many candidates are compared
   * @param clicks weight of a shared click in the similarity
   * @param match weight of a vote by the newest shared click
   * @param idf weight of a rare item
   */
  record VSknn(int k, int sample, Decay clicks, Decay match, Idf idf) implements Baseline {
    public VSknn {
      positive("k", k);
      positive("sample", sample);
    }
  }

  /**
   * Vector-multiplication-indexed-session kNN, made for serving: the index keeps only the {@code m}
   * newest sessions of an item, and the search ends early.
   *
   * <p>Source: Kersbergen, Sprangers and Schelter 2022, "Serenade: low-latency session-based
   * recommendation in e-commerce at scale", algorithms 1 and 2: similarity by position / length,
   * votes by 0.9, 0.8, … from the newest click back, as its authors' program has them, items by
   * ln(S / S_i), S sessions of which S_i have the item.
   *
   * <p>Differs from the paper: a list that is cut back takes the place of the heap of the newest
   * sessions, and a selection that of the heap of the most alike ones; which sessions are found is
   * the same. No item is left out for being in the current session, and of sessions equally alike
   * the newer counts a trace more. Its authors' program (bolcom/serenade) weighs items by ln(C /
   * S_i), C all clicks, each item once a session; leaves out training sessions longer than nearly
   * all others; and lets clicks ten or more before the newest count below 0, which count nothing
   * here.
   *
   * @param k how many sessions vote
   * @param m how many of the newest candidates are compared
   */
  record VmisKnn(int k, int m) implements Baseline {
    public VmisKnn {
      positive("k", k);
      positive("m", m);
    }
  }

  /**
   * Sequence and time aware neighbourhood: the cosine of two sessions, where recent clicks of the
   * current one count more (lambda 1), recent sessions count more (lambda 2), and so do items near
   * the newest shared one (lambda 3).
   *
   * <p>Source: Garg, Gupta, Malhotra, Vig and Shroff 2019, "Sequence and time aware neighborhood
   * for session-based recommendations: STAN", equations 1 to 6.
   *
   * <p>Differs from the paper: a session's age is counted from the end of training and not from the
   * current click, which multiplies all similarities by one factor; it is a share of the log's
   * span, so that logs without times have it too. An item's place in a neighbour is that of its
   * last click; places are counted from the last one on an item that the current session clicked,
   * whichever that is, as session-rec (rn5l/session-rec, {@code stan.py}) does and not from the
   * item that the current session clicked last.
   *
   * @param k how many sessions vote
   * @param sample how many of the newest candidates are compared
   * @param clicks lambda 1: in clicks
   * @param age lambda 2: as a share of the log's span
   * @param near lambda 3: in clicks
   */
  record Stan(int k, int sample, double clicks, double age, double near) implements Baseline {
    public Stan {
      positive("k", k);
      positive("sample", sample);
      between("clicks", clicks, 1e-3, Double.POSITIVE_INFINITY);
      between("age", age, 1e-3, Double.POSITIVE_INFINITY);
      between("near", near, 1e-3, Double.POSITIVE_INFINITY);
    }
  }

  /** Every baseline with its usual settings. */
  static List<Baseline> all() {
    return BaselineText.USUAL;
  }

  /**
   * One baseline from its text, such as {@code v-sknn:k=100,sample=1000}.
   *
   * @throws IllegalArgumentException if there is no such baseline or setting, or a value is wrong
   */
  static Baseline parse(String text) {
    return BaselineText.parse(text);
  }

  /**
   * Several from one text, such as {@code pop,v-sknn:k=100,sample=1000,stan}.
   *
   * @throws IllegalArgumentException as {@link #parse(String)} does
   */
  static List<Baseline> parseAll(String text) {
    List<String> parts = new ArrayList<>();
    for (String part : text.split(",", -1)) {
      // What has a value but no name belongs to the baseline before it.
      if (!parts.isEmpty() && part.contains("=") && !part.contains(":")) {
        parts.add(parts.removeLast() + "," + part);
      } else {
        parts.add(part);
      }
    }
    return parts.stream().map(Baseline::parse).toList();
  }

  /** Its short name, such as {@code v-sknn}. */
  default String name() {
    return BaselineText.name(this);
  }

  /** Its name, with those settings alone that are not the usual ones: no two have the same. */
  default String label() {
    return BaselineText.label(this);
  }

  /** Its name with all settings; {@link #parse(String)} reads it. */
  default String text() {
    return BaselineText.text(this);
  }

  /**
   * Learns from sessions.
   *
   * @throws IllegalArgumentException if it needs click times and there are none
   */
  default Recommender train(Sessions sessions) {
    return BaselineTraining.train(this, TrainingSessions.of(sessions));
  }

  private static void positive(String setting, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(setting + " must be 1 or more, not " + value);
    }
  }

  private static void between(String setting, double value, double low, double high) {
    if (!(value >= low && value <= high)) {
      throw new IllegalArgumentException(
          setting + " must be from " + low + " to " + high + ", not " + value);
    }
  }
}
