package io.attune.training;

import io.attune.encoder.SessionBatch;
import io.attune.encoder.SessionEncoder;
import io.attune.model.Direction;
import io.attune.model.EncoderConfig;
import io.attune.model.TimeGaps;
import io.attune.model.TransformerConfig;
import io.attune.session.Sessions;
import io.attune.session.Split;
import io.attune.session.Vocabulary;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The training sessions, cut into sequences that are encoded in one pass and grouped into steps.
 *
 * <p>A session is one sequence unless it has more targets than {@link Cut#targets}; then it is cut
 * into several, starting from its end. Each begins with {@link Cut#context} clicks before its first
 * target, so that in training a target has the same context as in serving, and clicks keep their
 * positions in the session.
 */
final class TrainingSequences {
  /** Steps whose segments are sorted by length together: less padding, still random enough. */
  private static final int POOL = 32;

  /** In cloze training, the share of segments whose last click is masked and no other. */
  private static final double LAST_ALONE = 0.1;

  private final int[] rows; // of all clicks that are known, session by session
  private final long[] times; // of these clicks
  private final List<Piece> pieces;
  private final TrainingOrder order;
  private final int targets;

  /**
   * How long sessions are cut into sequences.
   *
   * @param targets maximum per sequence, at least 1
   * @param context clicks before the one from which a sequence's first target is predicted
   */
  record Cut(int targets, int context) {
    private static final int MIN_TARGETS = 50;
    private static final int MAX_TARGETS = 512;
    private static final int MAX_CONTEXT = 1024;

    Cut {
      if (targets < 1 || context < 0) {
        throw new IllegalArgumentException(
            "a piece needs a target and no negative context, not " + targets + " and " + context);
      }
    }

    /**
     * The cut for an encoder. Sequences have a bounded length, whatever the session's. Only an
     * encoder that reaches back more than {@value #MAX_CONTEXT} clicks through its layers gets less
     * context than it reaches, but never less than its window.
     */
    static Cut of(SessionEncoder encoder) {
      int window = encoder.window();
      return switch (encoder.direction()) {
        case CAUSAL ->
          new Cut(
              Math.clamp(window, MIN_TARGETS, MAX_TARGETS),
              Math.min(encoder.reach(), Math.max(MAX_CONTEXT, window - 1)));
        // In serving the model sees one window, which includes the masked click, and nothing before
        // it.
        case BIDIRECTIONAL -> new Cut(Math.max(1, window - 1), 0);
      };
    }
  }

  /**
   * A sequence: part of a session, by indices of clicks.
   *
   * @param start the session's first click
   * @param shown the first click of the context
   * @param first the click from which the first target is predicted
   * @param last the last target
   * @param place the session's, in time; null where the order is random
   */
  private record Piece(
      int start, int shown, int first, int last, SessionOrder.@Nullable Place place) {
    int targets() {
      return last - first;
    }

    /** Clicks that are shown, the last target not being one. */
    int length() {
      return last - shown;
    }
  }

  /** Cuts sessions, which occur once and in a random order. */
  TrainingSequences(Sessions sessions, Cut cut) {
    this(sessions, 0, TrainingOrder.RANDOM, cut);
  }

  /** Cuts sessions as an encoder is trained. */
  static TrainingSequences of(Sessions sessions, EncoderConfig encoder, TrainingConfig training) {
    return new TrainingSequences(
        sessions,
        training.recencyShare(),
        training.order().of(encoder),
        Cut.of(SessionEncoder.of(encoder)));
  }

  /**
   * Cuts sessions.
   *
   * @param newest share of the sessions, the newest, that occur twice
   * @param order of an epoch
   */
  TrainingSequences(Sessions sessions, double newest, TrainingOrder order, Cut cut) {
    int[] known = new int[sessions.clicks()];
    long[] made = TimeGaps.noTimes(known.length);
    boolean[] again = newest(sessions, newest);
    List<Piece> found = new ArrayList<>();
    SessionOrder ends = order == TrainingOrder.CHRONOLOGICAL ? new SessionOrder(sessions) : null;
    int size = 0;
    for (int s = 0; s < sessions.size(); s++) {
      int start = size;
      for (int click = sessions.start(s); click < sessions.end(s); click++) {
        if (sessions.item(click) != Vocabulary.UNKNOWN) {
          made[size] = sessions.hasTimes() ? sessions.time(click) : Sessions.NO_TIME;
          known[size++] = sessions.item(click);
        }
      }
      if (size - start < 2) {
        size = start;
        continue;
      }
      for (int last = size - 1; last > start; last -= cut.targets()) {
        int first = Math.max(start, last - cut.targets());
        int shown = Math.max(start, first - cut.context());
        Piece piece = new Piece(start, shown, first, last, ends == null ? null : ends.place(s));
        found.add(piece);
        if (again[s]) {
          found.add(piece);
        }
      }
    }
    this.rows = Arrays.copyOf(known, size);
    this.times = Arrays.copyOf(made, size);
    this.pieces = List.copyOf(found);
    this.order = order;
    this.targets = Math.toIntExact(found.stream().mapToLong(Piece::targets).sum());
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
    return targets;
  }

  /** The most clicks that a segment shows. */
  int longest() {
    return pieces.stream().mapToInt(Piece::length).max().orElse(0);
  }

  /**
   * The steps of an epoch: segment numbers, in the order of the sessions. What is drawn there, and
   * the order among {@value #POOL} steps, is drawn from a seed.
   *
   * @param stepTargets how many targets a step may have; a longer segment makes a step of its own
   */
  List<int[]> epoch(int stepTargets, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int[] segments =
        switch (order) {
          case RANDOM -> drawn(random);
          case CHRONOLOGICAL ->
            IntStream.range(0, pieces.size())
                .boxed()
                .sorted(Comparator.comparingInt(i -> place(i).rank()))
                .mapToInt(i -> i)
                .toArray();
        };
    return steps(segments, stepTargets, random);
  }

  private int[] drawn(SplittableRandom random) {
    int[] drawn = new int[pieces.size()];
    for (int i = 0; i < drawn.length; i++) {
      int j = random.nextInt(i + 1);
      drawn[i] = drawn[j];
      drawn[j] = i;
    }
    return drawn;
  }

  /** Steps of segments in this order, sorted by length within pools. */
  private List<int[]> steps(int[] order, int stepTargets, SplittableRandom random) {
    List<int[]> steps = new ArrayList<>();
    int from = 0;
    while (from < order.length) {
      int to = from;
      for (long targets = 0; to < order.length && targets < (long) POOL * stepTargets; to++) {
        targets += pieces.get(order[to]).targets();
      }
      List<int[]> pool = pool(Arrays.copyOfRange(order, from, to), stepTargets);
      Collections.shuffle(pool, random);
      steps.addAll(pool);
      from = to;
    }
    return steps;
  }

  private List<int[]> pool(int[] segments, int stepTargets) {
    // Sorted by length, ties as drawn: the key carries the place.
    long[] keys = new long[segments.length];
    for (int i = 0; i < keys.length; i++) {
      keys[i] = (long) pieces.get(segments[i]).length() << 32 | i;
    }
    Arrays.sort(keys);
    List<int[]> steps = new ArrayList<>();
    int[] step = new int[segments.length];
    int size = 0;
    int targets = 0;
    for (long key : keys) {
      int segment = segments[(int) key];
      int more = pieces.get(segment).targets();
      if (size > 0 && targets + more > stepTargets) {
        steps.add(Arrays.copyOf(step, size));
        size = 0;
        targets = 0;
      }
      step[size++] = segment;
      targets += more;
    }
    if (size > 0) {
      steps.add(Arrays.copyOf(step, size));
    }
    return steps;
  }

  /**
   * A step as a batch.
   *
   * @param batch the clicks, and the positions to encode
   * @param targets int (P): the true item's row at each position
   * @param size targets of its segments, by which the progress of an epoch is counted
   * @param places (B): of the sessions, in time; none where the order is random
   */
  record Step(SessionBatch batch, int[] targets, int size, SessionOrder.Place[] places) {
    /** The place of the session of a position. */
    SessionOrder.Place place(int position) {
      return places[batch.positions()[position] / batch.length()];
    }
  }

  private SessionOrder.Place place(int segment) {
    return Objects.requireNonNull(pieces.get(segment).place());
  }

  private SessionOrder.Place[] places(int[] segments) {
    return order == TrainingOrder.RANDOM
        ? new SessionOrder.Place[0]
        : Arrays.stream(segments).mapToObj(this::place).toArray(SessionOrder.Place[]::new);
  }

  /**
   * Lays out the segments of a step as an encoder is trained.
   *
   * @param seed of what is masked
   */
  Step step(EncoderConfig encoder, int[] segments, long seed) {
    return encoder instanceof TransformerConfig transformer
            && transformer.direction() == Direction.BIDIRECTIONAL
        ? cloze(segments, transformer.maskShare(), seed)
        : step(segments);
  }

  /** Lays out the segments of a step: at each click the next one is the target. */
  Step step(int[] segments) {
    int length = 0;
    int count = 0;
    for (int segment : segments) {
      length = Math.max(length, pieces.get(segment).length());
      count += pieces.get(segment).targets();
    }
    int[] firsts = new int[segments.length];
    int[] shown = new int[Math.multiplyExact(segments.length, length)];
    long[] made = TimeGaps.noTimes(shown.length);
    int[] positions = new int[count];
    int[] wanted = new int[count];
    int at = 0;
    for (int s = 0; s < segments.length; s++) {
      Piece piece = pieces.get(segments[s]);
      int row = s * length;
      firsts[s] = piece.shown - piece.start;
      System.arraycopy(rows, piece.shown, shown, row, piece.length());
      System.arraycopy(times, piece.shown, made, row, piece.length());
      for (int click = piece.first; click < piece.last; click++) {
        positions[at] = row + click - piece.shown;
        wanted[at++] = rows[click + 1];
      }
    }
    return new Step(
        new SessionBatch(segments.length, length, firsts, shown, made, positions),
        wanted,
        count,
        places(segments));
  }

  /**
   * Lays out the segments of a step with some clicks masked, which are the targets (Sun et al.
   * 2019, BERT4Rec, section 3.6). In one sequence of ten only the last click is masked, as in
   * serving; so it is where no click was drawn.
   *
   * @param share of the clicks that are masked
   * @param seed of what is drawn
   */
  Step cloze(int[] segments, double share, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int length = 0;
    int size = 0;
    for (int segment : segments) {
      length = Math.max(length, pieces.get(segment).targets() + 1);
      size += pieces.get(segment).targets();
    }
    int[] shown = new int[Math.multiplyExact(segments.length, length)];
    int[] positions = new int[size + segments.length];
    int[] wanted = new int[positions.length];
    int at = 0;
    for (int s = 0; s < segments.length; s++) {
      Piece piece = pieces.get(segments[s]);
      int last = piece.targets();
      System.arraycopy(rows, piece.first, shown, s * length, last + 1);
      int before = at;
      boolean lastAlone = random.nextDouble() < LAST_ALONE;
      for (int click = 0; click <= last; click++) {
        boolean drawn = random.nextDouble() < share && !lastAlone;
        if (drawn || (click == last && at == before)) {
          shown[s * length + click] = Vocabulary.UNKNOWN;
          positions[at] = s * length + click;
          wanted[at++] = rows[piece.first + click];
        }
      }
    }
    return new Step(
        new SessionBatch(segments.length, length, shown, Arrays.copyOf(positions, at)),
        Arrays.copyOf(wanted, at),
        size,
        places(segments));
  }
}
