package io.attune.encoder;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;

/**
 * The packed positions of a batch as tensors, with the clicks that attention looks back on.
 *
 * @param last int64 (P): flat index of each position's own click in (B · L)
 * @param window int64 (P, W): flat indices of the clicks looked back on, oldest first; where a
 *     position has fewer than W, the left part points at the position itself and is masked
 * @param mask float32 (P, W): 1 where {@code window} holds a click, 0 where it is masked
 */
public record Positions(NDArray last, NDArray window, NDArray mask) {

  /**
   * Lays out the positions of a batch.
   *
   * @param manager owner of the arrays
   * @param limit the most clicks to look back on; W is that or the batch's longest prefix
   */
  public static Positions of(NDManager manager, SessionBatch batch, int limit) {
    int count = batch.positions().length;
    int width = 1;
    for (int p = 0; p < count; p++) {
      width = Math.max(width, Math.min(limit, batch.clicksUpTo(p)));
    }
    long[] last = new long[count];
    long[] window = new long[count * width];
    float[] mask = new float[count * width];
    for (int p = 0; p < count; p++) {
      last[p] = batch.positions()[p];
      int seen = Math.min(width, batch.clicksUpTo(p));
      for (int w = 0; w < width; w++) {
        boolean click = w >= width - seen;
        window[p * width + w] = last[p] - (click ? width - 1 - w : 0);
        mask[p * width + w] = click ? 1 : 0;
      }
    }
    return new Positions(
        manager.create(last),
        manager.create(window, new Shape(count, width)),
        manager.create(mask, new Shape(count, width)));
  }
}
