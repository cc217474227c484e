package io.attune.benchmark;

import io.attune.lucene.Blend;
import io.attune.lucene.ItemDocuments;
import io.attune.lucene.ItemIndex;
import io.attune.lucene.ItemSource;
import io.attune.lucene.SessionRescorer;
import io.attune.serving.ServingModel;
import io.attune.serving.SessionVector;
import io.attune.vector.ItemVectors;
import io.attune.vector.Tensor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexReader;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.MatchAllDocsQuery;
import org.apache.lucene.search.TopDocs;
import org.apache.lucene.store.ByteBuffersDirectory;
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
 * What diversity adds to re-ranking 1,000 hits by vectors of 128 elements, with one thread: the
 * best 10 or 100 of them chosen to differ, beside the same without. Vectors lie around 50 centres,
 * as products of as many kinds do; sessions lean to some of them.
 *
 * <pre>
 * mvn -q -Pbenchmark -DskipTests verify -pl benchmark -am -Dbenchmark=DiversityBenchmark
 * </pre>
 */
@SuppressWarnings("NullAway.Init") // JMH calls @Setup first
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class DiversityBenchmark {
  private static final int HITS = 1_000;
  private static final int D = 128;
  private static final int CENTRES = 50;
  private static final int SESSIONS = 64;

  /** The degree; 0 is without. */
  @Param({"0", "0.1", "0.3"})
  public float diversity;

  /** How many hits are asked for. */
  @Param({"10", "100"})
  public int top;

  private IndexSearcher searcher;
  private ItemSource.Joined items;
  private TopDocs hits;
  private final List<SessionVector> sessions = new ArrayList<>();
  private int request;

  /** Draws items around centres, and sessions that lean to some of these. */
  @Setup(Level.Trial)
  public void draw() throws IOException {
    SplittableRandom random = new SplittableRandom(1);
    float[][] centres = new float[CENTRES][];
    for (int i = 0; i < CENTRES; i++) {
      centres[i] = vector(random, 1);
    }
    float[] table = new float[(HITS + 1) * D];
    for (int row = 1; row <= HITS; row++) {
      float[] centre = centres[random.nextInt(CENTRES)];
      float[] own = vector(random, 0.6);
      for (int k = 0; k < D; k++) {
        table[row * D + k] = centre[k] + own[k];
      }
    }
    ServingModel drawn = DrawnModels.narm(random, HITS, D);
    ServingModel model = new ServingModel(
        drawn.version(),
        drawn.vocabulary(),
        ItemVectors.of(new Tensor(new long[] {HITS + 1, D}, table)),
        drawn.encoder());
    for (int s = 0; s < SESSIONS; s++) {
      float[] query = vector(random, 0.5);
      for (int i = 0; i < 3; i++) {
        float[] centre = centres[random.nextInt(CENTRES)];
        for (int k = 0; k < D; k++) {
          query[k] += centre[k];
        }
      }
      sessions.add(new SessionVector(model.version(), query, new int[] {1}, new float[] {1}));
    }
    ByteBuffersDirectory directory = new ByteBuffersDirectory();
    List<ItemIndex.Item> indexed = new ArrayList<>();
    for (int row = 1; row <= HITS; row++) {
      indexed.add(new ItemIndex.Item(DrawnModels.id(row), Map.of()));
    }
    ItemIndex.write(directory, indexed);
    IndexReader reader = DirectoryReader.open(directory);
    searcher = new IndexSearcher(reader);
    items = new ItemSource.Joined(ItemDocuments.ID, model);
    items.warm(reader);
    hits = searcher.search(MatchAllDocsQuery.INSTANCE, HITS);
  }

  private static float[] vector(SplittableRandom random, double deviation) {
    float[] vector = new float[D];
    for (int k = 0; k < D; k++) {
      vector[k] = (float) (deviation * random.nextGaussian());
    }
    return vector;
  }

  /** Re-ranks by the next session. */
  @Benchmark
  public TopDocs rescore() throws IOException {
    SessionVector session = sessions.get(request++ % SESSIONS);
    return new SessionRescorer(
            items,
            session,
            SessionRescorer.Settings.defaults()
                .withBlend(new Blend.Replace())
                .withDiversity(diversity)
                .withOnFailure(SessionRescorer.OnFailure.THROW))
        .rescore(searcher, hits, top);
  }
}
