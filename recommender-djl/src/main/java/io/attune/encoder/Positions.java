package io.attune.encoder;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import io.attune.session.Vocabulary;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The packed positions of a batch as tensors, with the clicks that attention looks back on.
 *
 * @param last int64 (P): flat index of each position's own click in (B · L)
 * @param window int64 (P, W): flat indices of the clicks looked back on, oldest first; where a
 *     position has fewer than W, the left part points at the position itself and is masked
 * @param mask float32 (P, W): 1 where {@code window} holds a click, 0 where it is masked
 * @param filled float32 (B, L): 1 at clicks and positions, 0 in padding
 * @param wanted float32 (B, L): 1 at the positions
 * @param firsts int (B): as in the batch
 * @param rows int (B, L): as in the batch
 * @param times long (B, L): as in the batch
 * @param readable float32 (P, M): 1 at the slots of a memory that a position may read; null for all
 */
public record Positions(
    NDArray last,
    NDArray window,
    NDArray mask,
    NDArray filled,
    NDArray wanted,
    int[] firsts,
    int[] rows,
    long[] times,
    @Nullable NDArray readable) {
  private static final int GROUP = 16;

  /**
   * Lays out the positions of a batch.
   *
   * <p>Sums over windows must not depend on the batch, not even in the last bit, and some kernels
   * of the engine add in groups of up to {@value #GROUP}. So W is a multiple of that unless it is
   * L; where L is one too, a longer window only adds whole groups of zeros on the left.
   *
   * @param manager owner of the arrays
   * @param limit the most clicks to look back on; W is at least that, or the length L
   */
  public static Positions of(NDManager manager, SessionBatch batch, int limit) {
    int count = batch.positions().length;
    int width = Math.min(width(limit), batch.length());
    long[] last = new long[count];
    long[] window = new long[Math.multiplyExact(count, width)];
    float[] mask = new float[window.length];
    for (int p = 0; p < count; p++) {
      last[p] = batch.positions()[p];
      int seen = Math.min(Math.min(limit, width), batch.clicksUpTo(p));
      for (int w = 0; w < width; w++) {
        boolean click = w >= width - seen;
        window[p * width + w] = last[p] - (click ? width - 1 - w : 0);
        mask[p * width + w] = click ? 1 : 0;
      }
    }
    float[] filled = new float[batch.rows().length];
    float[] wanted = new float[batch.rows().length];
    for (int i = 0; i < filled.length; i++) {
      filled[i] = batch.rows()[i] == Vocabulary.UNKNOWN ? 0 : 1;
    }
    for (int position : batch.positions()) {
      filled[position] = 1;
      wanted[position] = 1;
    }
    Shape places = new Shape(batch.sessions(), batch.length());
    return new Positions(
        manager.create(last),
        manager.create(window, new Shape(count, width)),
        manager.create(mask, new Shape(count, width)),
        manager.create(filled, places),
        manager.create(wanted, places),
        batch.firsts(),
        batch.rows(),
        batch.times(),
        null);
  }

  /** B, the number of sessions. */
  int sessions() {
    return firsts.length;
  }

  /** L, the number of clicks that sessions are padded to. */
  int length() {
    return times.length / firsts.length;
  }

  /** The owner of the arrays. */
  NDManager manager() {
    return last.getManager();
  }

  /** The same positions of an encoder that looks back on fewer clicks. */
  Positions within(int limit) {
    int present = (int) window.getShape().get(1);
    if (limit >= present) {
      return this;
    }
    int width = Math.min(width(limit), present);
    NDIndex newest = new NDIndex("..., {}:", present - width);
    float[] near = new float[width];
    Arrays.fill(near, width - limit, width, 1);
    NDArray seen = mask.get(newest).mul(mask.getManager().create(near));
    return new Positions(
        last, window.get(newest), seen, filled, wanted, firsts, rows, times, readable);
  }

  /** The same positions, which may not read all slots of a memory. */
  public Positions reading(NDArray slots) {
    return new Positions(last, window, mask, filled, wanted, firsts, rows, times, slots);
  }

  /** The width of windows of so many clicks, for sessions that are long enough. */
  static int width(int limit) {
    return Math.ceilDiv(limit, GROUP) * GROUP;
  }
}
