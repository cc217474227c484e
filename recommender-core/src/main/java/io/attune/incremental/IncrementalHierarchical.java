package io.attune.incremental;

import io.attune.model.HierarchicalConfig;
import io.attune.model.TimeGaps;
import io.attune.session.Sessions;
import io.attune.session.Visits;
import io.attune.vector.Arithmetic;
import io.attune.vector.ItemVectors;
import io.attune.vector.ScratchPool;
import java.util.Arrays;

/**
 * The incremental form of {@code io.attune.encoder.Hierarchical}. Attention over the clicks of a
 * visit is a running sum, so a click adds its score, row and time to the state and nothing else;
 * those of clicks before the window are dropped. The last finished visits are kept in a ring.
 */
final class IncrementalHierarchical implements IncrementalEncoder {
  private final HierarchicalConfig config;
  private final ItemVectors inputs;
  private final GruCell cell;
  private final Matrix clickKeys; // (H, H)
  private final float[] clickContext; // (H)
  private final Matrix visitKeys; // (H, H)
  private final Matrix visitQuery; // (H, H)
  private final float[] gaps; // (buckets)
  private final Matrix decoder; // (3H, D)
  private final int hidden; // H
  private final int dimension; // D
  private final Layout visit;
  private final ScratchPool<Scratch> scratch;

  /**
   * Where the numbers of a visit are, in the carried part of a state from H on while it goes on, in
   * a slot of the ring once it has ended.
   *
   * @param items the weighted sum of its item vectors, after that of its hidden states
   * @param highest the highest score of a click
   * @param sum of the exponentials of all scores less the highest
   * @param clicks their number
   * @param key the attention key, of finished visits alone
   */
  private record Layout(int items, int highest, int sum, int clicks, int key, int size) {
    static Layout of(int hidden, int dimension) {
      int items = hidden;
      int highest = items + dimension;
      return new Layout(
          items, highest, highest + 1, highest + 2, highest + 3, highest + 3 + hidden);
    }
  }

  /** Scratch memory for one step or query. */
  private static final class Scratch {
    final float[] item; // (D)
    final float[] key; // (H)
    final float[] projected; // (H)
    final float[] context; // [state, visit, visitor]
    final float[] shares; // of visits, the current one last

    Scratch(int hidden, int dimension, int visits) {
      item = new float[dimension];
      key = new float[hidden];
      projected = new float[hidden];
      context = new float[3 * hidden];
      shares = new float[visits + 1];
    }
  }

  IncrementalHierarchical(
      HierarchicalConfig config, IncrementalWeights weights, ItemVectors inputs) {
    this.config = config;
    this.inputs = inputs;
    this.hidden = config.hidden();
    this.dimension = config.dimension();
    this.cell = new GruCell(weights, dimension, hidden);
    this.clickKeys = Matrix.linear(weights, "clicks", hidden, hidden);
    this.clickContext = weights.get("clicks.context", hidden);
    this.visitKeys = Matrix.linear(weights, "visits", hidden, hidden);
    this.visitQuery = Matrix.of(weights, "visits.query", hidden, hidden);
    this.gaps = weights.get("visits.gaps", TimeGaps.BUCKETS, 1);
    this.decoder = Matrix.of(weights, "decoder.b", 3 * hidden, dimension);
    this.visit = Layout.of(hidden, dimension);
    this.scratch = new ScratchPool<>(() -> new Scratch(hidden, dimension, config.visits()));
  }

  @Override
  public SessionState start() {
    SessionState finished = new SessionState(0, config.visits(), visit.size());
    return new SessionState(hidden + visit.key(), HierarchicalConfig.WINDOW, 1, finished);
  }

  @Override
  public void advance(SessionState state, int row, long time) {
    scratch.use(s -> advance(state, row, time, s));
  }

  private void advance(SessionState state, int row, long time, Scratch s) {
    inputs.copyItem(row, s.item); // first, since it may refuse the row
    long last = latest(state);
    if (Visits.begins(last, time, config.visitGap().millis())) {
      finish(state, last, s);
    }
    float[] carried = state.carried;
    cell.step(inputs, row, carried);
    float score = score(carried, s);
    int at = hidden;
    boolean begins = carried[at + visit.clicks()] == 0;
    float highest = begins ? score : Math.max(score, carried[at + visit.highest()]);
    float before = begins ? 0 : Arithmetic.exp(carried[at + visit.highest()] - highest);
    float share = Arithmetic.exp(score - highest);
    for (int i = 0; i < visit.highest(); i++) {
      carried[at + i] =
          before * carried[at + i] + share * (i < hidden ? carried[i] : s.item[i - hidden]);
    }
    carried[at + visit.highest()] = highest;
    carried[at + visit.sum()] = before * carried[at + visit.sum()] + share;
    carried[at + visit.clicks()]++;
    int slot = state.append(row, Visits.latest(last, time));
    state.slots[slot] = score;
  }

