package io.attune.baseline;

import io.attune.recommender.Recommender;
import io.attune.session.Sessions;
import java.util.ArrayList;
import java.util.List;

/**
 * A baseline recommender with its settings, trained from sessions in seconds.
 *
 * <p>Its text form is a name, followed by settings: {@code v-sknn:k=100,sample=1000}. Rules and
 * nearest neighbours score few items. All other items tie at a score of 0, and a tie counts against
 * the target.
 */
public sealed interface Baseline {

  /**
   * Popularity: scores an item by the number of its clicks in training.
   *
   * <p>Source: the baseline POP of Hidasi et al. 2016, "Session-based recommendations with
   * recurrent neural networks", section 4.
   */
  record Pop() implements Baseline {}

  /**
   * Recent popularity: scores an item by the number of its clicks in the sessions that ended in the
   * last days of training.
   *
   * <p>Source: Ji, Sun, Zhang and Li 2020, "A re-visit of the popularity baseline in recommender
   * systems", RecentPop.
   *
   * <p>Differs from the paper: one window at the end of training, not one before each test click.
   *
   * @param days length of the window, which ends with the newest training click
   */
  record RecentPop(int days) implements Baseline {
    public RecentPop {
      requirePositive("days", days);
    }
  }

  /**
   * Session popularity: scores an item by the number of its clicks in the current session; ties are
   * broken by its popularity in training.
   *
   * <p>Source: the baseline S-POP of Hidasi et al. 2016, section 4.
   */
  record SPop() implements Baseline {}

  /**
   * Item-to-item nearest neighbours of the last click: {@code score(j) = n(i, j) / ((n(i) +
   * damping)^alpha (n(j) + damping)^(1 − alpha))}, where n(i) is the number of sessions with item i
   * and n(i, j) of those with both. Without damping and with an alpha of 0.5 this is the cosine.
   *
   * <p>Source: the baseline Item-KNN of Hidasi et al. 2016, section 4, as implemented by its
   * authors.
   *
   * <p>Differs from the paper: an item counts once per session, however often it was clicked.
   *
   * @param keep number of neighbours kept per item
   * @param damping regularizes the scores of rare items
   * @param alpha balance between the popularity of the two items, 0 to 1
   */
  record ItemKnn(int keep, double damping, double alpha) implements Baseline {
    public ItemKnn {
      requirePositive("keep", keep);
      requireBetween("damping", damping, 0, 1e9);
      requireBetween("alpha", alpha, 0, 1);
    }
  }

  /**
   * Association rules of size two: scores an item by how often it was clicked in the same session
   * as the last click's item.
   *
   * <p>Source: Ludewig and Jannach 2018, "Evaluation of session-based recommendation algorithms",
   * equation 1.
   *
   * <p>Differs from the paper: the counts are not normalized by the total of the last item, which
   * changes no rank.
   *
   * @param keep number of rules kept per item
   */
  record Ar(int keep) implements Baseline {
    public Ar {
      requirePositive("keep", keep);
    }
  }

  /**
   * Sequential rules: scores an item by how often it was clicked after the last click's item,
   * weighted by 1 / distance.
   *
   * <p>Source: Ludewig and Jannach 2018, equation 3.
   *
   * <p>Differs from the paper: the sums are not normalized by the total of the last item, which
   * changes no rank.
   *
   * @param keep number of rules kept per item
   * @param steps largest distance, in clicks, that counts
   */
  record Sr(int keep, int steps) implements Baseline {
    public Sr {
      requirePositive("keep", keep);
      requirePositive("steps", steps);
    }
  }

  /**
   * First-order Markov chain: scores an item by how often it was clicked directly after the last
   * click's item.
   *
   * <p>Source: Ludewig and Jannach 2018, equation 2.
   *
   * <p>Differs from the paper: the counts are not normalized to probabilities, which changes no
   * rank.
   *
   * @param keep number of transitions kept per item
   */
  record Markov(int keep) implements Baseline {
    public Markov {
      requirePositive("keep", keep);
    }
  }

  /**
   * Vector-multiplication session-based kNN (V-SKNN). Candidates are the {@code sample} newest
   * sessions that share an item with the current one. The similarity of a candidate is the sum of
   * the weights of the shared clicks. The {@code k} most similar candidates vote for their items,
   * each vote being the similarity times the weight of the newest shared click.
   *
   * <p>Source: Ludewig and Jannach 2018, section 3.3, equations 4 and 5, with the idf extension of
   * Ludewig, Mauro, Latifi and Jannach 2021, "Empirical analysis of session-based recommendation
   * algorithms".
   *
   * <p>Differs from the paper: sessions that share the last click are not preferred when candidates
   * are sampled. A newer session is slightly more similar than an older one with the same shared
   * clicks, which breaks ties. For idf an item counts once per session, while session-rec counts
   * its clicks. The defaults were tuned on a validation part; the authors use
   * {@code k=500,sample=10000,clicks=position,match=harmonic,idf=none}.
   *
   * @param k number of neighbours that vote
   * @param sample number of candidates
   * @param clicks weight of a shared click in the similarity
   * @param match weight of a vote, by the newest shared click
   * @param idf weight of an item by its rarity
   */
  record VSknn(int k, int sample, Decay clicks, Decay match, Idf idf) implements Baseline {
    public VSknn {
      requirePositive("k", k);
      requirePositive("sample", sample);
    }
  }

