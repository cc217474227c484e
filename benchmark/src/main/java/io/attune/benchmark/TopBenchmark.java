package io.attune.benchmark;

import io.attune.vector.ColumnarVectors;
import io.attune.vector.ItemVectors;
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
 * The 20 best of a million items of 32 elements, exactly, on one core: from the table, and from a
 * copy in columns. Two cores answer twice as many requests a second as one.
 *
 * <pre>
 * mvn -q -Pbenchmark -DskipTests verify -pl benchmark -am -Dbenchmark=TopBenchmark
 * </pre>
 */
@SuppressWarnings("NullAway.Init") // JMH calls @Setup first
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 3)
public class TopBenchmark {
  private static final int ITEMS = 1_000_000;
  private static final int DIMENSION = 32;
  private static final int BEST = 20;

  @Param({"columns", "heap"})
  private String table;

  private ItemVectors items;
  private @Nullable ColumnarVectors columns;
  private final float[][] queries = new float[64][];
  private int query;

  /** Draws a table and checks the best of one query against all scores. */
  @Setup(Level.Trial)
  public void draw() {
    SplittableRandom random = new SplittableRandom(1);
    float[] values = floats(random, (ITEMS + 1) * DIMENSION);
    items = ItemVectors.of(new Tensor(new long[] {ITEMS + 1, DIMENSION}, values));
    columns = table.equals("columns") ? ColumnarVectors.of(items) : null;
    for (int i = 0; i < queries.length; i++) {
      queries[i] = floats(random, DIMENSION);
    }
    ItemVectors.Top top = top();
    float worst = top.scores()[BEST - 1];
    int better = 0;
    for (int row = 1; row <= ITEMS; row++) {
      better += items.dot(queries[query], row) >= worst ? 1 : 0;
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
    return columns == null
        ? items.top(queries[query], BEST, row -> true)
        : columns.top(queries[query], BEST, row -> true);
  }
}
