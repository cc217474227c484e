package io.attune.benchmark;

import io.attune.lucene.Blend;
import io.attune.lucene.BlendLearner;
import io.attune.lucene.SessionRanking;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.apache.lucene.search.MatchAllDocsQuery;
import org.apache.lucene.search.Query;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What it costs to make one score of two for 1,000 hits, by a learned blend and by fixed ones, and
 * to rank the best 20 by it.
 *
 * <pre>
 * mvn -q -Pbenchmark -DskipTests verify -pl benchmark -am -Dbenchmark=BlendBenchmark
 * </pre>
 */
@SuppressWarnings("NullAway.Init") // JMH calls @Setup first
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class BlendBenchmark {
  private static final int HITS = 1_000;
  private static final int QUERIES = 64; // different scores, so that no branch is learned
  private static final int TOP = 20;

  private final float[][] first = new float[QUERIES][];
  private final float[][] session = new float[QUERIES][];
  private Blend learned;
  private final Blend zScore = new Blend.Weighted(0.5f, Blend.Normalization.Z_SCORE);
  private final Blend minMax = new Blend.Weighted(0.5f, Blend.Normalization.MIN_MAX);
  private final Blend ranks = new Blend.ReciprocalRankFusion(0.5f, 60);
  private int query;

  /** Draws scores, and learns a blend from them. */
  @Setup(Level.Trial)
  public void draw() {
    SplittableRandom random = new SplittableRandom(1);
    BlendLearner learner = new BlendLearner();
    Query words = MatchAllDocsQuery.INSTANCE;
    for (int q = 0; q < QUERIES; q++) {
      first[q] = new float[HITS];
      session[q] = new float[HITS];
      for (int i = 0; i < HITS; i++) {
        first[q][i] = 20 - 0.01f * i - 0.005f * (float) random.nextDouble();
        session[q][i] = (float) random.nextDouble(10);
      }
      learner.add(words, first[q], session[q], random.nextInt(HITS), true);
    }
    learned = learner.learn(0).withWords(2);
    float[] equal = new float[HITS];
    Arrays.fill(equal, 1);
    int[] order = SessionRanking.of(learned, first[0], equal).top(HITS).before();
    for (int i = 0; i < HITS; i++) {
      if (order[i] != i) {
        throw new IllegalStateException("equal session scores change the order");
      }
    }
  }

  private float[] scores(Blend blend) {
    query = (query + 1) % QUERIES;
    return blend.scores(first[query], session[query]);
  }

  /** A learned blend. */
  @Benchmark
  public float[] learned() {
    return scores(learned);
  }

  /** A fixed weight of scores in standard deviations. */
  @Benchmark
  public float[] zScore() {
    return scores(zScore);
  }

  /** A fixed weight of scores between 0 and 1. */
  @Benchmark
  public float[] minMax() {
    return scores(minMax);
  }

  /** Fused ranks. */
  @Benchmark
  public float[] reciprocalRankFusion() {
    return scores(ranks);
  }

  /** A learned blend, and the best 20 hits by it. */
  @Benchmark
  public int[] learnedTop() {
    query = (query + 1) % QUERIES;
    return SessionRanking.of(learned, first[query], session[query]).top(TOP).before();
  }
}
