package io.attune.incremental;

import io.attune.session.Sessions;
import java.util.Arrays;

/**
 * What an encoder keeps of a session between two clicks: plain arrays of known size. The clicks
 * that attention looks back on lie in slots, of which there are twice as many whenever they are
 * full, until there is one for each click of the window; then the newest click takes the oldest
 * one's.
 *
 * <p>Not for use by several threads at once.
 */
public final class SessionState {
  private static final int FIRST_SLOTS = 4;
  private static final int OVERHEAD = 112; // headers of this object and its arrays

  private final int window;
  private final int slotSize;
  private final SessionState[] parts;
  final float[] carried; // what does not belong to a single click
  float[] slots; // (slots, slotSize)
  private int[] rows; // (slots)
  private long[] times = {}; // (slots), empty as long as no click has one that matters
  private int clicks;

  /**
   * The state of a session without clicks.
   *
   * @param carried numbers that are kept whatever the number of clicks
   * @param window W, the most clicks to keep
   * @param slotSize numbers kept for each of them
   * @param parts the states of several encoders, if there are several
   */
  SessionState(int carried, int window, int slotSize, SessionState... parts) {
    this.window = window;
    this.slotSize = slotSize;
    this.carried = new float[carried];
    int first = Math.min(window, FIRST_SLOTS);
    this.slots = new float[first * slotSize];
    this.rows = new int[first];
    this.parts = parts;
  }

  /** The state of several encoders together, before the first click. */
  static SessionState of(SessionState... parts) {
    int window = Arrays.stream(parts).mapToInt(part -> part.window).max().orElseThrow();
    return new SessionState(0, window, 0, parts);
  }

  /** The state of one of several encoders. */
  SessionState part(int index) {
    return parts[index];
  }

  /** Known clicks made so far, those beyond the window included. */
  public int clicks() {
    return clicks;
  }

  /** Clicks that are looked back on: at most W. */
  public int kept() {
    return Math.min(clicks, window);
  }

  /** The item row of a kept click, 0 being the oldest. */
  public int row(int kept) {
    return rows[slot(kept)];
  }

  /** Where the numbers of a kept click begin, 0 being the oldest. */
  int at(int kept) {
    return slot(kept) * slotSize;
  }

  private int slot(int kept) {
    return (clicks - kept() + kept) % window;
  }

  /** When a kept click was made, 0 being the oldest; {@link Sessions#NO_TIME} if not known. */
  long time(int kept) {
    return times.length == 0 ? Sessions.NO_TIME : times[slot(kept)];
  }

  /** Makes room for one more click, and says where its numbers begin. */
  int append(int row) {
    return append(row, Sessions.NO_TIME);
  }

  /** The same for a click whose time is to be kept. */
  int append(int row, long time) {
    int slot = clicks % window;
    if (slot >= rows.length) {
      int length = Math.min(window, 2 * rows.length);
      rows = Arrays.copyOf(rows, length);
      slots = Arrays.copyOf(slots, length * slotSize);
    }
    rows[slot] = row;
    if (times.length < rows.length && (times.length > 0 || time != Sessions.NO_TIME)) {
      int before = times.length;
      times = Arrays.copyOf(times, rows.length);
      Arrays.fill(times, before, times.length, Sessions.NO_TIME);
    }
    if (times.length > 0) {
      times[slot] = time;
    }
    clicks++;
    return slot * slotSize;
  }

  /** This state as it is now, as far as one step may change it. */
  public final class Checkpoint {
    private final float[] carriedNow = carried.clone();
    private final float[] slotsNow = slots;
    private final int[] rowsNow = rows;
    private final long[] timesNow = times;
    private final int clicksNow = clicks;
    // What the newest click takes the place of, once the window is full.
    private final int slot = clicks % window;
    private final boolean full = clicks >= window;
    private final int row = full ? rows[slot] : 0;
    private final long time = full && times.length > 0 ? times[slot] : Sessions.NO_TIME;
    private final float[] numbers =
        full ? Arrays.copyOfRange(slots, slot * slotSize, (slot + 1) * slotSize) : new float[0];
    private final Checkpoint[] ofParts = new Checkpoint[parts.length];

    private Checkpoint() {
      Arrays.setAll(ofParts, i -> parts[i].checkpoint());
    }

    /** Takes a step back that failed somewhere on its way. */
    public void restore() {
      System.arraycopy(carriedNow, 0, carried, 0, carriedNow.length);
      slots = slotsNow;
      rows = rowsNow;
      times = timesNow;
      clicks = clicksNow;
      if (full) {
        System.arraycopy(numbers, 0, slots, slot * slotSize, slotSize);
        rows[slot] = row;
        if (times.length > 0) {
          times[slot] = time;
        }
      }
      for (Checkpoint part : ofParts) {
        part.restore();
      }
    }
  }

  /** Remembers this state for the time of a step. */
  public Checkpoint checkpoint() {
    return new Checkpoint();
  }

  /** How much memory it takes, in bytes. */
  public long bytes() {
    long bytes = OVERHEAD + 4L * (carried.length + slots.length + rows.length) + 8L * times.length;
    for (SessionState part : parts) {
      bytes += part.bytes();
    }
    return bytes;
  }
}
