package io.attune.encoder;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import io.attune.model.HierarchicalConfig;
import io.attune.model.TimeGaps;
import java.util.random.RandomGenerator;

/**
 * Hierarchical attention over a visitor's visits: a GRU and attention over the clicks of each visit
 * make its vector, attention over the visits makes the visitor's. Visits are found in the history
 * by the times of its clicks ({@link VisitLayout}).
 *
 * <p>Source: Yang, Yang, Dyer, He, Smola and Hovy 2016, "Hierarchical Attention Networks for
 * Document Classification" (HAN), of which clicks are the words and visits the sentences: attention
 * over clicks is equations 5 to 7, over visits 8 to 10. For visits of users: Quadrana, Karatzoglou,
 * Hidasi and Cremonesi 2017, "Personalizing Session-based Recommendations with Hierarchical
 * Recurrent Neural Networks", and Ying et al. 2018, "Sequential Recommender System based on
 * Hierarchical Attention Network" (SHAN).
 *
 * <p>Differs from the papers: the GRU goes forward only and begins anew with each visit, and a
 * click attends to those of its visit up to itself, so that nothing depends on later clicks; visits
 * have no GRU; the context vector of the visits, {@code u_s}, is a projection of the newest state,
 * so that what is wanted now decides which visits count; a learned number for the time since a
 * visit ({@link TimeGaps}) is added to its score; attention is over the last K finished visits and
 * the current one, whose share is left out of the visitor's vector. The query is a projection of
 * state, visit and visitor, plus the mean of the clicked items' vectors by their shares of
 * attention: that of the visit times that in the visit.
 */
final class Hierarchical implements SessionEncoder {
  private final HierarchicalConfig config;

  Hierarchical(HierarchicalConfig config) {
    this.config = config;
  }

  @Override
  public int window() {
    return HierarchicalConfig.WINDOW;
  }

  /** As many clicks as a recurrent unit is shown beyond W: visits may have any length. */
  @Override
  public int reach() {
    return HierarchicalConfig.WINDOW - 1 + Layers.REMEMBERED;
  }

  /** The gates of the GRU over padded visits, the shares of clicks, or what they add up. */
  @Override
  public long temporary(int length) {
    int h = config.hidden();
    return Math.max(
        Math.max(2 * 3L * h * length, (long) length * length),
        (config.visits() + 1L) * (h + config.dimension()) * length);
  }

  @Override
  public void initialize(Weights weights, RandomGenerator random) {
    int d = config.dimension();
    int h = config.hidden();
    float bound = (float) (1 / Math.sqrt(h));
    Layers.addGru(weights, random, d, h);
    Layers.addLinear(weights, "clicks", random, h, h);
    weights.uniform("clicks.context", random, bound, h);
    Layers.addLinear(weights, "visits", random, h, h);
    weights.uniform("visits.query", random, bound, h, h);
    weights.add("visits.gaps", new float[TimeGaps.BUCKETS], new Shape(TimeGaps.BUCKETS, 1));
    weights.uniform("decoder.b", random, (float) (1 / Math.sqrt(3.0 * h)), 3L * h, d);
  }

