package io.attune.benchmark;

import com.github.benmanes.caffeine.cache.Ticker;
import io.attune.lucene.Blend;
import io.attune.lucene.ItemDocuments;
import io.attune.lucene.ItemSource;
import io.attune.lucene.SessionRescorer;
import io.attune.serving.ServingModel;
import io.attune.serving.SessionStates;
import io.attune.serving.SessionVector;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.lucene.codecs.KnnVectorsFormat;
import org.apache.lucene.codecs.lucene104.Lucene104Codec;
import org.apache.lucene.codecs.lucene99.Lucene99HnswVectorsFormat;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.FloatVectorValues;
import org.apache.lucene.index.IndexReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.search.DocAndFloatFeatureBuffer;
import org.apache.lucene.search.DocIdSetIterator;
import org.apache.lucene.search.DoubleValues;
import org.apache.lucene.search.DoubleValuesSource;
import org.apache.lucene.search.DoubleValuesSourceRescorer;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.TopDocs;
import org.apache.lucene.search.TotalHits;
import org.apache.lucene.search.VectorScorer;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.MMapDirectory;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What it costs to re-rank 1,000 hits among 100,000 documents by vectors of 100 elements, with one
 * thread: beside the bare pass of Lucene's bulk scorer over the same hits, and Lucene's own
 * rescorer by the same vectors. A whole request also goes one click on in a session of NARM.
 *
 * <pre>
 * mvn -q -Pbenchmark -DskipTests verify -pl benchmark -am -Dbenchmark=RescoreBenchmark
 * </pre>
 */
