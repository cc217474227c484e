package io.attune.benchmark;

import io.attune.vector.ItemVectors;
import io.attune.vector.QuantizedVectors;
import io.attune.vector.Tensor;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The 20 best of many items, exactly, on one core: from the table, and by a quantized copy. Two
 * cores answer twice as many requests a second as one.
 *
 * <pre>
 * mvn -q -Pbenchmark -DskipTests verify -pl benchmark -am -Dbenchmark=TopBenchmark
 * </pre>
 *
 * <p>Ten million items are not among the defaults: {@code -Dbenchmark="TopBenchmark -p
 * items=10000000 -p dimension=32"}.
 */
@SuppressWarnings("NullAway.Init") // JMH calls @Setup first
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 3)
public class TopBenchmark {
  private static final int BEST = 20;

  @Param({"quantized", "heap"})
  private String scan;

  @Param("1000000")
  private int items;

  @Param({"32", "128"})
  private int dimension;

  private ItemVectors table;
  private @Nullable QuantizedVectors quantized;
  private final float[][] queries = new float[64][];
  private int query;

  /** Draws a table and checks the best of one query against all scores. */
  @Setup(Level.Trial)
  public void draw() {
    SplittableRandom random = new SplittableRandom(1);
    float[] values = floats(random, (items + 1) * dimension);
    table = ItemVectors.of(new Tensor(new long[] {items + 1, dimension}, values));
    quantized = scan.equals("quantized") ? QuantizedVectors.of(table) : null;
    for (int i = 0; i < queries.length; i++) {
      queries[i] = floats(random, dimension);
    }
    ItemVectors.Top top = top();
    float worst = top.scores()[BEST - 1];
    int better = 0;
    for (int row = 1; row <= items; row++) {
      better += table.dot(queries[query], row) >= worst ? 1 : 0;
    }
    if (better != BEST) {
      throw new IllegalStateException(better + " items are as good as the best " + BEST);
    }
  }

  private static float[] floats(SplittableRandom random, int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = random.nextFloat() - 0.5f;
    }
    return values;
  }

  @Benchmark
  public ItemVectors.Top top() {
    query = (query + 1) % queries.length;
    return quantized == null
        ? table.top(queries[query], BEST, row -> true)
        : quantized.top(queries[query], BEST, row -> true);
  }
}
