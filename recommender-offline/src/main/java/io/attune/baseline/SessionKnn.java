package io.attune.baseline;

import io.attune.recommender.Prefix;
import io.attune.recommender.SparseRecommender;
import io.attune.recommender.SparseScores;
import io.attune.vector.QuickSelect;
import io.attune.vector.ScratchPool;
import java.util.Arrays;

/**
 * Items of the training sessions that are most like the current one. {@link Baseline.VSknn},
 * {@link Baseline.VmisKnn} and {@link Baseline.Stan} are settings of it.
 *
 * <p>Of the sessions that share an item with the current one the {@code sample} newest are compared
 * with it, and the {@code k} most alike of them, of equals the newer, vote for their items:
 *
 * <pre>
 * similarity(n) = age weight(n) · sum over shared items of click weight / length(n)^lengthPower
 * score(i) = sum over neighbours n with i of
 *            similarity(n) · match weight(newest shared click) · nearness(i, n) · item weight(i)
 * </pre>
 *
 * <p>The search is that of VMIS-kNN (Kersbergen, Sprangers and Schelter, Serenade, SIGMOD 2022,
 * algorithm 2): an index of the newest sessions of each item, walked from the newest click back and
 * from the newest session back, and left as soon as only sessions follow that are too old. It finds
 * the very sessions that V-SKNN finds.
 *
 * <p>Differs from the paper: the heap of the newest sessions is a list, cut back to {@code sample}
 * whenever it has grown to twice that; the heap of the most alike is a selection at the end.
 */
final class SessionKnn extends SparseRecommender {

  /**
   * What tells the methods apart.
   *
   * @param k how many neighbours vote
   * @param sample how many of the newest candidates are compared
   * @param click weight of a shared item in the similarity, by the current session's newest click
   *     on it
   * @param match weight of a neighbour's vote, by the newest click that it shares
   * @param idf weight of an item that is voted for
   * @param lengthPower 0, or 0.5 for the cosine
   * @param ageDecay the age, as a share of the log's span, at which a session's similarity is 1 /
   *     e; infinite where age does not count
   * @param nearnessDecay the distance in clicks, within the neighbour as it was clicked, from its
   *     last shared item at which an item of it counts 1 / e; infinite where distance does not
   *     count
   */
  record Settings(
      int k,
      int sample,
      ClickWeight click,
      ClickWeight match,
      Idf idf,
      double lengthPower,
      double ageDecay,
      double nearnessDecay) {}

  private final String name;
  private final Settings settings;
  private final int[] starts; // (S + 1)
  private final int[] items; // distinct in each session, by their last clicks
  private final Postings index;
  private final float[] itemWeight; // (V + 1)
  private final float[] sessionWeight; // (S)
  private final int[] places; // of the items' last clicks in their sessions; as nearness
  private final float[] nearness; // by distance; empty where it does not count
  private final ScratchPool<Candidates> pool;

  SessionKnn(String name, TrainingSessions training, Settings settings) {
    super(training.vocabulary());
    TrainingSessions distinct = training.distinct();
    this.name = name;
    this.settings = settings;
    this.starts = distinct.starts();
    this.items = distinct.items();
    this.index = Postings.ofSessions(distinct, settings.sample());
    this.itemWeight = itemWeights(distinct, settings.idf());
    this.sessionWeight = sessionWeights(distinct, settings);
    this.places = places(training, settings.nearnessDecay());
    this.nearness = nearness(places, settings.nearnessDecay());
    int most = Math.min(settings.sample(), Math.max(1, distinct.size()));
    this.pool = new ScratchPool<>(() -> new Candidates(most));
  }

  private static float[] itemWeights(TrainingSessions distinct, Idf idf) {
    int[] counts = distinct.counts(0);
    float[] weights = new float[counts.length];
    for (int row = 1; row < counts.length; row++) {
      double logarithm = counts[row] == 0 ? 0 : Math.log((double) distinct.size() / counts[row]);
      weights[row] = (float) idf.weight(logarithm);
    }
    return weights;
  }

  private static float[] sessionWeights(TrainingSessions distinct, Settings settings) {
    double[] ages = distinct.ages();
    float[] weights = new float[ages.length];
    for (int s = 0; s < weights.length; s++) {
      int length = Math.max(1, distinct.starts()[s + 1] - distinct.starts()[s]);
      double weight =
          Math.exp(-ages[s] / settings.ageDecay()) / Math.pow(length, settings.lengthPower());
      weights[s] = (float) weight;
    }
    return weights;
  }

  /** Where in its session each item was clicked last, before repeated clicks were left out. */
  private static int[] places(TrainingSessions training, double decay) {
    if (Double.isInfinite(decay)) {
      return new int[0];
    }
    int[] places = training.lastClicks();
    int session = 0;
    for (int i = 0; i < places.length; i++) {
      while (places[i] >= training.starts()[session + 1]) {
        session++;
      }
      places[i] -= training.starts()[session];
    }
    return places;
  }

