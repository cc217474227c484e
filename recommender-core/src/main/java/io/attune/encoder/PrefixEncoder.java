package io.attune.encoder;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.SparseFormat;
import io.attune.model.Direction;
import io.attune.model.EncoderConfig;
import io.attune.model.NotFiniteException;
import io.attune.model.TimeGaps;
import io.attune.recommender.Prefix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.DoubleSummaryStatistics;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/**
 * Lays out prefixes in batches for a session encoder. All prefixes of one session are encoded in
 * one pass over it.
 *
 * <p>A row of a batch must not depend on the other rows, down to the last bit, lest a rank depend
 * on its neighbours. Matrix products of the engine keep the order of additions within a row as long
 * as the number of rows stays away from the small sizes that have kernels of their own, so every
 * batch is padded to a multiple of {@value #ROWS} sessions, clicks and positions. Sizes of an
 * encoder that are no multiple of 4 may still differ in the last bit.
 */
final class PrefixEncoder {
  static final int ROWS = 16;

  /** Elements of the largest temporary, (P, W, H): some 20 MB. */
  private static final long TEMPORARY = 5L << 20;

  private final String name;
  private final SessionEncoder encoder;
  private final Weights weights;
  private final NDManager manager;
  private final NDArray inputs; // float32 (V + 1, D)
  private final int dimension; // D
  private final DoubleSummaryStatistics depths = new DoubleSummaryStatistics();

  /**
   * Wraps weights that live elsewhere.
   *
   * @param name for errors
   * @param manager parent of what a batch needs
   * @param inputs float32 (V + 1, D): what clicks are embedded by
   */
  PrefixEncoder(
      String name, EncoderConfig config, Weights weights, NDManager manager, NDArray inputs) {
    this.name = name;
    this.encoder = SessionEncoder.of(config);
    this.weights = weights;
    this.manager = manager;
    this.inputs = inputs;
    this.dimension = config.dimension();
  }

  /** As {@link NeuralRecommender#queries}. */
  float[] queries(List<Prefix> prefixes) {
    // Whatever prefixes of a session come together, they get the same numbers.
    return queries(
        encodings(prefixes), prefixes.size(), (longest, next) -> true, length -> padded(length));
  }

  /** As {@link NeuralRecommender#separateQueries}. */
  float[] separateQueries(List<Prefix> prefixes) {
    List<Encoding> encodings = new ArrayList<>();
    for (int i = 0; i < prefixes.size(); i++) {
      Prefix prefix = prefixes.get(i);
      if (prefix.length() > 0) {
        int[] sessionRows = rows(prefix);
        encodings.add(new Encoding(
            sessionRows, times(prefix, sessionRows.length), List.of(new Wanted(i, place(prefix)))));
      }
    }
    return queries(
        encodings,
        prefixes.size(),
        (longest, next) -> roomFor(longest) == roomFor(next),
        PrefixEncoder::roomFor);
  }

  /** The length to which a session is padded: itself where sessions are many. */
  private static int roomFor(int length) {
    int step = length <= ROWS ? 1 : length <= 4 * ROWS ? 4 : ROWS;
    return Math.ceilDiv(length, step) * step;
  }

  private float[] queries(
      List<Encoding> encodings, int count, IntPair together, IntUnaryOperator length) {
    float[] queries = new float[count * dimension];
    // Sessions of like length side by side: less padding.
    encodings.sort(Comparator.comparingInt(Encoding::length));
    int from = 0;
    while (from < encodings.size()) {
      int to = from;
      long positions = 0;
      int longest;
      do {
        positions += encodings.get(to).wanted.size();
        longest = encodings.get(to).length();
        to++;
      } while (to < encodings.size()
          && together.test(longest, encodings.get(to).length())
          && fits(encodings.get(to), to - from + 1, positions));
      encode(encodings.subList(from, to), length.applyAsInt(longest), queries);
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
    int place = place(prefix);
    int[] rows = Arrays.copyOf(rows(prefix), place + 1);
    long[] times = times(prefix, rows.length);
    SessionBatch batch = new SessionBatch(1, rows.length, rows, times, new int[] {place});
    try (NDManager part = manager.newSubManager()) {
      float[] found = encode(part, batch).attention().get().toFloatArray();
      if (encoder.direction() == Direction.BOTH) {
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

  private List<Encoding> encodings(List<Prefix> prefixes) {
    // Prefixes of one session share its array, and so one entry.
    IdentityHashMap<int[], Encoding> bySession = new IdentityHashMap<>();
    List<Encoding> encodings = new ArrayList<>();
    for (int i = 0; i < prefixes.size(); i++) {
      Prefix prefix = prefixes.get(i);
      if (prefix.length() == 0) {
        continue;
      }
      Encoding encoding =
          encoder.direction() == Direction.BOTH ? null : bySession.get(prefix.clicks());
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
      case CAUSAL -> prefix.clicks();
      case BOTH -> {
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
      case BOTH -> TimeGaps.noTimes(length);
    };
  }

  /** Where in {@link #rows} the query vector of a prefix is to be read. */
  private int place(Prefix prefix) {
    return switch (encoder.direction()) {
      case CAUSAL -> prefix.length() - 1;
      case BOTH -> Math.min(prefix.length(), encoder.window() - 1);
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