@SuppressWarnings("NullAway.Init") // JMH calls @Setup first
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class RescoreBenchmark {
  private static final int DOCS = 100_000;
  private static final int HITS = 1_000;
  private static final int D = 100;
  private static final int REQUESTS = 64; // different hits, so that not all vectors stay in cache

  private Path folder;
  private Directory directory;
  private IndexReader reader;
  private IndexSearcher searcher;
  private SessionStates states;
  private SessionVector session;
  private ItemSource.Joined joined;
  private final TopDocs[] hits = new TopDocs[REQUESTS];
  private final int[][] sorted = new int[REQUESTS][];
  private int request;

  /** Draws items, indexes them, and draws hits. */
  @Setup(Level.Trial)
  public void draw() throws IOException {
    SplittableRandom random = new SplittableRandom(1);
    ServingModel model = DrawnModels.narm(random, DOCS, D);
    joined = new ItemSource.Joined(ItemDocuments.ID, model);
    states = SessionStates.builder(model, Ticker.systemTicker())
        .maximumBytes(1L << 30)
        .expireAfterClick(Duration.ofHours(1))
        .build();
    for (int s = 0; s < REQUESTS; s++) {
      for (int click = 0; click < 10; click++) {
        states.append("s" + s, DrawnModels.id(1 + random.nextInt(DOCS)));
      }
    }
    session = states.get("s0", List::of).vector();
    folder = Files.createTempDirectory("benchmark");
    directory = new MMapDirectory(folder);
    IndexWriterConfig config = new IndexWriterConfig().setCodec(new VectorsWithoutGraph());
    try (IndexWriter writer = new IndexWriter(directory, config)) {
      for (int i = 1; i <= DOCS; i++) {
        writer.addDocument(ItemDocuments.of(DrawnModels.id(i), Map.of(), model));
      }
      writer.forceMerge(1);
    }
    reader = DirectoryReader.open(directory);
    searcher = new IndexSearcher(reader);
    for (int r = 0; r < REQUESTS; r++) {
      int[] docs = random.ints(0, DOCS).distinct().limit(HITS).toArray();
      ScoreDoc[] found = new ScoreDoc[HITS];
      for (int i = 0; i < HITS; i++) {
        found[i] = new ScoreDoc(docs[i], 20 - i * 0.01f);
      }
      hits[r] = new TopDocs(new TotalHits(HITS, TotalHits.Relation.EQUAL_TO), found);
      sorted[r] = docs.clone();
      Arrays.sort(sorted[r]);
    }
  }

  /**
   * Vectors lie as they always do, but no graph is built, which takes minutes and is unused here.
   */
  private static final class VectorsWithoutGraph extends Lucene104Codec {
    private final KnnVectorsFormat vectors = new Lucene99HnswVectorsFormat(
        Lucene99HnswVectorsFormat.DEFAULT_MAX_CONN,
        Lucene99HnswVectorsFormat.DEFAULT_BEAM_WIDTH,
        Lucene99HnswVectorsFormat.DEFAULT_NUM_MERGE_WORKER,
        null,
        Integer.MAX_VALUE);

    @Override
    public KnnVectorsFormat getKnnVectorsFormatForField(String field) {
      return vectors;
    }
  }

  @TearDown(Level.Trial)
  public void free() throws IOException {
    reader.close();
    directory.close();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  private int next() {
    request = (request + 1) % REQUESTS;
    return request;
  }

  /** Lucene's bulk scorer over the sorted hits, and nothing else. */
  @Benchmark
  public float barePass() throws IOException {
    int[] docs = sorted[next()];
    FloatVectorValues values =
        reader.leaves().getFirst().reader().getFloatVectorValues(ItemDocuments.VECTOR);
    VectorScorer.Bulk bulk = values.rescorer(session.query()).bulk(new Docs(docs));
    DocAndFloatFeatureBuffer buffer = new DocAndFloatFeatureBuffer();
    float sum = 0;
    do {
      bulk.nextDocsAndScores(DocIdSetIterator.NO_MORE_DOCS, null, buffer);
      for (int i = 0; i < buffer.size; i++) {
        sum += buffer.features[i];
      }
    } while (buffer.size > 0);
    return sum;
  }

  @Benchmark
  public TopDocs indexedReplace() throws IOException {
    return rescore(ItemDocuments.source(), new Blend.Replace(), session, HITS);
  }

  /** The same, when a page of the hits is wanted: they need not be sorted behind it. */
  @Benchmark
  public TopDocs indexedTop20() throws IOException {
    return rescore(ItemDocuments.source(), new Blend.Replace(), session, 20);
  }

  @Benchmark
  public TopDocs joinedReplace() throws IOException {
    return rescore(joined, new Blend.Replace(), session, HITS);
  }

  @Benchmark
  public TopDocs indexedWeighted() throws IOException {
    return rescore(
        ItemDocuments.source(),
        new Blend.Weighted(0.5f, Blend.Normalization.MIN_MAX),
        session,
        HITS);
  }

  /** A new click on a cached state, then re-ranking. */
  @Benchmark
  public TopDocs wholeRequest() throws IOException {
    SessionVector now = states.append("s" + next(), DrawnModels.id(1 + request)).vector();
    return rescore(
        ItemDocuments.source(), new Blend.Weighted(0.5f, Blend.Normalization.MIN_MAX), now, HITS);
  }

  private TopDocs rescore(ItemSource source, Blend blend, SessionVector vector, int topN)
      throws IOException {
    SessionRescorer.Settings settings = SessionRescorer.Settings.defaults()
        .withBlend(blend)
        .withOnFailure(SessionRescorer.OnFailure.THROW);
    return new SessionRescorer(source, vector, settings).rescore(searcher, hits[next()], topN);
  }

  /** Lucene's own rescorer by values of documents; it changes the hits, so they are copied. */
  @Benchmark
  public TopDocs stockRescorer() throws IOException {
    TopDocs first = hits[next()];
    ScoreDoc[] copies = new ScoreDoc[HITS];
    for (int i = 0; i < HITS; i++) {
      copies[i] = new ScoreDoc(first.scoreDocs[i].doc, first.scoreDocs[i].score);
    }
    return new Stock(new Similarity(session.query()))
        .rescore(searcher, new TopDocs(first.totalHits, copies), HITS);
  }

  private static final class Stock extends DoubleValuesSourceRescorer {
    Stock(DoubleValuesSource source) {
      super(source);
    }

    @Override
    protected float combine(float firstPassScore, boolean valuePresent, double sourceValue) {
      return valuePresent ? (float) sourceValue : firstPassScore;
    }
  }

  private static final class Similarity extends DoubleValuesSource {
    private final float[] query;

    Similarity(float[] query) {
      this.query = query;
    }

    @Override
    public DoubleValues getValues(LeafReaderContext leaf, DoubleValues scores) throws IOException {
      return DoubleValuesSource.similarityToQueryVector(leaf, query, ItemDocuments.VECTOR);
    }

    @Override
    public boolean needsScores() {
      return false;
    }

    @Override
    public DoubleValuesSource rewrite(IndexSearcher searcher) {
      return this;
    }

    @Override
    public boolean isCacheable(LeafReaderContext leaf) {
      return false;
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(query);
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Similarity that && Arrays.equals(query, that.query);
    }

    @Override
    public String toString() {
      return "similarity";
    }
  }

  /** Some documents, as Lucene walks them. */
  private static final class Docs extends DocIdSetIterator {
    private final int[] docs;
    private int at = -1;

    Docs(int[] docs) {
      this.docs = docs;
    }

    @Override
    public int docID() {
      return at < 0 ? -1 : at < docs.length ? docs[at] : NO_MORE_DOCS;
    }

    @Override
    public int nextDoc() {
      at++;
      return docID();
    }

    @Override
    public int advance(int target) {
      do {
        at++;
      } while (at < docs.length && docs[at] < target);
      return docID();
    }

    @Override
    public long cost() {
      return docs.length;
    }
  }
}
