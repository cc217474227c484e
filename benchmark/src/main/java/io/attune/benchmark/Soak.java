package io.attune.benchmark;

import com.github.benmanes.caffeine.cache.Ticker;
import io.attune.lucene.Blend;
import io.attune.lucene.ItemDocuments;
import io.attune.lucene.ItemSource;
import io.attune.lucene.SessionRescorer;
import io.attune.serving.ServingModel;
import io.attune.serving.SessionStates;
import io.attune.serving.SessionVector;
import java.io.Closeable;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.TopDocs;
import org.apache.lucene.search.TotalHits;
import org.apache.lucene.store.ByteBuffersDirectory;
import org.apache.lucene.store.Directory;

/**
 * A million requests, each a click of a visitor and the re-ranking of hits. Fifty times it prints
 * the memory that is used, the heap after a collection and what is resident in all, and how many of
 * the models that it has replaced are still there; then the next model comes into use, with an
 * index of its vectors. Memory should be flat once the session states have filled their bound, and
 * of replaced models there should be none.
 *
 * <pre>
 * mvn -q -Pbenchmark -DskipTests verify -pl benchmark -am \
 *     -Dbenchmark.main=io.attune.benchmark.Soak -Dbenchmark.flags=-Xmx512m -Dbenchmark=1000000
 * </pre>
 *
 * <p>The argument is the number of requests. Visitors are so many that states are evicted all the
 * time. The index is small and on the heap: what leaks would be ours. Resident memory is known on
 * Linux.
 */
public final class Soak {
  private static final int ITEMS = 20_000;
  private static final int D = 64;
  private static final int HITS = 200;
  private static final int TOP = 20;
  private static final int VISITORS = 200_000;
  private static final long STATES = 64L << 20; // bytes
  private static final int REPORTS = 50;

  private Soak() {}

  public static void main(String[] args) throws IOException {
    int requests = args.length > 0 ? Integer.parseInt(args[0]) : 1_000_000;
    SplittableRandom random = new SplittableRandom(1);
    List<WeakReference<ServingModel>> replaced = new ArrayList<>();
    SessionStates states = SessionStates.builder(model(random, 0), Ticker.systemTicker())
        .maximumBytes(STATES)
        .build();
    System.out.println(
        "requests   heap MiB   resident MiB   states   state MiB   evicted   models kept");
    for (int part = 0; part < REPORTS; part++) {
      try (Shop shop = Shop.of(states.model())) {
        run(shop, states, random, Math.max(1, requests / REPORTS));
      }
      report((part + 1) * Math.max(1, requests / REPORTS), states.statistics(), replaced);
      replaced.add(new WeakReference<>(states.model()));
      states.switchTo(model(random, part + 1));
    }
  }

  private static ServingModel model(SplittableRandom random, int version) {
    return DrawnModels.narm(random, ITEMS, D, "drawn " + version);
  }

  /** Items, searchable with the vectors of one model. */
  private record Shop(Directory directory, IndexReader reader, ItemSource[] sources)
      implements Closeable {

    static Shop of(ServingModel model) throws IOException {
      Directory directory = new ByteBuffersDirectory();
      try (IndexWriter writer = new IndexWriter(directory, new IndexWriterConfig())) {
        for (int i = 1; i <= ITEMS; i++) {
          writer.addDocument(ItemDocuments.of(DrawnModels.id(i), Map.of(), model));
        }
        writer.forceMerge(1);
      }
      return new Shop(directory, DirectoryReader.open(directory), new ItemSource[] {
        ItemDocuments.source(), new ItemSource.Joined(ItemDocuments.ID, model)
      });
    }

    @Override
    public void close() throws IOException {
      reader.close();
      directory.close();
    }
  }

  private static void run(Shop shop, SessionStates states, SplittableRandom random, int requests)
      throws IOException {
    IndexSearcher searcher = new IndexSearcher(shop.reader);
    Blend[] blends = {
      new Blend.Weighted(0.5f, Blend.Normalization.MIN_MAX),
      new Blend.Weighted(0.5f, Blend.Normalization.Z_SCORE),
      new Blend.ReciprocalRankFusion(0.5f, 60),
      new Blend.Replace()
    };
    for (int i = 1; i <= requests; i++) {
      String visitor = "v" + random.nextInt(VISITORS);
      SessionVector session =
          states.append(visitor, DrawnModels.id(1 + random.nextInt(ITEMS))).vector();
      SessionRescorer.Settings settings = SessionRescorer.Settings.defaults()
          .withBlend(blends[i % blends.length])
          .withOnFailure(SessionRescorer.OnFailure.THROW);
      TopDocs ranked = new SessionRescorer(shop.sources[i % shop.sources.length], session, settings)
          .rescore(searcher, hits(random), TOP);
      if (ranked.scoreDocs.length != TOP) {
        throw new IllegalStateException(
            "request " + i + " has " + ranked.scoreDocs.length + " hits, not " + TOP);
      }
    }
  }

  private static TopDocs hits(SplittableRandom random) {
    ScoreDoc[] hits = new ScoreDoc[HITS];
    int first = random.nextInt(ITEMS);
    for (int i = 0; i < HITS; i++) {
      hits[i] = new ScoreDoc((first + i * 97) % ITEMS, 20 - i * 0.01f);
    }
    return new TopDocs(new TotalHits(HITS, TotalHits.Relation.EQUAL_TO), hits);
  }

  private static void report(
      int requests, SessionStates.Statistics statistics, List<WeakReference<ServingModel>> replaced)
      throws IOException {
    ManagementFactory.getMemoryMXBean().gc();
    System.out.printf(
        Locale.ROOT,
        "%8d   %8.1f   %12s   %6d   %9.1f   %7d   %11d%n",
        requests,
        mebibytes(ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed()),
        resident(),
        statistics.sessions(),
        mebibytes(statistics.bytes()),
        statistics.evictions(),
        replaced.stream().filter(model -> model.get() != null).count());
  }

  private static double mebibytes(long bytes) {
    return bytes / (double) (1 << 20);
  }

  private static String resident() throws IOException {
    Path status = Path.of("/proc/self/status");
    if (!Files.exists(status)) {
      return "unknown";
    }
    return Files.readAllLines(status).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .map(line -> line.replaceAll("\\D", ""))
        .map(kib -> String.format(Locale.ROOT, "%.1f", Long.parseLong(kib) / 1024.0))
        .findFirst()
        .orElse("unknown");
  }
}