  /**
   * Vector-multiplication-indexed-session kNN (VMIS-kNN), designed for serving: the index keeps the
   * {@code m} newest sessions per item, and the search terminates early.
   *
   * <p>Source: Kersbergen, Sprangers and Schelter 2022, "Serenade: low-latency session-based
   * recommendation in e-commerce at scale", algorithms 1 and 2. A shared click is weighted by
   * position / length in the similarity and by 0.9, 0.8, … from the newest click back in votes, as
   * in the authors' implementation; an item by ln(S / S_i), where S_i of S sessions contain it.
   *
   * <p>Differs from the paper: a list that is truncated now and then replaces the heap of the
   * newest sessions, and a final selection the heap of the most similar ones; the same sessions are
   * found. Items of the current session stay candidates. A newer session is slightly more similar
   * than an older one with the same shared clicks. The authors' implementation (bolcom/serenade)
   * weights items by ln(C / S_i), where C is the number of clicks with each item counted once per
   * session, leaves out unusually long training sessions, and gives clicks ten or more before the
   * newest one a negative weight, which is 0 here.
   *
   * @param k number of neighbours that vote
   * @param m number of candidates, the newest ones
   */
  record VmisKnn(int k, int m) implements Baseline {
    public VmisKnn {
      requirePositive("k", k);
      requirePositive("m", m);
    }
  }

  /**
   * Sequence and time aware neighbourhood (STAN): a session-based kNN with cosine similarity that
   * gives more weight to recent clicks of the current session (lambda 1), to recent neighbours
   * (lambda 2), and to a neighbour's items close to the last shared one (lambda 3).
   *
   * <p>Source: Garg, Gupta, Malhotra, Vig and Shroff 2019, "Sequence and time aware neighborhood
   * for session-based recommendations: STAN", equations 1 to 6.
   *
   * <p>Differs from the paper: a session's age is measured from the end of training instead of the
   * current click, which scales all similarities by the same factor, and as a fraction of the log's
   * time span, so it is defined for logs without times too. An item's position in a neighbour is
   * that of its last click there. Distances are measured from the neighbour's last click on any
   * item of the current session, as in session-rec (rn5l/session-rec, {@code stan.py}), instead of
   * the item that the current session clicked last.
   *
   * @param k number of neighbours that vote
   * @param sample number of candidates, the newest ones
   * @param clicks lambda 1, in clicks
   * @param age lambda 2, as a fraction of the log's time span
   * @param near lambda 3, in clicks
   */
  record Stan(int k, int sample, double clicks, double age, double near) implements Baseline {
    public Stan {
      requirePositive("k", k);
      requirePositive("sample", sample);
      requireBetween("clicks", clicks, 1e-3, Double.POSITIVE_INFINITY);
      requireBetween("age", age, 1e-3, Double.POSITIVE_INFINITY);
      requireBetween("near", near, 1e-3, Double.POSITIVE_INFINITY);
    }
  }

  /** All baselines with their default settings. */
  static List<Baseline> all() {
    return BaselineText.DEFAULTS;
  }

  /**
   * Parses a baseline, such as {@code v-sknn:k=100,sample=1000}.
   *
   * @throws IllegalArgumentException if there is no such baseline or setting, or a value is invalid
   */
  static Baseline parse(String text) {
    return BaselineText.parse(text);
  }

  /**
   * Parses a list of baselines, such as {@code pop,v-sknn:k=100,sample=1000,stan}.
   *
   * @throws IllegalArgumentException as by {@link #parse(String)}
   */
  static List<Baseline> parseAll(String text) {
    List<String> parts = new ArrayList<>();
    for (String part : text.split(",", -1)) {
      // A setting without a name belongs to the baseline before it.
      if (!parts.isEmpty() && part.contains("=") && !part.contains(":")) {
        parts.add(parts.removeLast() + "," + part);
      } else {
        parts.add(part);
      }
    }
    return parts.stream().map(Baseline::parse).toList();
  }

  /** The name of the method, such as {@code v-sknn}. */
  default String name() {
    return BaselineText.name(this);
  }

  /** The name with the settings that differ from the defaults; unique for each baseline. */
  default String label() {
    return BaselineText.label(this);
  }

  /** The name with all settings, to be read by {@link #parse(String)}. */
  default String text() {
    return BaselineText.text(this);
  }

  /**
   * Trains the baseline.
   *
   * @throws IllegalArgumentException if it needs click times and the sessions have none
   */
  default Recommender train(Sessions sessions) {
    return BaselineTraining.train(this, TrainingSessions.of(sessions));
  }

  private static void requirePositive(String setting, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(setting + " must be 1 or more, not " + value);
    }
  }

  private static void requireBetween(String setting, double value, double min, double max) {
    if (!(value >= min && value <= max)) {
      throw new IllegalArgumentException(
          setting + " must be from " + min + " to " + max + ", not " + value);
    }
  }
}