  /** The newest time known. */
  private static long latest(SessionState state) {
    return state.kept() == 0 ? Sessions.NO_TIME : state.time(state.kept() - 1);
  }

  /** The score of the newest click among those of its visit. */
  private float score(float[] newest, Scratch s) {
    clickKeys.apply(newest, 0, s.projected);
    Arithmetic.tanh(s.projected, 0, hidden);
    return Arithmetic.dot(s.projected, 0, clickContext, 0, hidden);
  }

  /** Moves the current visit to the finished ones, and begins another. */
  private void finish(SessionState state, long end, Scratch s) {
    SessionState finished = state.part(0);
    float[] carried = state.carried;
    key(carried, s);
    int slot = finished.append(0, end);
    for (int i = 0; i < visit.highest(); i++) {
      finished.slots[slot + i] = carried[hidden + i] / carried[hidden + visit.sum()];
    }
    System.arraycopy(carried, hidden + visit.highest(), finished.slots, slot + visit.highest(), 3);
    System.arraycopy(s.key, 0, finished.slots, slot + visit.key(), hidden);
    Arrays.fill(carried, 0);
  }

  /** Computes the attention key of the current visit, and its vector as part of the context. */
  private void key(float[] carried, Scratch s) {
    for (int i = 0; i < hidden; i++) {
      s.context[hidden + i] = carried[hidden + i] / carried[hidden + visit.sum()];
    }
    visitKeys.apply(s.context, hidden, s.key);
    Arithmetic.tanh(s.key, 0, hidden);
  }

  @Override
  public void query(SessionState state, float[] query, float[] attention) {
    scratch.use(s -> query(state, query, attention, s));
  }

  private void query(SessionState state, float[] query, float[] attention, Scratch s) {
    SessionState finished = state.part(0);
    int visits = finished.kept();
    shareVisits(state, s);
    System.arraycopy(state.carried, 0, s.context, 0, hidden);
    Arrays.fill(s.context, 2 * hidden, 3 * hidden, 0);
    Arrays.fill(query, 0);
    for (int k = 0; k < visits; k++) {
      int at = finished.at(k);
      Arithmetic.addScaled(s.context, 2 * hidden, s.shares[k], finished.slots, at, hidden);
      Arithmetic.addScaled(query, 0, s.shares[k], finished.slots, at + visit.items(), dimension);
    }
    float current = s.shares[visits] / state.carried[hidden + visit.sum()];
    Arithmetic.addScaled(query, 0, current, state.carried, hidden + visit.items(), dimension);
    decoder.add(s.context, 0, query);
    shareClicks(state, s.shares, attention);
    QueryNorm.apply(config.similarity(), query);
  }

  /** The shares of the finished visits, oldest first, and of the current one. */
  private void shareVisits(SessionState state, Scratch s) {
    SessionState finished = state.part(0);
    int visits = finished.kept();
    key(state.carried, s);
    if (visits > 0) {
      visitQuery.apply(state.carried, 0, s.projected);
      long now = latest(state);
      for (int k = 0; k < visits; k++) {
        s.shares[k] = gaps[TimeGaps.bucket(finished.time(k), now)]
            + Arithmetic.dot(s.projected, 0, finished.slots, finished.at(k) + visit.key(), hidden);
      }
      s.shares[visits] = gaps[0] + Arithmetic.dot(s.projected, 0, s.key, 0, hidden);
    }
    Arithmetic.softmax(s.shares, visits + 1);
  }

  /** Divides the shares of visits among the kept clicks; those of forgotten visits get nothing. */
  private void shareClicks(SessionState state, float[] ofVisits, float[] attention) {
    SessionState finished = state.part(0);
    int[] numbered = numbered(state);
    for (int i = 0; i < state.kept(); i++) {
      int k = numbered[i];
      boolean current = k == finished.kept();
      float[] numbers = current ? state.carried : finished.slots;
      int at = current ? hidden : k < 0 ? 0 : finished.at(k);
      attention[i] = k < 0
          ? 0
          : ofVisits[k]
              * Arithmetic.exp(state.slots[state.at(i)] - numbers[at + visit.highest()])
              / numbers[at + visit.sum()];
    }
  }

  /**
   * The visit of each kept click among the finished ones and the current; −1 if it is forgotten.
   */
  private int[] numbered(SessionState state) {
    SessionState finished = state.part(0);
    int[] numbered = new int[state.kept()];
    int k = finished.kept();
    int left = (int) state.carried[hidden + visit.clicks()];
    for (int i = numbered.length - 1; i >= 0; i--, left--) {
      while (left == 0 && k >= 0) {
        k--;
        left = k < 0 ? 0 : (int) finished.slots[finished.at(k) + visit.clicks()];
      }
      numbered[i] = k;
    }
    return numbered;
  }

  @Override
  public int[] visits(SessionState state) {
    int[] visits = numbered(state);
    int oldest = visits.length == 0 ? 0 : visits[0];
    for (int i = 0; i < visits.length; i++) {
      visits[i] -= oldest;
    }
    return visits;
  }
}
