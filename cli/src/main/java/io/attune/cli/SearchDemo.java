package io.attune.cli;

import io.attune.examples.shop.Product;
import io.attune.examples.shop.Shop;
import io.attune.lucene.ItemDocuments;
import io.attune.lucene.ItemIndex;
import io.attune.lucene.SessionRescorer;
import io.attune.serving.ServingModel;
import io.attune.serving.SessionVector;
import io.attune.session.Sessions;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexReader;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.TopDocs;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;

/** Prints the hits of one query in a simulated shop for two visitors with different sessions. */
final class SearchDemo {
  private static final int TOP = 5;
  private static final int WINDOW = 1000;
  private static final int VISITS = 200;
  private static final int MIN_CLICKS = 3;
  private static final int MAX_CLICKS = 6;

  private final Shop shop;
  private final ServingModel model;
  private final PrintWriter out;

  SearchDemo(Shop shop, ServingModel model, PrintWriter out) {
    this.shop = shop;
    this.model = model;
    this.out = out;
  }

  /**
   * Indexes the shop's products, searches them, and prints the hits.
   *
   * @param index the directory of the index
   * @param visits sessions to choose two from
   */
  void print(Path index, Sessions visits) throws IOException {
    try (Directory directory = FSDirectory.open(index)) {
      List<ItemIndex.Item> items = shop.products().stream()
          .map(product -> new ItemIndex.Item(product.itemId(), Map.of("title", product.title())))
          .toList();
      ItemIndex.write(directory, items, model);
      try (IndexReader reader = DirectoryReader.open(directory)) {
        print(reader, visits.recode(model.vocabulary()));
      }
    }
  }

  private void print(IndexReader reader, Sessions visits) throws IOException {
    IndexSearcher searcher = new IndexSearcher(reader);
    String word = word();
    Query query = ItemIndex.textQuery(ItemIndex.textFields(reader), word);
    TopDocs hits = searcher.search(query, WINDOW);
    int[] suitable = IntStream.range(0, visits.size())
        .filter(visit -> VisitDemo.isSuitable(visits.items(visit), MIN_CLICKS, MAX_CLICKS))
        .limit(VISITS)
        .toArray();
    if (suitable.length < 2) {
      return;
    }
    // The two visitors whose hits differ most.
    Set<Integer> first = topDocs(searcher, hits, visits, suitable[0]);
    int other = suitable[1];
    long minShared = TOP + 1L;
    for (int i = 1; i < suitable.length && minShared > 0; i++) {
      long shared = topDocs(searcher, hits, visits, suitable[i]).stream()
          .filter(first::contains)
          .count();
      if (shared < minShared) {
        minShared = shared;
        other = suitable[i];
      }
    }
    out.printf(
        "%nOne query in Lucene, '%s', for two of these visitors after their last clicks:%n", word);
    for (int visit : new int[] {suitable[0], other}) {
      out.printf("%nVisit %s, which clicked%n", visits.id(visit));
      Arrays.stream(visits.items(visit))
          .forEach(row -> out.println("    " + shop.title(model.vocabulary().id(row))));
      out.println();
      new HitComparison(searcher, ItemDocuments.ID)
          .print(query, rescorer(visits, visit), WINDOW, TOP, out);
    }
  }

  private Set<Integer> topDocs(IndexSearcher searcher, TopDocs hits, Sessions visits, int visit)
      throws IOException {
    Set<Integer> docs = new HashSet<>();
    for (ScoreDoc hit : rescorer(visits, visit).rescore(searcher, hits, TOP).scoreDocs) {
      docs.add(hit.doc);
    }
    return docs;
  }

  private SessionRescorer rescorer(Sessions visits, int visit) {
    SessionVector vector = model.vector(Arrays.stream(visits.items(visit))
        .mapToObj(row -> model.vocabulary().id(row))
        .toList());
    return new SessionRescorer(
        ItemDocuments.source(),
        vector,
        SessionRescorer.Settings.defaults().withWindow(WINDOW).withVocabulary(model.vocabulary()));
  }

  /** The most frequent word that occurs in at most a tenth of the titles. */
  private String word() {
    Map<String, Integer> counts = new TreeMap<>();
    for (Product product : shop.products()) {
      for (String word : new HashSet<>(
          List.of(product.title().toLowerCase(Locale.ROOT).split("[^\\p{L}]+", -1)))) {
        if (word.length() > 3) {
          counts.merge(word, 1, Integer::sum);
        }
      }
    }
    int limit = shop.products().size() / 10;
    return counts.entrySet().stream()
        .filter(entry -> entry.getValue() <= limit)
        .max(Map.Entry.comparingByValue())
        .orElseThrow()
        .getKey();
  }
}
