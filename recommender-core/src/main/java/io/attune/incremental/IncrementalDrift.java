package io.attune.incremental;

import java.util.Arrays;
import java.util.List;

/**
 * The incremental form of {@code io.attune.encoder.Drift}: the query vector of another encoder,
 * followed by ones. The state is that of the other encoder.
 */
final class IncrementalDrift implements IncrementalEncoder {
  private final int size;
  private final IncrementalEncoder encoder;

  /**
   * Wraps an encoder whose items are the first columns of a table.
   *
   * @param size elements of its query vectors
   */
  IncrementalDrift(int size, IncrementalEncoder encoder) {
    this.size = size;
    this.encoder = encoder;
  }

  @Override
  public SessionState start() {
    return encoder.start();
  }

  @Override
  public void advance(SessionState state, int row, long time) {
    encoder.advance(state, row, time);
  }

  @Override
  public void query(SessionState state, float[] query, float[] attention) {
    float[] first = new float[size];
    encoder.query(state, first, attention);
    System.arraycopy(first, 0, query, 0, size);
    Arrays.fill(query, size, query.length, 1);
  }

  @Override
  public void constantPart(float[] query) {
    Arrays.fill(query, 0, size, 0);
    Arrays.fill(query, size, query.length, 1);
  }

  @Override
  public IncrementalEncoder shallower(int layers) {
    return new IncrementalDrift(size, encoder.shallower(layers));
  }

  @Override
  public int[] visits(SessionState state) {
    return encoder.visits(state);
  }

  @Override
  public List<AttentionHead> heads(SessionState state) {
    return encoder.heads(state);
  }
}
