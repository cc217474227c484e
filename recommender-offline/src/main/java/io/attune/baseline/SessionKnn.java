package io.attune.baseline;

import io.attune.recommender.Prefix;
import io.attune.recommender.SparseRecommender;
import io.attune.recommender.SparseScores;
import io.attune.vector.QuickSelect;
import io.attune.vector.ScratchPool;
import java.util.Arrays;

/**
 * Session-based k-nearest neighbours: scores items by the training sessions most similar to the
 * current one. {@link Baseline.VSknn}, {@link Baseline.VmisKnn} and {@link Baseline.Stan} are
 * settings of it.
 *
 * <p>Candidates are the {@code sample} newest sessions that share an item with the current one. The
 * {@code k} most similar of them, newer ones first among equals, vote for their items:
 *
 * <pre>
 * similarity(n) = ageWeight(n) · sum over shared items of clickWeight / length(n)^lengthPower
 * score(i) = sum over neighbours n with i of
 *            similarity(n) · voteWeight(newest shared click) · proximity(i, n) · itemWeight(i)
 * </pre>
 *
 * <p>Source: the search of VMIS-kNN (Kersbergen, Sprangers and Schelter, Serenade, SIGMOD 2022,
 * algorithm 2). An index of the newest sessions of each item is read from the newest click and the
 * newest session backwards, and reading stops when all remaining sessions are too old. It finds the
 * same sessions as V-SKNN.
 *
 * <p>Differs from the paper: the heap of the newest sessions is a list, truncated to {@code sample}
 * when it reaches twice that size; the heap of the most similar ones is a selection at the end.
 *
 * <p>Thread-safe; working memory is pooled.
 */
final class SessionKnn extends SparseRecommender {

  /**
   * The settings in which the methods differ.
   *
   * @param k number of neighbours that vote
   * @param sample number of candidates, the newest ones
   * @param click weight of a shared item in the similarity, by the current session's newest click
   *     on it
   * @param vote weight of a neighbour's vote, by the newest click that it shares
   * @param idf weight of an item that is voted for
   * @param lengthPower 0, or 0.5 for the cosine
   * @param ageDecay the age, as a fraction of the log's time span, at which a similarity falls to 1
   *     / e; infinite to ignore age
   * @param proximityDecay the distance from a neighbour's last shared click, in clicks including
   *     repeated ones, at which the weight of an item falls to 1 / e; infinite to ignore distance
   */
  record Settings(
      int k,
      int sample,
      ClickWeight click,
      ClickWeight vote,
      Idf idf,
      double lengthPower,
      double ageDecay,
      double proximityDecay) {}

  private final String name;
  private final Settings settings;
  private final int[] starts; // (S + 1)
  private final int[] items; // distinct in each session, in the order of their last clicks
  private final Postings index;
  private final float[] itemWeight; // (V + 1)
  private final float[] sessionWeight; // (S)
  private final int[] positions; // of the last clicks in their sessions; empty as proximity is
  private final float[] proximity; // by distance; empty if distance is ignored
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
    this.positions = positions(training, settings.proximityDecay());
    this.proximity = proximity(positions, settings.proximityDecay());
    int sample = Math.min(settings.sample(), Math.max(1, distinct.size()));
    this.pool = new ScratchPool<>(() -> new Candidates(sample));
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

  /** The position in its session of each item's last click, counting repeated clicks. */
  private static int[] positions(TrainingSessions training, double decay) {
    if (Double.isInfinite(decay)) {
      return new int[0];
    }
    int[] positions = training.lastClicks();
    int session = 0;
    for (int i = 0; i < positions.length; i++) {
      while (positions[i] >= training.starts()[session + 1]) {
        session++;
      }
      positions[i] -= training.starts()[session];
    }
    return positions;
  }

