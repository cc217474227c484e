package io.attune.encoder;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.attune.model.TimeGaps;
import io.attune.session.Sessions;
import io.attune.session.Visits;
import io.attune.session.Vocabulary;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The visits in a batch of histories, found by the times of the clicks. The first click that is
 * shown of a history begins a visit.
 */
final class VisitLayout {
  /** Added to the score of what must not be seen. */
  private static final float UNSEEN = -1e9f;

  private final Positions positions;
  private final int length; // L
  private final int[] first; // (B, L): flat index of the first click of each click's visit
  private final long[] latest; // (B, L): the newest time known after each click
  private final List<Visit> visits = new ArrayList<>();

  /**
   * A visit.
   *
   * @param first flat index of its first click in (B · L)
   * @param end of its last click, exclusive
   */
  private record Visit(int first, int end) {
    /** The power of two that its length is padded to: so at most half of a group is padding. */
    int width() {
      int clicks = end - first;
      return clicks == 1 ? 1 : Integer.highestOneBit(clicks - 1) << 1;
    }
  }

  /**
   * Finds the visits.
   *
   * @param gap in milliseconds
   */
  VisitLayout(Positions positions, long gap) {
    this.positions = positions;
    this.length = positions.length();
    this.first = new int[positions.rows().length];
    this.latest = new long[first.length];
    for (int s = 0; s < positions.sessions(); s++) {
      int start = s * length;
      int visit = start;
      long last = Sessions.NO_TIME;
      for (int click = start; click < start + length; click++) {
        long time = positions.times()[click];
        boolean padding = positions.rows()[click] == Vocabulary.UNKNOWN;
        if (click > visit && (padding || Visits.begins(last, time, gap))) {
          visits.add(new Visit(visit, click));
          visit = click;
        }
        first[click] = visit;
        last = Visits.latest(last, time);
        latest[click] = last;
        if (padding) {
          visit = click + 1;
        }
      }
      if (visit < start + length) {
        visits.add(new Visit(visit, start + length));
      }
    }
  }

  /**
   * The visits by width, short ones first, to be encoded together.
   *
   * @return int64 (G, width) each: flat indices of their clicks, the first again in padding; G is a
   *     multiple of {@link PrefixEncoder#ROWS}, so that no row depends on the number of rows
   */
  List<NDArray> groups() {
    List<NDArray> groups = new ArrayList<>();
    for (int width = 1; width < 2 * length; width *= 2) {
      int wanted = width;
      List<Visit> same =
          visits.stream().filter(visit -> visit.width() == wanted).toList();
      if (!same.isEmpty()) {
        groups.add(clicks(same, width));
      }
    }
    return groups;
  }

  private NDArray clicks(List<Visit> same, int width) {
    int rows = PrefixEncoder.padded(same.size());
    long[] clicks = new long[rows * width];
    for (int row = 0; row < rows; row++) {
      Visit visit = same.get(Math.min(row, same.size() - 1));
      for (int i = 0; i < width; i++) {
        int click = visit.first + i;
        clicks[row * width + i] = click < visit.end ? click : visit.first;
      }
    }
    return positions.manager().create(clicks, new Shape(rows, width));
  }

  /**
   * Where each click is among the clicks of all groups, one group after the other: int64 (B · L); 0
   * for padding.
   */
  NDArray places() {
    long[] places = new long[first.length];
    int offset = 0;
    for (int width = 1; width < 2 * length; width *= 2) {
      int row = 0;
      for (Visit visit : visits) {
        if (visit.width() == width) {
          for (int click = visit.first; click < visit.end; click++) {
            places[click] = offset + (long) row * width + click - visit.first;
          }
          row++;
        }
      }
      offset += PrefixEncoder.padded(row) * width;
    }
    return positions.manager().create(places);
  }

  /** What hides from each click all but those of its visit up to itself: float32 (B, L, L). */
  NDArray unseen() {
    float[] values = new float[first.length * length];
    Arrays.fill(values, UNSEEN);
    for (int click = 0; click < first.length; click++) {
      int start = click / length * length;
      int from = Math.min(click, first[click]);
      Arrays.fill(values, click * length + from - start, click * length + click - start + 1, 0);
    }
    return positions.manager().create(values, new Shape(positions.sessions(), length, length));
  }

  /**
   * The visits that positions look back on.
   *
   * @param ends int64 (P, K + 1): flat index of the last click of each visit, the oldest first and
   *     the position itself at the end; where there are fewer, the left part points at the position
   * @param mask float32 (P, K + 1): 1 at visits
   * @param gaps int64 (P, K + 1): bucket of the time since the visit's last click, 0 for the
   *     current
   * @param finished K
   */
  record Back(NDArray ends, NDArray mask, NDArray gaps, int finished) {}

  /**
   * The finished visits and the current one of each position.
   *
   * @param limit the most finished visits, K, unless no position has any; then K is 0
   */
  Back back(int limit) {
    long[] places = positions.last().toLongArray();
    int count = 0;
    for (long place : places) {
      int start = (int) place / length * length;
      count = first[(int) place] > start ? limit : count;
    }
    int width = count + 1;
    long[] ends = new long[places.length * width];
    float[] mask = new float[ends.length];
    long[] gaps = new long[ends.length];
    for (int p = 0; p < places.length; p++) {
      int place = (int) places[p];
      int start = place / length * length;
      int click = place;
      int at = (p + 1) * width - 1;
      for (int k = 0; k < width; k++, at--) {
        ends[at] = click < start ? place : click;
        mask[at] = click < start ? 0 : 1;
        gaps[at] = click < start || k == 0 ? 0 : TimeGaps.bucket(latest[click], latest[place]);
        click = click < start ? click : first[click] - 1;
      }
    }
    Shape shape = new Shape(places.length, width);
    return new Back(
        positions.manager().create(ends, shape),
        positions.manager().create(mask, shape),
        positions.manager().create(gaps, shape),
        count);
  }
}
