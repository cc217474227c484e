package io.attune.encoder;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.SparseFormat;
import io.attune.incremental.IncrementalEncoder;
import io.attune.incremental.PrefixReplay;
import io.attune.model.Direction;
import io.attune.model.EncoderConfig;
import io.attune.model.TimeGaps;
import io.attune.recommender.Prefix;
import io.attune.vector.ItemVectors;
import io.attune.vector.NotFiniteException;
import io.attune.vector.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.DoubleSummaryStatistics;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Lays out prefixes in batches for a session encoder. All prefixes of one session are encoded in
 * one pass over it.
 *
 * <p>A row of a batch must not depend on the other rows, not even in the last bit, or ranks would
 * depend on what else is in the batch. The engine's matrix products keep the order of additions
 * within a row, except for small numbers of rows, which have kernels of their own; so every batch
 * is padded to a multiple of {@value #ROWS} sessions, clicks and positions. Sizes of an encoder
 * that are no multiple of 4 may still differ in the last bit.
 *
 * <p>The memory of a batch grows with its longest session, for attention with the square of it. A
 * prefix longer than {@link #longest} is therefore never batched: it is encoded click by click, as
 * in serving.
 */
final class PrefixEncoder {
  static final int ROWS = 16;

  /** Elements of the largest temporary, (P, W, H): some 20 MB. */
  private static final long TEMPORARY = 5L << 20;

  /** Elements of the largest array that is made for the longest session of a batch: 64 MB. */
  private static final long MOST = 1L << 24;

  private final String name;
  private final EncoderConfig config;
  private final SessionEncoder encoder;
  private final Weights weights;
  private final NDManager manager;
  private final NDArray inputs; // float32 (V + 1, D)
  private final int dimension; // D
  private final int longest;
  private @Nullable PrefixReplay walk; // made when a prefix is longer
  private final DoubleSummaryStatistics depths = new DoubleSummaryStatistics();

  /**
   * An encoder over weights that belong to the caller.
   *
   * @param name for errors
   * @param manager parent of what a batch needs
   * @param inputs float32 (V + 1, D): the table that clicks are embedded with
   */
  PrefixEncoder(
      String name, EncoderConfig config, Weights weights, NDManager manager, NDArray inputs) {
    this.name = name;
    this.config = config;
    this.encoder = SessionEncoder.of(config);
    this.weights = weights;
    this.manager = manager;
    this.inputs = inputs;
    this.dimension = config.dimension();
    this.longest = encoder.direction() == Direction.BIDIRECTIONAL
        ? Integer.MAX_VALUE // it is shown a window of the session, never more
        : longest(encoder, dimension);
  }

  /**
   * The most clicks of a prefix that is encoded in a batch: as many as keep every array of a batch
   * of the fewest sessions below {@value #MOST} elements, and a window of {@value #ROWS} at least.
   */
  static int longest(SessionEncoder encoder, int dimension) {
    int clicks = ROWS;
    while (largest(encoder, dimension, clicks + ROWS) <= MOST) {
      clicks += ROWS;
    }
    return clicks;
  }

  /** How large an array becomes with a session of so many clicks, all of them asked for. */
  private static long largest(SessionEncoder encoder, int dimension, int clicks) {
    long windows = (long) clicks * Math.min(encoder.window(), clicks) * dimension;
    return Math.max(windows, Math.max(encoder.temporary(clicks), dimension * (long) clicks) * ROWS);
  }

  private synchronized PrefixReplay walk() {
    if (walk == null) {
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      weights.arrays().forEach((key, array) -> tensors.put(key, tensor(array)));
      walk = new PrefixReplay(
          IncrementalEncoder.of(config, tensors, ItemVectors.of(tensor(inputs))), dimension);
    }
    return walk;
  }

  private static Tensor tensor(NDArray array) {
    return new Tensor(array.getShape().getShape(), array.toFloatArray());
  }

  /** Writes the query vectors of the prefixes that are too long for a batch. */
  private void walk(List<Prefix> prefixes, float[] queries) {
    int[] slots = IntStream.range(0, prefixes.size())
        .filter(i -> prefixes.get(i).length() > longest)
        .toArray();
    if (slots.length > 0) {
      List<Prefix> walked = Arrays.stream(slots).mapToObj(prefixes::get).toList();
      walk()
          .encode(
              walked,
              (i, query, kept) ->
                  System.arraycopy(query, 0, queries, slots[i] * dimension, dimension));
    }
  }

  /** As {@link NeuralRecommender#queries}. */
  float[] queries(List<Prefix> prefixes) {
    // The result does not depend on which prefixes of a session are encoded together.
    return queries(encodings(prefixes), prefixes, (first, next) -> true, PrefixEncoder::padded);
  }

  /** As {@link NeuralRecommender#separateQueries}. */
  float[] separateQueries(List<Prefix> prefixes) {
    List<Encoding> encodings = new ArrayList<>();
    for (int i = 0; i < prefixes.size(); i++) {
      Prefix prefix = prefixes.get(i);
      if (isBatched(prefix)) {
        int[] sessionRows = rows(prefix);
        encodings.add(new Encoding(
            sessionRows, times(prefix, sessionRows.length), List.of(new Wanted(i, place(prefix)))));
      }
    }
    return queries(
        encodings,
        prefixes,
        (first, next) -> roomFor(first) == roomFor(next),
        PrefixEncoder::roomFor);
  }

  /** The length to which a session is padded: itself where sessions are many. */
  private static int roomFor(int length) {
    int step = length <= ROWS ? 1 : length <= 4 * ROWS ? 4 : ROWS;
    return Math.ceilDiv(length, step) * step;
  }

  private float[] queries(
      List<Encoding> encodings, List<Prefix> prefixes, IntPair together, IntUnaryOperator length) {
    float[] queries = new float[Math.multiplyExact(prefixes.size(), dimension)];
    walk(prefixes, queries);
    // Sessions of similar length together: less padding.
    encodings.sort(Comparator.comparingInt(Encoding::length));
    int from = 0;
    while (from < encodings.size()) {
      int to = from;
      long positions = 0;
      int last;
      do {
        positions += encodings.get(to).wanted.size();
        last = encodings.get(to).length();
        to++;
      } while (to < encodings.size()
          && together.test(last, encodings.get(to).length())
          && fits(encodings.get(to), to - from + 1, positions));
      encode(encodings.subList(from, to), length.applyAsInt(last), queries);
      from = to;
    }
    for (float element : queries) {
      if (!Float.isFinite(element)) {
        throw new NotFiniteException(
            "a query vector of " + name + " holds " + element + ": the weights are broken");
      }
    }
    return queries;
  }

  /** As {@link NeuralRecommender#attention}. */
  float[] attention(Prefix prefix) {
    float[] shares = new float[prefix.length()];
    if (shares.length == 0) {
      return shares;
    }
    if (!isBatched(prefix)) {
      walk().encode(List.of(prefix), (i, query, kept) -> {
        System.arraycopy(kept, 0, shares, shares.length - kept.length, kept.length);
      });
      return shares;
    }
    int place = place(prefix);
    int[] rows = Arrays.copyOf(rows(prefix), place + 1);
    long[] times = times(prefix, rows.length);
    SessionBatch batch = new SessionBatch(1, rows.length, rows, times, new int[] {place});
    try (NDManager part = manager.newSubManager()) {
      float[] found = encode(part, batch).attention().get().toFloatArray();
      if (encoder.direction() == Direction.BIDIRECTIONAL) {
        found = Arrays.copyOf(found, found.length - 1); // less the guessed place's on itself
      }
      double sum = 0;
      for (float weight : found) {
        sum += Math.abs(weight);
      }
      for (int i = 0; i < found.length; i++) {
        shares[shares.length - found.length + i] =
            sum == 0 ? 1f / found.length : (float) (Math.abs(found[i]) / sum);
      }
    }
    return shares;
  }

  /** As {@link NeuralRecommender#meanDepth}. */
  OptionalDouble meanDepth() {
    return depths.getCount() == 0 ? OptionalDouble.empty() : OptionalDouble.of(depths.getAverage());
  }

  /**
   * What is encoded in one pass over a session.
   *
   * @param rows item rows, oldest first, at least up to the last place wanted
   * @param times of as many clicks
   * @param wanted which places are
   */
  private record Encoding(int[] rows, long[] times, List<Wanted> wanted) {
    int length() {
      return wanted.stream().mapToInt(Wanted::place).max().orElseThrow() + 1;
    }
  }

  /** The query vector of a place in a session, which goes to a slot. */
  private record Wanted(int slot, int place) {}

  private boolean isBatched(Prefix prefix) {
    return prefix.length() > 0 && prefix.length() <= longest;
  }

  private List<Encoding> encodings(List<Prefix> prefixes) {
    // Prefixes of one session share its array, and so one entry.
    IdentityHashMap<int[], Encoding> bySession = new IdentityHashMap<>();
    List<Encoding> encodings = new ArrayList<>();
    for (int i = 0; i < prefixes.size(); i++) {
      Prefix prefix = prefixes.get(i);
      if (!isBatched(prefix)) {
        continue;
      }
      Encoding encoding =
          encoder.direction() == Direction.BIDIRECTIONAL ? null : bySession.get(prefix.clicks());
      if (encoding == null) {
        int[] rows = rows(prefix);
        encoding = new Encoding(rows, times(prefix, rows.length), new ArrayList<>());
        bySession.put(prefix.clicks(), encoding);
        encodings.add(encoding);
      }
      encoding.wanted.add(new Wanted(i, place(prefix)));
    }
    return encodings;
  }

  /** The session of a prefix; where clicks see later ones, the prefix and a place to be guessed. */
  private int[] rows(Prefix prefix) {
    return switch (encoder.direction()) {
      case CAUSAL -> prefix.clicks(); // of a long session more than is encoded
      case BIDIRECTIONAL -> {
        int seen = place(prefix);
        int[] rows = new int[seen + 1];
        System.arraycopy(prefix.clicks(), prefix.length() - seen, rows, 0, seen);
        yield rows;
      }
    };
  }

  /** The times of {@link #rows}; none where clicks see later ones, since none are looked at. */
  private long[] times(Prefix prefix, int length) {
    return switch (encoder.direction()) {
      case CAUSAL -> IntStream.range(0, length).mapToLong(prefix::time).toArray();
      case BIDIRECTIONAL -> TimeGaps.noTimes(length);
    };
  }

  /** Where in {@link #rows} the query vector of a prefix is to be read. */
  private int place(Prefix prefix) {
    return switch (encoder.direction()) {
      case CAUSAL -> prefix.length() - 1;
      case BIDIRECTIONAL -> Math.min(prefix.length(), encoder.window() - 1);
    };
  }

  private boolean fits(Encoding next, long sessions, long positions) {
    long width = Math.min(Positions.width(encoder.window()), next.length());
    return (positions + next.wanted.size()) * width * dimension <= TEMPORARY
        && sessions * encoder.temporary(next.length()) <= TEMPORARY;
  }

  /** Whether sessions of two lengths, in clicks, are encoded together. */
  private interface IntPair {
    boolean test(int longest, int next);
  }

  private void encode(List<Encoding> encodings, int length, float[] queries) {
    int sessions = padded(encodings.size());
    int[] rows = new int[sessions * length];
    long[] times = TimeGaps.noTimes(rows.length);
    List<Integer> order = new ArrayList<>();
    List<Integer> positions = new ArrayList<>();
    for (int s = 0; s < encodings.size(); s++) {
      Encoding encoding = encodings.get(s);
      System.arraycopy(encoding.rows, 0, rows, s * length, encoding.length());
      System.arraycopy(encoding.times, 0, times, s * length, encoding.length());
      for (Wanted wanted : encoding.wanted) {
        order.add(wanted.slot);
        positions.add(s * length + wanted.place);
      }
    }
    int[] packed = new int[padded(positions.size())];
    for (int p = 0; p < packed.length; p++) {
      packed[p] = positions.get(Math.min(p, positions.size() - 1));
    }
    SessionBatch batch = new SessionBatch(sessions, length, rows, times, packed);
    try (NDManager part = manager.newSubManager()) {
      SessionEncoder.Encoded made = encode(part, batch);
      if (made.halting() != null) {
        float[] depth = made.halting().depth().toFloatArray();
        synchronized (depths) {
          for (int p = 0; p < order.size(); p++) {
            depths.accept(depth[p]);
          }
        }
      }
      float[] encoded = made.queries().toFloatArray();
      for (int p = 0; p < order.size(); p++) {
        System.arraycopy(encoded, p * dimension, queries, order.get(p) * dimension, dimension);
      }
    }
  }

  private SessionEncoder.Encoded encode(NDManager part, SessionBatch batch) {
    NDArray rows = part.create(Arrays.stream(batch.rows()).asLongStream().toArray());
    NDArray clicks = // float32 (B, L, D)
        rows.getNDArrayInternal()
            .embedding(rows, inputs, SparseFormat.DENSE)
            .singletonOrThrow()
            .reshape(batch.sessions(), batch.length(), dimension);
    return encoder.encode(weights, clicks, Positions.of(part, batch, encoder.window()), false);
  }

  /** The number of rows that so many are padded to. */
  static int padded(int count) {
    return (count + ROWS - 1) / ROWS * ROWS;
  }
}