  private static float[] proximity(int[] positions, double decay) {
    if (Double.isInfinite(decay)) {
      return new float[0];
    }
    float[] proximity = new float[Arrays.stream(positions).max().orElse(0) + 1];
    for (int distance = 0; distance < proximity.length; distance++) {
      proximity[distance] = (float) Math.exp(-distance / decay);
    }
    return proximity;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  protected void score(Prefix prefix, SparseScores scores) {
    if (prefix.length() > 0) {
      pool.with(candidates -> {
        findCandidates(prefix, candidates);
        vote(prefix, candidates, scores);
        candidates.reset();
        return candidates;
      });
    }
  }

  private void findCandidates(Prefix prefix, Candidates candidates) {
    int[] clicks = prefix.clicks();
    int length = prefix.length();
    for (int position = length - 1; position >= 0; position--) {
      int item = clicks[position];
      if (!candidates.clickedItems.add(item)) {
        continue;
      }
      float weight = (float) settings.click().weight(length - 1 - position, length);
      if (weight > 0) {
        int oldest = index.starts()[item];
        for (int e = index.starts()[item + 1] - 1; e >= oldest; e--) {
          int session = index.entries()[e];
          if (session < candidates.oldest) {
            break; // The remaining sessions are older still.
          }
          candidates.add(session, weight, position);
        }
      } else if (proximity.length == 0) {
        return; // Older clicks have no weight, and the clicked items are not needed otherwise.
      }
      if (candidates.clickedItems.size() == itemWeight.length - 1) {
        return; // Every item of the vocabulary was clicked: only repeated clicks remain.
      }
    }
  }

  private void vote(Prefix prefix, Candidates candidates, SparseScores scores) {
    int length = prefix.length();
    int neighbours = candidates.selectNearest(sessionWeight, settings.k());
    for (int n = 0; n < neighbours; n++) {
      int session = QuickSelect.number(candidates.packed[n]);
      int position = candidates.position(session);
      float vote = QuickSelect.score(candidates.packed[n])
          * (float) settings.vote().weight(length - 1 - position, length);
      if (vote == 0) {
        continue;
      }
      if (proximity.length == 0) {
        for (int c = starts[session]; c < starts[session + 1]; c++) {
          scores.add(items[c], vote * itemWeight[items[c]]);
        }
      } else {
        voteByProximity(session, vote, candidates.clickedItems, scores);
      }
    }
  }

  private void voteByProximity(int session, float vote, RowSet clickedItems, SparseScores scores) {
    int lastShared = starts[session + 1] - 1;
    while (!clickedItems.contains(items[lastShared])) {
      lastShared--;
    }
    for (int c = starts[session]; c < starts[session + 1]; c++) {
      float weight = proximity[Math.abs(positions[c] - positions[lastShared])];
      scores.add(items[c], vote * weight * itemWeight[items[c]]);
    }
  }

  /**
   * The candidates for a prefix, with the sum of the weights of their shared clicks: a hash table
   * with open addressing whose size depends on the sample, not on the log.
   */
  private static final class Candidates {
    private final RowSet clickedItems = new RowSet();
    private final int sample;
    private final int mask;
    private final int[] keys; // session + 1; 0 if free
    private final float[] sums;
    private final int[] positions; // of the newest shared click
    private final int[] slots; // of the candidates, in order of insertion
    private final long[] packed;
    private int size;
    private int oldest; // sessions before it are no candidates

    Candidates(int sample) {
      this.sample = sample;
      int capacity = Integer.highestOneBit(Math.max(16, Math.multiplyExact(sample, 4)) - 1) << 1;
      this.mask = capacity - 1;
      this.keys = new int[capacity];
      this.sums = new float[capacity];
      this.positions = new int[capacity];
      this.slots = new int[2 * sample];
      this.packed = new long[2 * sample];
    }

    void add(int session, float weight, int position) {
      int slot = slot(session);
      if (keys[slot] != 0) {
        sums[slot] += weight;
        return;
      }
      if (size == slots.length) {
        dropOldest();
        if (session < oldest) {
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

    /** Moves the most similar candidates to the front of {@link #packed}; returns their number. */
    int selectNearest(float[] sessionWeight, int k) {
      if (size > sample) {
        dropOldest();
      }
      int similar = 0;
      for (int i = 0; i < size; i++) {
        int session = keys[slots[i]] - 1;
        float similarity = sums[slots[i]] * sessionWeight[session];
        if (similarity > 0) {
          packed[similar++] = QuickSelect.pack(similarity, session);
        }
      }
      int neighbours = Math.min(k, similar);
      QuickSelect.selectLargest(packed, similar, neighbours);
      return neighbours;
    }

    void clear() {
      for (int i = 0; i < size; i++) {
        keys[slots[i]] = 0;
      }
      size = 0;
      oldest = 0;
    }

    void reset() {
      clear();
      clickedItems.clear();
    }

    /** Keeps only the newest candidates, up to the size of the sample. */
    private void dropOldest() {
      int count = size;
      float[] keptSums = new float[sample];
      int[] keptPositions = new int[sample];
      for (int i = 0; i < count; i++) {
        packed[i] = ((long) keys[slots[i]] << 32) | slots[i];
      }
      QuickSelect.selectLargest(packed, count, sample);
      int oldestKept = Integer.MAX_VALUE;
      int[] sessions = new int[sample];
      for (int i = 0; i < sample; i++) {
        int slot = (int) packed[i];
        sessions[i] = keys[slot] - 1;
        keptSums[i] = sums[slot];
        keptPositions[i] = positions[slot];
        oldestKept = Math.min(oldestKept, sessions[i]);
      }
      clear();
      oldest = oldestKept;
      for (int i = 0; i < sample; i++) {
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
