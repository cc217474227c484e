package io.attune.incremental;

import io.attune.model.EnsembleConfig;

/** The steps of {@code io.attune.encoder.Pair}. The state is that of both. */
final class IncrementalEnsemble implements IncrementalEncoder {
  private final int size;
  private final IncrementalEncoder first;
  private final int otherSize;
  private final IncrementalEncoder second;

  /**
   * Two encoders over columns of one table.
   *
   * @param size elements of the first one's query vectors
   * @param otherSize of the second one's
   */
  IncrementalEnsemble(
      int size, IncrementalEncoder first, int otherSize, IncrementalEncoder second) {
    this.size = size;
    this.first = first;
    this.otherSize = otherSize;
    this.second = second;
  }

  @Override
  public SessionState start() {
    return SessionState.of(first.start(), second.start());
  }

  @Override
  public void advance(SessionState state, int row, long time) {
    first.advance(state.part(0), row, time);
    second.advance(state.part(1), row, time);
    state.append(row);
  }

  @Override
  public void query(SessionState state, float[] query, float[] attention) {
    float[] firstQuery = new float[size];
    float[] one = first.shares(state.part(0), firstQuery);
    float[] secondQuery = new float[otherSize];
    float[] other = second.shares(state.part(1), secondQuery);
    join(firstQuery, secondQuery, query);
    int kept = state.kept();
    for (int i = 0; i < kept; i++) {
      attention[i] = (share(one, i - kept) + share(other, i - kept)) / 2;
    }
  }

  @Override
  public void constant(float[] query) {
    float[] one = new float[size];
    first.constant(one);
    float[] other = new float[otherSize];
    second.constant(other);
    join(one, other, query);
  }

  private void join(float[] one, float[] other, float[] query) {
    for (int i = 0; i < query.length; i++) {
      query[i] = EnsembleConfig.SHARE * (i < size ? one[i] : other[i - size]);
    }
  }

  /** The share of a click, counted from behind; none where an encoder looks back on fewer. */
  private static float share(float[] shares, int fromBehind) {
    int at = shares.length + fromBehind;
    return at < 0 ? 0 : shares[at];
  }

  /** The heads of the first encoder, and behind them those of the second. */
  @Override
  public float[][] heads(SessionState state) {
    float[][] one = first.heads(state.part(0));
    float[][] other = second.heads(state.part(1));
    float[][] all = new float[one.length + other.length][state.kept()];
    for (int i = 0; i < all.length; i++) {
      float[] head = i < one.length ? one[i] : other[i - one.length];
      System.arraycopy(head, 0, all[i], state.kept() - head.length, head.length);
    }
    return all;
  }
}
