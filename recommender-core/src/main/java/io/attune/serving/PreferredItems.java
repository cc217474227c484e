package io.attune.serving;

import io.attune.incremental.AttentionHead;
import io.attune.incremental.SessionState;
import io.attune.session.Vocabulary;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The items that attention prefers in a session: each of some items is put before the last click,
 * and what counts is the share of attention that it gets there. All stand at the same place, so
 * that the item alone makes the difference.
 *
 * @param mean the mean share of all items that were tried, 0 to 1
 * @param rows (K): the items with the largest shares, the largest first
 * @param shares float32 (K): the shares of these, 0 to 1
 */
public record PreferredItems(float mean, int[] rows, float[] shares) {

  /**
   * Finds what each head prefers. It costs about three clicks for each item that is tried.
   *
   * @param clicks the session, oldest first, of which the model knows at least one; those that it
   *     does not know are skipped
   * @param tried rows of items, at least one
   * @param top the most items to return for a head
   * @return one for each head, as {@link io.attune.incremental.IncrementalEncoder#heads} lists
   *     them; one for all attention if the encoder has no heads
   * @throws IllegalArgumentException if the model knows no click, or no item is tried
   */
  public static List<PreferredItems> of(
      ServingModel model, List<Click> clicks, int[] tried, int top) {
    List<Click> known = clicks.stream()
        .filter(click -> model.vocabulary().row(click.item()) != Vocabulary.UNKNOWN)
        .toList();
    if (known.isEmpty() || tried.length == 0) {
      throw new IllegalArgumentException("there must be a known click and an item to try");
    }
    Click last = known.getLast();
    SessionState before = model.encoder().start();
    known.subList(0, known.size() - 1).forEach(click -> model.advance(before, click));
    List<float[]> shares = new ArrayList<>(); // by head, float32 (tried)
    for (int i = 0; i < tried.length; i++) {
      SessionState state = before.copy();
      model.encoder().advance(state, tried[i], last.time());
      model.advance(state, last);
      List<float[]> heads = attention(model, state);
      for (int head = 0; head < heads.size(); head++) {
        if (i == 0) {
          shares.add(new float[tried.length]);
        }
        float[] kept = heads.get(head);
        shares.get(head)[i] = kept.length < 2 ? 0 : kept[kept.length - 2];
      }
    }
    return shares.stream().map(each -> largest(tried, each, top)).toList();
  }

  private static List<float[]> attention(ServingModel model, SessionState state) {
    List<AttentionHead> heads = model.encoder().heads(state);
    return heads.isEmpty()
        ? List.of(model.vector(state).attention())
        : heads.stream().map(AttentionHead::shares).toList();
  }

  private static PreferredItems largest(int[] tried, float[] shares, int top) {
    double sum = 0;
    for (float share : shares) {
      sum += share;
    }
    int[] best = IntStream.range(0, tried.length)
        .boxed()
        .sorted(Comparator.comparingDouble(i -> -shares[i]))
        .limit(top)
        .mapToInt(i -> i)
        .toArray();
    float[] largest = new float[best.length];
    int[] rows = new int[best.length];
    for (int i = 0; i < best.length; i++) {
      rows[i] = tried[best[i]];
      largest[i] = shares[best[i]];
    }
    return new PreferredItems((float) (sum / tried.length), rows, largest);
  }
}
