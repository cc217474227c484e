package io.attune.incremental;

import io.attune.model.ClickedFeatures;
import io.attune.session.Sessions;
import java.util.Arrays;

/**
 * The state of an encoder after the clicks of a session so far: plain arrays of known size.
 *
 * <p>The clicks in the attention window are kept in a ring buffer of slots. It starts small and
 * doubles until there is a slot for each click of the window; from then on the newest click
 * replaces the oldest. The item rows of clicks have a ring of their own, which holds the last
 * {@value ClickedFeatures#WINDOW} clicks even where the attention window is smaller.
 *
 * <p>Not thread-safe.
 */
public final class SessionState {
  private static final int FIRST_SLOTS = 4;
  private static final int OVERHEAD = 120; // bytes: headers of this object and its arrays

  private final int window;
  private final int rowWindow;
  private final int slotSize;
  private final SessionState[] parts;
  final float[] carried; // not tied to a single click, such as a hidden state
  float[] slots; // (slots, slotSize)
  private int slotCount;
  private int[] rows; // of the last clicks, at most rowWindow
  private long[] times = {}; // (slots); empty until a click has a time
  private int clicks;

  /**
   * The state of a session without clicks.
   *
   * @param carried number of floats that are independent of the number of clicks
   * @param window W, maximum number of clicks to keep
   * @param slotSize number of floats kept for each of them
   * @param parts the states of the encoders of an ensemble, or of the layers of an encoder
   */
  SessionState(int carried, int window, int slotSize, SessionState... parts) {
    this.window = window;
    this.rowWindow = Math.max(window, ClickedFeatures.WINDOW);
    this.slotSize = slotSize;
    this.carried = new float[carried];
    this.slotCount = Math.min(window, FIRST_SLOTS);
    this.slots = new float[slotCount * slotSize];
    this.rows = new int[FIRST_SLOTS];
    this.parts = parts;
  }

  /** A state after the same clicks, which goes on by itself. */
  public SessionState copy() {
    SessionState[] partCopies =
        Arrays.stream(parts).map(SessionState::copy).toArray(SessionState[]::new);
    SessionState copy = new SessionState(carried.length, window, slotSize, partCopies);
    System.arraycopy(carried, 0, copy.carried, 0, carried.length);
    copy.slots = slots.clone();
    copy.slotCount = slotCount;
    copy.rows = rows.clone();
    copy.times = times.clone();
    copy.clicks = clicks;
    return copy;
  }

  /** The joint state of the encoders of an ensemble, before the first click. */
  static SessionState of(SessionState... parts) {
    int window = Arrays.stream(parts).mapToInt(part -> part.window).max().orElseThrow();
    return new SessionState(0, window, 0, parts);
  }

  /** The state of one encoder of an ensemble, or of one layer. */
  SessionState part(int index) {
    return parts[index];
  }

  /** The number of clicks so far, including those that have left the window. */
  public int clicks() {
    return clicks;
  }

  /** The number of clicks in the attention window, at most W. */
  public int kept() {
    return Math.min(clicks, window);
  }

  /** The item row of a kept click; 0 is the oldest. */
  public int row(int kept) {
    return rows[(clicks - kept() + kept) % rowWindow];
  }

  /**
   * The item rows of the last clicks, oldest first: {@value ClickedFeatures#WINDOW}, or all if
   * there are fewer.
   */
  public int[] lastRows() {
    int[] last = new int[Math.min(clicks, ClickedFeatures.WINDOW)];
    for (int i = 0; i < last.length; i++) {
      last[i] = rows[(clicks - last.length + i) % rowWindow];
    }
    return last;
  }

  /** The index in {@link #slots} of a kept click; 0 is the oldest. */
  int at(int kept) {
    return slot(kept) * slotSize;
  }

  private int slot(int kept) {
    return (clicks - kept() + kept) % window;
  }

  /** The time of a kept click, or {@link Sessions#NO_TIME}; 0 is the oldest. */
  long time(int kept) {
    return times.length == 0 ? Sessions.NO_TIME : times[slot(kept)];
  }

  /** Adds a click and returns the index of its slot in {@link #slots}. */
  int append(int row) {
    return append(row, Sessions.NO_TIME);
  }

  /** Adds a click with a time to keep. */
  int append(int row, long time) {
    int slot = clicks % window;
    if (slot >= slotCount) {
      slotCount = Math.min(window, 2 * slotCount);
      slots = Arrays.copyOf(slots, slotCount * slotSize);
    }
    int at = clicks % rowWindow;
    if (at >= rows.length) {
      rows = Arrays.copyOf(rows, Math.min(rowWindow, 2 * rows.length));
    }
    rows[at] = row;
    if (times.length < slotCount && (times.length > 0 || time != Sessions.NO_TIME)) {
      int before = times.length;
      times = Arrays.copyOf(times, slotCount);
      Arrays.fill(times, before, times.length, Sessions.NO_TIME);
    }
    if (times.length > 0) {
      times[slot] = time;
    }
    clicks++;
    return slot * slotSize;
  }

  /** What a single step may change of this state. */
  public final class Checkpoint {
    private final float[] carriedNow = carried.clone();
    private final float[] slotsNow = slots;
    private final int slotCountNow = slotCount;
    private final int[] rowsNow = rows;
    private final long[] timesNow = times;
    private final int clicksNow = clicks;
    // The click that the next one replaces once the window is full.
    private final int slot = clicks % window;
    private final boolean full = clicks >= window;
    private final int row = clicks < rowWindow ? 0 : rows[clicks % rowWindow];
    private final long time = full && times.length > 0 ? times[slot] : Sessions.NO_TIME;
    private final float[] numbers =
        full ? Arrays.copyOfRange(slots, slot * slotSize, (slot + 1) * slotSize) : new float[0];
    private final Checkpoint[] ofParts = new Checkpoint[parts.length];

    private Checkpoint() {
      Arrays.setAll(ofParts, i -> parts[i].checkpoint());
    }

    /** Undoes a step that failed halfway. */
    public void restore() {
      System.arraycopy(carriedNow, 0, carried, 0, carriedNow.length);
      slots = slotsNow;
      slotCount = slotCountNow;
      rows = rowsNow;
      times = timesNow;
      clicks = clicksNow;
      if (clicks >= rowWindow) {
        rows[clicks % rowWindow] = row;
      }
      if (full) {
        System.arraycopy(numbers, 0, slots, slot * slotSize, slotSize);
        if (times.length > 0) {
          times[slot] = time;
        }
      }
      for (Checkpoint part : ofParts) {
        part.restore();
      }
    }
  }

  /** Saves this state for the duration of one step. */
  public Checkpoint checkpoint() {
    return new Checkpoint();
  }

  /** The memory that the state takes, in bytes. */
  public long bytes() {
    long bytes = OVERHEAD + 4L * (carried.length + slots.length + rows.length) + 8L * times.length;
    for (SessionState part : parts) {
      bytes += part.bytes();
    }
    return bytes;
  }
}
