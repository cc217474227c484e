package io.attune.incremental;

import io.attune.model.EnsembleConfig;
import java.util.List;
import java.util.stream.Stream;

/**
 * The incremental form of {@code io.attune.encoder.EncoderEnsemble}. The state consists of the
 * states of both encoders.
 */
final class IncrementalEnsemble implements IncrementalEncoder {
  private final int firstSize;
  private final IncrementalEncoder first;
  private final int secondSize;
  private final IncrementalEncoder second;

  /**
   * Combines two encoders whose items are adjacent columns of one table.
   *
   * @param firstSize elements of the first encoder's query vectors
   * @param secondSize elements of the second encoder's query vectors
   */
  IncrementalEnsemble(
      int firstSize, IncrementalEncoder first, int secondSize, IncrementalEncoder second) {
    this.firstSize = firstSize;
    this.first = first;
    this.secondSize = secondSize;
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
    float[] firstQuery = new float[firstSize];
    float[] one = first.encode(state.part(0), firstQuery);
    float[] secondQuery = new float[secondSize];
    float[] other = second.encode(state.part(1), secondQuery);
    join(firstQuery, secondQuery, query);
    int kept = state.kept();
    for (int i = 0; i < kept; i++) {
      attention[i] = (share(one, i - kept) + share(other, i - kept)) / 2;
    }
  }

  @Override
  public void constantPart(float[] query) {
    float[] one = new float[firstSize];
    first.constantPart(one);
    float[] other = new float[secondSize];
    second.constantPart(other);
    join(one, other, query);
  }

  private void join(float[] one, float[] other, float[] query) {
    for (int i = 0; i < query.length; i++) {
      query[i] = EnsembleConfig.SHARE * (i < firstSize ? one[i] : other[i - firstSize]);
    }
  }

  /** The share of a click counted from the end; 0 if it lies outside the encoder's window. */
  private static float share(float[] shares, int fromEnd) {
    int at = shares.length + fromEnd;
    return at < 0 ? 0 : shares[at];
  }

  /** Returns the visits of the encoder that tells more of them apart. */
  @Override
  public int[] visits(SessionState state) {
    int[] one = first.visits(state.part(0));
    int[] other = second.visits(state.part(1));
    int[] more = last(one) >= last(other) ? one : other;
    int[] visits = new int[state.kept()];
    System.arraycopy(more, 0, visits, visits.length - more.length, more.length);
    return visits;
  }

  private static int last(int[] visits) {
    return visits.length == 0 ? 0 : visits[visits.length - 1];
  }

  /** Returns the heads of the first encoder, followed by those of the second. */
  @Override
  public List<AttentionHead> heads(SessionState state) {
    return Stream.concat(first.heads(state.part(0)).stream(), second.heads(state.part(1)).stream())
        .map(head -> {
          int kept = head.shares().length;
          float[] shares = new float[state.kept()];
          System.arraycopy(head.shares(), 0, shares, shares.length - kept, kept);
          return new AttentionHead(head.layer(), head.head(), shares);
        })
        .toList();
  }
}
