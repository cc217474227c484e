package io.attune.training;

import io.attune.encoder.SessionBatch;
import io.attune.model.TimeGaps;
import io.attune.session.Sessions;
import io.attune.session.Split;
import io.attune.session.Vocabulary;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The training part, cut into pieces that are encoded in one pass and grouped into steps.
 *
 * <p>A session is one segment, unless it is longer than {@code most} targets: then it is cut from
 * its end into several, of which each but the first starts with the click that the one before it
 * predicted last.
 */
final class Segments {
  /** Steps whose segments are sorted by length together: less padding, still random enough. */
  private static final int POOL = 32;

  /** In cloze training, the share of segments whose last click is masked and no other. */
  private static final double LAST_ALONE = 0.1;

  private final int[] clicks; // rows of all segments, each with its last target
  private final long[] times; // of these clicks
  private final int[] starts; // one more than there are segments
  private final int longest;

  /**
   * Cuts sessions.
   *
   * @param most targets of a segment, at least 1
   */
  Segments(Sessions sessions, int most) {
    this(sessions, 0, most);
  }

  /**
   * Cuts sessions.
   *
   * @param newest share of the sessions, those that end last, that are there twice
   * @param most targets of a segment, at least 1
   */
  Segments(Sessions sessions, double newest, int most) {
    int[] rows = new int[sessions.clicks()];
    long[] made = TimeGaps.noTimes(rows.length);
    List<int[]> pieces = new ArrayList<>();
    boolean[] again = newest(sessions, newest);
    int size = 0;
    int longest = 0;
    for (int s = 0; s < sessions.size(); s++) {
      int from = size;
      for (int click = sessions.start(s); click < sessions.end(s); click++) {
        if (sessions.item(click) != Vocabulary.UNKNOWN) {
          made[size] = sessions.hasTimes() ? sessions.time(click) : TimeGaps.NO_TIME;
          rows[size++] = sessions.item(click);
        }
      }
      if (size - from < 2) {
        size = from;
        continue;
      }
      for (int last = size - 1; last > from; last -= most) {
        int first = Math.max(from, last - most);
        pieces.add(new int[] {first, last});
        if (again[s]) {
          pieces.add(new int[] {first, last});
        }
        longest = Math.max(longest, last - first);
      }
    }
    int targets = pieces.stream().mapToInt(piece -> piece[1] - piece[0]).sum();
    this.longest = longest;
    this.starts = new int[pieces.size() + 1];
    this.clicks = new int[targets + pieces.size()];
    this.times = new long[clicks.length];
    int at = 0;
    for (int i = 0; i < pieces.size(); i++) {
      int[] piece = pieces.get(i);
      starts[i] = at;
      int length = piece[1] - piece[0] + 1;
      System.arraycopy(rows, piece[0], clicks, at, length);
      System.arraycopy(made, piece[0], times, at, length);
      at += length;
    }
    starts[pieces.size()] = at;
  }

  private static boolean[] newest(Sessions sessions, double share) {
    boolean[] newest = new boolean[sessions.size()];
    for (int session : Split.newest(sessions, (int) Math.round(share * sessions.size()))) {
      newest[session] = true;
    }
    return newest;
  }

  /** Targets of all segments: the predictions of an epoch. */
  int targets() {
    return clicks.length - (starts.length - 1);
  }

  /** The most targets of a segment. */
  int longest() {
    return longest;
  }

  private int length(int segment) {
    return starts[segment + 1] - starts[segment] - 1;
  }

  /**
   * The steps of an epoch: segment numbers, in an order drawn from a seed.
   *
   * @param stepTargets how many targets a step may have; a longer segment makes a step of its own
   */
  List<int[]> epoch(int stepTargets, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int[] order = new int[starts.length - 1];
    for (int i = 0; i < order.length; i++) {
      int j = random.nextInt(i + 1);
      order[i] = order[j];
      order[j] = i;
    }
    List<int[]> steps = new ArrayList<>();
    int from = 0;
    while (from < order.length) {
      int to = from;
      for (long targets = 0; to < order.length && targets < (long) POOL * stepTargets; to++) {
        targets += length(order[to]);
      }
      List<int[]> pool = pool(Arrays.copyOfRange(order, from, to), stepTargets);
      for (int i = pool.size() - 1; i > 0; i--) {
        int j = random.nextInt(i + 1);
        int[] step = pool.get(i);
        pool.set(i, pool.get(j));
        pool.set(j, step);
      }
      steps.addAll(pool);
      from = to;
    }
    return steps;
  }

