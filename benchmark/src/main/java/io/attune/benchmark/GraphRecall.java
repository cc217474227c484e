package io.attune.benchmark;

import io.attune.lucene.ItemDocuments;
import io.attune.lucene.SessionSearch;
import io.attune.serving.ServingModel;
import io.attune.serving.SessionVector;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.KnnFloatVectorQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.MMapDirectory;

/**
 * How many of the best items of a session Lucene's graph finds, by how many times the wanted number
 * it is asked for, and how long that takes beside comparing all: what {@link SessionSearch} chooses
 * by. Sessions are walks through a trained model's items, each click one of the best after the
 * clicks before it.
 *
 * <pre>
 * mvn -q -Pbenchmark -DskipTests verify -pl benchmark -am \
 *     -Dbenchmark.main=io.attune.benchmark.GraphRecall -Dbenchmark=MODEL
 * </pre>
 *
 * <p>The argument is the directory of a model.
 */
public final class GraphRecall {
  private static final int SESSIONS = 300;
  private static final double BUFFER = 1024; // megabytes: one segment, whose graph is built once
  private static final int[] WANTED = {20, 100};
  private static final int[] OVERFETCH = {1, 2, 4, 8};

  private GraphRecall() {}

  public static void main(String[] args) throws IOException {
    ServingModel model = ServingModel.open(Path.of(args[0]));
    List<SessionVector> sessions = sessions(model);
    Path folder = Files.createTempDirectory("recall");
    try (Directory directory = new MMapDirectory(folder)) {
      index(model, directory);
      try (IndexReader reader = DirectoryReader.open(directory)) {
        IndexSearcher searcher = new IndexSearcher(reader);
        System.out.printf(
            Locale.ROOT,
            "%d items of %d, %d segments, %d sessions%n",
            model.items().size(),
            model.items().dimension(),
            reader.leaves().size(),
            SESSIONS);
        System.out.println("wanted  asked   recall   worst   ms graph   ms all");
        for (int wanted : WANTED) {
          for (int times : OVERFETCH) {
            compare(searcher, sessions, wanted, times);
          }
        }
      }
    } finally {
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  /** Walks of one to ten clicks. */
  private static List<SessionVector> sessions(ServingModel model) {
    SplittableRandom random = new SplittableRandom(1);
    List<SessionVector> sessions = new ArrayList<>();
    for (int s = 0; s < SESSIONS; s++) {
      List<String> clicks = new ArrayList<>();
      int row = 1 + random.nextInt(model.items().size());
      int length = 1 + random.nextInt(10);
      while (true) {
        clicks.add(model.vocabulary().id(row));
        SessionVector vector = model.vector(clicks);
        if (clicks.size() == length) {
          sessions.add(vector);
          break;
        }
        int[] best = model.items().top(vector.query(), 20, any -> true).rows();
        row = best[random.nextInt(best.length)];
      }
    }
    return sessions;
  }

  private static void index(ServingModel model, Directory directory) throws IOException {
    IndexWriterConfig config = new IndexWriterConfig().setRAMBufferSizeMB(BUFFER);
    try (IndexWriter writer = new IndexWriter(directory, config)) {
      for (int row = 1; row <= model.items().size(); row++) {
        writer.addDocument(ItemDocuments.of(model.vocabulary().id(row), Map.of(), model));
      }
      writer.forceMerge(1);
    }
  }

  private static void compare(
      IndexSearcher searcher, List<SessionVector> sessions, int wanted, int times)
      throws IOException {
    double sum = 0;
    double worst = 1;
    long graphNanos = 0;
    long allNanos = 0;
    for (SessionVector session : sessions) {
      Query all = SessionSearch.exact(ItemDocuments.source(), session, null);
      Query graph = new KnnFloatVectorQuery(ItemDocuments.VECTOR, session.query(), wanted * times);
      long start = System.nanoTime();
      Set<Integer> found = docs(searcher, graph, wanted);
      long between = System.nanoTime();
      Set<Integer> best = docs(searcher, all, wanted);
      allNanos += System.nanoTime() - between;
      graphNanos += between - start;
      double recall = best.stream().filter(found::contains).count() / (double) best.size();
      sum += recall;
      worst = Math.min(worst, recall);
    }
    int count = sessions.size();
    System.out.printf(
        Locale.ROOT,
        "%6d  %5d   %.4f   %.3f   %8.2f   %6.2f%n",
        wanted,
        wanted * times,
        sum / count,
        worst,
        graphNanos / 1e6 / count,
        allNanos / 1e6 / count);
  }

  private static Set<Integer> docs(IndexSearcher searcher, Query query, int count)
      throws IOException {
    ScoreDoc[] hits = searcher.search(query, count).scoreDocs;
    return Arrays.stream(hits).map(hit -> hit.doc).collect(Collectors.toSet());
  }
}
