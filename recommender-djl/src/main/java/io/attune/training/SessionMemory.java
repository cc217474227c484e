package io.attune.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.attune.encoder.Positions;
import io.attune.encoder.SessionEncoder;
import io.attune.encoder.Torch;
import io.attune.encoder.Weights;
import io.attune.model.MemoryNetworkConfig;
import java.util.Arrays;
import java.util.Map;

/**
 * The memory of a {@link MemoryNetworkConfig} in training. After each step its predictions are
 * written: the key is the session's own query vector as serving computes it, without dropout, the
 * value the vector of the item that was clicked next; the oldest slots are overwritten.
 *
 * <p>A session reads the slots of sessions that had ended before it began, and no others. So it
 * reads neither its own targets, be they of another prefix or piece of it or written in an earlier
 * epoch, nor anything that was not yet known. Training goes through the sessions in time, so the
 * memory is that of serving: the newest predictions.
 *
 * <p>Owns the memory that it was given; threads must not share it.
 */
final class SessionMemory {
  private static final String ENDED = "memory.ended";

  private final SessionEncoder encoder; // of the session itself
  private final NDArray keys; // float32 (M, D), the newest last
  private final NDArray values; // float32 (M, D)
  private final NDArray ended; // float32 (M): the rank of the session's end; infinite while empty

  /**
   * An empty memory.
   *
   * @param manager owner of it
   * @param keys float32 (M, D), which are overwritten
   * @param values float32 (M, D), which are overwritten
   */
  SessionMemory(NDManager manager, MemoryNetworkConfig config, NDArray keys, NDArray values) {
    this.encoder = SessionEncoder.of(config.encoder());
    this.keys = keys;
    this.values = values;
    // A rank rounded to a float is never below a smaller one, so nothing becomes readable by it.
    this.ended = manager.full(new Shape(config.slots()), Float.POSITIVE_INFINITY, DataType.FLOAT32);
    keys.subi(keys);
    values.subi(values);
  }

  /** Which slots each position of a step may read, float32 (P, M). */
  NDArray readable(NDManager batch, TrainingSequences.Step step) {
    int[] positions = step.batch().positions();
    float[] before = new float[positions.length];
    for (int p = 0; p < before.length; p++) {
      before[p] = step.place(p).before();
    }
    NDArray ends = ended.expandDims(0); // float32 (1, M)
    ends.attach(batch);
    return batch
        .create(before, new Shape(before.length, 1))
        .gt(ends)
        .toType(DataType.FLOAT32, false);
  }

  /**
   * Writes the predictions of a step.
   *
   * @param weights of the encoder
   * @param clicks float32 (B, L, D)
   * @param items float32 (V + 1, D): the item vectors
   */
  void write(
      Weights weights,
      NDArray clicks,
      Positions positions,
      NDArray items,
      TrainingSequences.Step step) {
    NDManager batch = clicks.getManager();
    NDArray queries = encoder.encode(weights, clicks, positions, false).queries();
    float[] ranks = new float[step.targets().length];
    for (int p = 0; p < ranks.length; p++) {
      ranks[p] = step.place(p).rank();
    }
    NDArray next = // float32 (P, D)
        items.get(batch.create(Arrays.stream(step.targets()).asLongStream().toArray()));
    push(batch, keys, queries);
    push(batch, values, next);
    push(batch, ended, batch.create(ranks));
  }

  /** Moves rows in from the end. */
  private static void push(NDManager batch, NDArray array, NDArray newest) {
    long slots = array.getShape().get(0);
    long count = newest.getShape().get(0);
    NDArray kept = count >= slots
        ? newest.get(new NDIndex("{}:", count - slots))
        : array.get(new NDIndex("{}:", count));
    kept.attach(batch);
    newest.attach(batch);
    array.set(
        new NDIndex("..."), count >= slots ? kept : NDArrays.concat(new NDList(kept, newest), 0));
  }

  /** Makes what the memory was filled with readable by all sessions: it is of earlier ones. */
  void startFilled() {
    float[] filled = Torch.tensor(keys).values();
    int slots = Math.toIntExact(keys.getShape().get(0));
    int dimension = filled.length / slots;
    float[] ends = new float[slots];
    Arrays.fill(ends, Float.POSITIVE_INFINITY);
    for (int i = 0; i < filled.length; i++) {
      if (filled[i] != 0) {
        ends[i / dimension] = -1;
      }
    }
    try (NDArray ranks = ended.getManager().create(ends)) {
      ended.set(new NDIndex("..."), ranks);
    }
  }

  /** All arrays by name, for a checkpoint. */
  Map<String, NDArray> arrays() {
    return Map.of(MemoryNetworkConfig.KEYS, keys, MemoryNetworkConfig.VALUES, values, ENDED, ended);
  }
}