  private List<int[]> pool(int[] segments, int stepTargets) {
    // Sorted by length, ties as drawn: the key carries the place.
    long[] keys = new long[segments.length];
    for (int i = 0; i < keys.length; i++) {
      keys[i] = (long) length(segments[i]) << 32 | i;
    }
    Arrays.sort(keys);
    List<int[]> steps = new ArrayList<>();
    int[] step = new int[segments.length];
    int size = 0;
    int targets = 0;
    for (long key : keys) {
      int segment = segments[(int) key];
      if (size > 0 && targets + length(segment) > stepTargets) {
        steps.add(Arrays.copyOf(step, size));
        size = 0;
        targets = 0;
      }
      step[size++] = segment;
      targets += length(segment);
    }
    if (size > 0) {
      steps.add(Arrays.copyOf(step, size));
    }
    return steps;
  }

  /**
   * A step as a batch.
   *
   * @param batch the clicks that are seen, and the positions that are asked for
   * @param targets int (P): the true item's row at each position
   * @param size targets of its segments, by which the progress of an epoch is counted
   */
  record Step(SessionBatch batch, int[] targets, int size) {}

  /** Lays out the segments of a step: at each click the next one is the target. */
  Step step(int[] segments) {
    int length = 0;
    int count = 0;
    for (int segment : segments) {
      length = Math.max(length, length(segment));
      count += length(segment);
    }
    int[] rows = new int[segments.length * length];
    long[] made = TimeGaps.noTimes(rows.length);
    int[] positions = new int[count];
    int[] targets = new int[count];
    int at = 0;
    for (int s = 0; s < segments.length; s++) {
      int start = starts[segments[s]];
      System.arraycopy(times, start, made, s * length, length(segments[s]));
      for (int t = 0; t < length(segments[s]); t++) {
        rows[s * length + t] = clicks[start + t];
        positions[at] = s * length + t;
        targets[at++] = clicks[start + t + 1];
      }
    }
    SessionBatch batch = new SessionBatch(segments.length, length, rows, made, positions);
    return new Step(batch, targets, count);
  }

  /**
   * Lays out the segments of a step with some clicks masked, which are the targets (Sun et al.
   * 2019, BERT4Rec, section 3.6). One segment in ten has its last click masked alone, as it will be
   * when the model is asked; so has one where no click was drawn.
   *
   * @param share of the clicks that are masked
   * @param seed of what is drawn
   */
  Step cloze(int[] segments, double share, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int length = 0;
    int size = 0;
    for (int segment : segments) {
      length = Math.max(length, length(segment) + 1);
      size += length(segment);
    }
    int[] rows = new int[segments.length * length];
    int[] positions = new int[size + segments.length];
    int[] targets = new int[positions.length];
    int at = 0;
    for (int s = 0; s < segments.length; s++) {
      int start = starts[segments[s]];
      int last = length(segments[s]);
      System.arraycopy(clicks, start, rows, s * length, last + 1);
      int before = at;
      boolean lastAlone = random.nextDouble() < LAST_ALONE;
      for (int click = 0; click <= last; click++) {
        boolean drawn = random.nextDouble() < share && !lastAlone;
        if (drawn || (click == last && at == before)) {
          rows[s * length + click] = Vocabulary.UNKNOWN;
          positions[at] = s * length + click;
          targets[at++] = clicks[start + click];
        }
      }
    }
    return new Step(
        new SessionBatch(segments.length, length, rows, Arrays.copyOf(positions, at)),
        Arrays.copyOf(targets, at),
        size);
  }
}