  @Override
  public Encoded encode(Weights weights, NDArray clicks, Positions positions, boolean training) {
    int d = config.dimension();
    int h = config.hidden();
    int length = positions.length();
    VisitLayout visits = new VisitLayout(positions, config.visitGap().millis());
    NDArray x = Layers.dropout(clicks, config.inputDropout(), training); // float32 (B, L, D)
    NDArray states = states(weights, x.reshape(-1, d), visits, training); // float32 (B · L, H)
    NDArray shares = shares(weights, states, visits, length); // float32 (B, L, L)

    // At each click its visit so far: the weighted sum of the states, and that of the items.
    NDArray both = // float32 (B, L, H + D)
        NDArrays.concat(new NDList(states.reshape(-1, length, h), x), 2);
    NDArray summed = shares.matMul(both).reshape(-1, h + d); // float32 (B · L, H + D)

    VisitLayout.Back back = visits.back(config.visits());
    NDArray state = Layers.rows(states, positions.last()); // float32 (P, H)
    NDArray attention = // float32 (P, K + 1)
        ofVisits(weights, state, summed.get(new NDIndex(":, :{}", h)), back);
    NDArray seen = Layers.rows(summed, back.ends()); // float32 (P, K + 1, H + D)
    NDArray mean = // float32 (P, D)
        Layers.sums(attention, seen.get(new NDIndex("..., {}:", h)));
    NDArray context = // float32 (P, 3H)
        NDArrays.concat(
            new NDList(
                state,
                seen.get(new NDIndex(":, {}, :{}", back.finished(), h)),
                visitor(attention, seen, back.finished())),
            1);
    NDArray query = mean.add(Layers.dropout(context, config.contextDropout(), training)
        .matMul(weights.get("decoder.b")));
    return Encoded.of(
        Layers.query(config.similarity(), query),
        () -> ofClicks(shares, attention, back, positions));
  }

  /**
   * The states after each click, of a GRU that begins anew with each visit.
   *
   * @param clicks float32 (B · L, D)
   * @return float32 (B · L, H)
   */
  private static NDArray states(
      Weights weights, NDArray clicks, VisitLayout visits, boolean training) {
    NDList made = new NDList();
    for (NDArray group : visits.groups()) {
      made.add(Layers.gru(weights, Layers.rows(clicks, group), training));
    }
    return Layers.rows(NDArrays.concat(made), visits.places());
  }

  /**
   * The attention of each click on those of its visit up to itself.
   *
   * @param states float32 (B · L, H)
   * @return float32 (B, L, L), rows adding up to 1
   */
  private static NDArray shares(Weights weights, NDArray states, VisitLayout visits, int length) {
    NDArray scores = // float32 (B · L)
        Layers.linear(weights, "clicks", states).tanh().matMul(weights.get("clicks.context"));
    return scores.reshape(-1, 1, length).add(visits.unseen()).softmax(-1);
  }

  /**
   * The attention of positions on their visits, the current one last.
   *
   * @param state float32 (P, H)
   * @param vectors float32 (B · L, H): of the visits so far at each click
   * @return float32 (P, K + 1), rows adding up to 1
   */
  private static NDArray ofVisits(
      Weights weights, NDArray state, NDArray vectors, VisitLayout.Back back) {
    NDArray keys = Layers.linear(weights, "visits", vectors).tanh(); // float32 (B · L, H)
    NDArray scores = // float32 (P, K + 1)
        Layers.products(state.matMul(weights.get("visits.query")), Layers.rows(keys, back.ends()));
    NDArray sinceThen = Layers.rows(weights.get("visits.gaps"), back.gaps()).squeeze(2);
    return Layers.softmax(scores.add(sinceThen), back.mask());
  }

  /** The weighted sum of the finished visits: float32 (P, H), zero where there are none. */
  private NDArray visitor(NDArray attention, NDArray seen, int finished) {
    if (finished == 0) {
      return attention.getManager().zeros(new Shape(attention.getShape().get(0), config.hidden()));
    }
    return Layers.sums(
        attention.get(new NDIndex(":, :{}", finished)),
        seen.get(new NDIndex(":, :{}, :{}", finished, config.hidden())));
  }

  /** The shares of the clicks in the windows of positions: float32 (P, W). */
  private static NDArray ofClicks(
      NDArray shares, NDArray attention, VisitLayout.Back back, Positions positions) {
    int length = positions.length();
    NDArray inVisits = // float32 (P, K + 1, L)
        Layers.rows(shares.reshape(-1, length), back.ends());
    NDArray table = Layers.sums(attention, inVisits); // float32 (P, L)
    return table.gather(positions.window().mod(length), 1).mul(positions.mask());
  }
}
