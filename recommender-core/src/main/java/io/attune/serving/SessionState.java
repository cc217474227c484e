package io.attune.serving;

import java.util.Arrays;

/**
 * What an encoder keeps of a session from one click to the next, in plain arrays: the clicks, a
 * memory of fixed size, and one slot for each click that attention looks back on. Slots are added
 * by doubling up to W of them; from then on the newest click takes the place of the oldest.
 *
 * <p>Belongs to the encoder that started it, and to one thread at a time.
 */
public final class SessionState {
  private static final int FIRST_CLICKS = 8;

  /** Bytes of this object and of the headers of its three arrays, at most. */
  private static final int HEADERS = 40 + 3 * 24;

  private final StepEncoder owner;
  private final int slotSize;
  private final int window; // W

  /** What the encoder keeps of the session as a whole. */
  final float[] memory;

  private int[] clicks = new int[FIRST_CLICKS];
  private int length;
  private float[] slots;

  /**
   * The state of a session without clicks.
   *
   * @param memory floats of the memory, zeros at first
   * @param slotSize floats of a slot; 0 where the encoder looks back on nothing
   * @param window W, the most slots
   */
  SessionState(StepEncoder owner, int memory, int slotSize, int window) {
    this.owner = owner;
    this.memory = new float[memory];
    this.slotSize = slotSize;
    this.window = window;
    this.slots = new float[slotSize * Math.min(window, FIRST_CLICKS)];
  }

  /** L, the clicks so far. */
  public int length() {
    return length;
  }

  /** The rows of all clicks, oldest first. */
  public int[] clicks() {
    return Arrays.copyOf(clicks, length);
  }

  /** What this takes on the heap, a few bytes more or less. */
  public long bytes() {
    return HEADERS + 4L * (clicks.length + memory.length + slots.length);
  }

  StepEncoder owner() {
    return owner;
  }

  /** The row of click {@code i}, from 0, the oldest. */
  int click(int i) {
    return clicks[i];
  }

  /** How many clicks are looked back on: the last so many of {@link #length}. */
  int seen() {
    return Math.min(length, window);
  }

  /** The index of the oldest click that is looked back on. */
  int oldestSeen() {
    return length - seen();
  }

  /** All slots; that of a click starts at {@link #slot}. */
  float[] slots() {
    return slots;
  }

  /** Where the slot of click {@code i} starts, {@link #oldestSeen} at least. */
  int slot(int i) {
    return i % window * slotSize;
  }

  /** Adds a click, and makes room for its slot, which holds an older click's values or zeros. */
  void add(int row) {
    if (length == clicks.length) {
      clicks = Arrays.copyOf(clicks, 2 * length);
    }
    clicks[length] = row;
    length++;
    int wanted = seen() * slotSize;
    if (wanted > slots.length) {
      slots = Arrays.copyOf(slots, (int) Math.min(2L * slots.length, (long) window * slotSize));
    }
  }
}