  private static float[] nearness(int[] places, double decay) {
    if (Double.isInfinite(decay)) {
      return new float[0];
    }
    float[] nearness = new float[Arrays.stream(places).max().orElse(0) + 1];
    for (int distance = 0; distance < nearness.length; distance++) {
      nearness[distance] = (float) Math.exp(-distance / decay);
    }
    return nearness;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  protected void score(Prefix prefix, SparseScores scores) {
    if (prefix.length() > 0) {
      pool.with(candidates -> {
        find(prefix, candidates);
        vote(prefix, candidates, scores);
        candidates.forget();
        return candidates;
      });
    }
  }

  private void find(Prefix prefix, Candidates candidates) {
    int[] clicks = prefix.clicks();
    int length = prefix.length();
    for (int position = length - 1; position >= 0; position--) {
      int item = clicks[position];
      if (!candidates.clicked.add(item)) {
        continue;
      }
      float weight = (float) settings.click().of(length - 1 - position, length);
      if (weight > 0) {
        int oldest = index.first()[item];
        for (int e = index.first()[item + 1] - 1; e >= oldest; e--) {
          int session = index.entries()[e];
          if (session < candidates.floor) {
            break; // Those that follow are older still.
          }
          candidates.add(session, weight, position);
        }
      } else if (nearness.length == 0) {
        return; // Older clicks count no more, and nothing else asks which they were.
      }
      if (candidates.clicked.size() == itemWeight.length - 1) {
        return; // Only items that were clicked again are left.
      }
    }
  }

  private void vote(Prefix prefix, Candidates candidates, SparseScores scores) {
    int length = prefix.length();
    int neighbours = candidates.nearest(sessionWeight, settings.k());
    for (int n = 0; n < neighbours; n++) {
      int session = QuickSelect.number(candidates.packed[n]);
      int position = candidates.position(session);
      float vote = QuickSelect.score(candidates.packed[n])
          * (float) settings.match().of(length - 1 - position, length);
      if (vote == 0) {
        continue;
      }
      if (nearness.length == 0) {
        for (int c = starts[session]; c < starts[session + 1]; c++) {
          scores.add(items[c], vote * itemWeight[items[c]]);
        }
      } else {
        voteByNearness(session, vote, candidates.clicked, scores);
      }
    }
  }

  private void voteByNearness(int session, float vote, RowSet clicked, SparseScores scores) {
    int at = starts[session + 1] - 1;
    while (!clicked.contains(items[at])) {
      at--;
    }
    for (int c = starts[session]; c < starts[session + 1]; c++) {
      float near = nearness[Math.abs(places[c] - places[at])];
      scores.add(items[c], vote * near * itemWeight[items[c]]);
    }
  }

  /**
   * Sessions that share an item, with the sum of their shared clicks' weights: a hash table of open
   * addressing whose size depends on the sample alone, not on how long the log is.
   */
  private static final class Candidates {
    private final RowSet clicked = new RowSet();
    private final int most;
    private final int mask;
    private final int[] keys; // session + 1; 0 where free
    private final float[] sums;
    private final int[] positions; // of the newest shared click
    private final int[] slots; // of the candidates, in the order they came
    private final long[] packed;
    private int size;
    private int floor; // older sessions are too old

    Candidates(int most) {
      this.most = most;
      int capacity = Integer.highestOneBit(Math.max(16, Math.multiplyExact(most, 4)) - 1) << 1;
      this.mask = capacity - 1;
      this.keys = new int[capacity];
      this.sums = new float[capacity];
      this.positions = new int[capacity];
      this.slots = new int[2 * most];
      this.packed = new long[2 * most];
    }

    void add(int session, float weight, int position) {
      int slot = slot(session);
      if (keys[slot] != 0) {
        sums[slot] += weight;
        return;
      }
      if (size == slots.length) {
        dropOldest();
        if (session < floor) {
          return;
        }
        slot = slot(session);
      }
      keys[slot] = session + 1;
      sums[slot] = weight;
      positions[slot] = position;
      slots[size++] = slot;
    }

    int position(int session) {
      return positions[slot(session)];
    }

    /** Puts the most alike to the front of {@link #packed}; returns how many they are. */
    int nearest(float[] sessionWeight, int k) {
      if (size > most) {
        dropOldest();
      }
      int alike = 0;
      for (int i = 0; i < size; i++) {
        int session = keys[slots[i]] - 1;
        float similarity = sums[slots[i]] * sessionWeight[session];
        if (similarity > 0) {
          packed[alike++] = QuickSelect.pack(similarity, session);
        }
      }
      int neighbours = Math.min(k, alike);
      QuickSelect.selectLargest(packed, alike, neighbours);
      return neighbours;
    }

    void clear() {
      for (int i = 0; i < size; i++) {
        keys[slots[i]] = 0;
      }
      size = 0;
      floor = 0;
    }

    void forget() {
      clear();
      clicked.clear();
    }

    /** Keeps the newest candidates, as many as the sample has. */
    private void dropOldest() {
      int count = size;
      float[] keptSums = new float[most];
      int[] keptPositions = new int[most];
      for (int i = 0; i < count; i++) {
        packed[i] = ((long) keys[slots[i]] << 32) | slots[i];
      }
      QuickSelect.selectLargest(packed, count, most);
      int oldest = Integer.MAX_VALUE;
      int[] sessions = new int[most];
      for (int i = 0; i < most; i++) {
        int slot = (int) packed[i];
        sessions[i] = keys[slot] - 1;
        keptSums[i] = sums[slot];
        keptPositions[i] = positions[slot];
        oldest = Math.min(oldest, sessions[i]);
      }
      clear();
      floor = oldest;
      for (int i = 0; i < most; i++) {
        int slot = slot(sessions[i]);
        keys[slot] = sessions[i] + 1;
        sums[slot] = keptSums[i];
        positions[slot] = keptPositions[i];
        slots[size++] = slot;
      }
    }

    private int slot(int session) {
      int slot = ((session * 0x9E3779B9) >>> 7) & mask;
      while (keys[slot] != 0 && keys[slot] != session + 1) {
        slot = (slot + 1) & mask;
      }
      return slot;
    }
  }
}
