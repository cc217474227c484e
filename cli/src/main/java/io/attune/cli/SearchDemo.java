package io.attune.cli;

import io.attune.evaluation.Figures;
import io.attune.examples.shop.Product;
import io.attune.examples.shop.Shop;
import io.attune.lucene.ItemDocuments;
import io.attune.lucene.ItemIndex;
import io.attune.lucene.ItemSource;
import io.attune.lucene.SessionRescorer;
import io.attune.lucene.SessionSearch;
import io.attune.serving.ServingModel;
import io.attune.serving.SessionVector;
import io.attune.session.Sessions;
import io.attune.session.Vocabulary;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.lucene.index.IndexReader;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.TopDocs;

/** Prints searches of visitors in a simulated shop, by words and by what they clicked. */
final class SearchDemo {
  private static final int TOP = 5;
  private static final int WINDOW = 1000;
  private static final int VISITS = 200;
  private static final int MIN_CLICKS = 3;
  private static final int MAX_CLICKS = 6;
  private static final int WORDS = 3;
  private static final int FOUND = 20;

  private final Shop shop;
  private final IndexReader reader;
  private final IndexSearcher searcher;
  private final ServingModel model;
  private final ItemSource source;
  private final PrintWriter out;

  /**
   * A demonstration.
   *
   * @param reader all products, with titles and vectors
   * @param model with a learned blend
   */
  SearchDemo(Shop shop, IndexReader reader, ServingModel model, PrintWriter out) {
    this.shop = shop;
    this.reader = reader;
    this.searcher = new IndexSearcher(reader);
    this.model = model;
    this.source = new ItemSource.Joined(ItemDocuments.ID, ItemIndex.textFields(reader), model);
    this.out = out;
  }

  /**
   * Prints the hits of one word for two visitors, and of three words for one of them.
   *
   * @param visits sessions to choose two from
   * @param judged what the learned blend is worth
   */
  void printSearches(Sessions visits, BlendStudy.Row judged) throws IOException {
    Sessions known = visits.recode(model.vocabulary());
    String word = word();
    Query query = words(word);
    TopDocs hits = searcher.search(query, WINDOW);
    int[] suitable = IntStream.range(0, known.size())
        .filter(visit -> VisitDemo.isSuitable(known.items(visit), MIN_CLICKS, MAX_CLICKS))
        .limit(VISITS)
        .toArray();
    if (suitable.length < 2) {
      return;
    }
    // The two visitors whose hits differ most.
    Set<Integer> first = topDocs(query, hits, known, suitable[0]);
    int other = suitable[1];
    long minShared = TOP + 1L;
    for (int i = 1; i < suitable.length && minShared > 0; i++) {
      long shared = topDocs(query, hits, known, suitable[i]).stream()
          .filter(first::contains)
          .count();
      if (shared < minShared) {
        minShared = shared;
        other = suitable[i];
      }
    }
    out.printf(
        "%nSearching with words of what was clicked next finds it at a mean reciprocal rank of %s by"
            + " words, %s by what was%nclicked before, and %s by both, joined by a blend that was"
            + " learned on earlier clicks of these visits.%n",
        Figures.percent(judged.byWords().value()),
        Figures.percent(judged.bySession().value()),
        Figures.percent(judged.learned().value()));
    out.printf(
        "%nOne query in Lucene, '%s', for two of these visitors after their last clicks:%n", word);
    String best = "";
    for (int visit : new int[] {suitable[0], other}) {
      out.printf("%nVisit %s, which clicked%n", known.id(visit));
      Arrays.stream(known.items(visit))
          .forEach(row -> out.println("    " + shop.title(model.vocabulary().id(row))));
      out.println();
      SessionRescorer rescorer = rescorer(query, known, visit);
      new HitComparison(searcher, ItemDocuments.ID).print(query, rescorer, WINDOW, TOP, out);
      best = title(rescorer.rescore(searcher, hits, 1).scoreDocs[0]);
    }
    String more = more(word, best);
    out.printf("%nThe same visit with more words, '%s':%n%n", more);
    new HitComparison(searcher, ItemDocuments.ID)
        .print(words(more), rescorer(words(more), known, other), WINDOW, TOP, out);
  }

  /**
   * Prints a product that came after training and that a visitor clicked: what the session
   * retrieves, and why.
   *
   * @param visits sessions, of which some clicked such products
   */
  void printArrivals(Sessions visits) throws IOException {
    int arrivals = 0;
    int found = 0;
    int best = -1;
    int bestPlace = Integer.MAX_VALUE;
    for (int visit = 0; visit < visits.size(); visit++) {
      String last = last(visits, visit);
      SessionVector session = before(visits, visit);
      if (model.vocabulary().row(last) != Vocabulary.UNKNOWN || session.clicks().length < 2) {
        continue;
      }
      arrivals++;
      ScoreDoc[] hits = retrieved(session, FOUND);
      for (int place = 0; place < hits.length; place++) {
        if (id(hits[place]).equals(last)) {
          found++;
          if (place < bestPlace) {
            bestPlace = place;
            best = visit;
          }
        }
      }
    }
    if (best < 0) {
      return;
    }
    out.printf(
        Locale.ROOT,
        "%nProducts that came after training have vectors from their titles alone. %s ended with a"
            + " click on one;%nfor %d of them it is among the first %d of all products that their"
            + " earlier clicks retrieve.%n%nVisit %s, which clicked%n",
        Figures.count(arrivals, "visit"),
        found,
        FOUND,
        visits.id(best));
    String last = last(visits, best);
    SessionVector session = before(visits, best);
    Arrays.stream(session.clicks())
        .forEach(row -> out.println("    " + shop.title(model.vocabulary().id(row))));
    out.println("  retrieves");
    ScoreDoc[] hits = retrieved(session, bestPlace + 1);
    for (int place = 0; place < hits.length; place++) {
      out.printf(
          Locale.ROOT,
          "   %2d. %s%s%n",
          place + 1,
          title(hits[place]),
          id(hits[place]).equals(last) ? " <- came after training, clicked next" : "");
    }
    out.printf("%nWhy %s:%n", shop.title(last));
    out.print(new SessionRescorer(
            source, session, SessionRescorer.Settings.defaults().withVocabulary(model.vocabulary()))
        .explainSession(searcher, hits[bestPlace].doc)
        .toString()
        .indent(2));
  }

  private ScoreDoc[] retrieved(SessionVector session, int count) throws IOException {
    Query query = SessionSearch.query(reader, ItemDocuments.source(), session, count, null);
    return searcher.search(query, count).scoreDocs;
  }

  private static String last(Sessions visits, int visit) {
    return visits.vocabulary().id(visits.items(visit)[visits.length(visit) - 1]);
  }

  /** The session without its last click. */
  private SessionVector before(Sessions visits, int visit) {
    return model.vector(Arrays.stream(visits.items(visit), 0, visits.length(visit) - 1)
        .mapToObj(visits.vocabulary()::id)
        .toList());
  }

  private Set<Integer> topDocs(Query query, TopDocs hits, Sessions visits, int visit)
      throws IOException {
    Set<Integer> docs = new HashSet<>();
    for (ScoreDoc hit : rescorer(query, visits, visit).rescore(searcher, hits, TOP).scoreDocs) {
      docs.add(hit.doc);
    }
    return docs;
  }

  private SessionRescorer rescorer(Query query, Sessions visits, int visit) {
    SessionVector vector = model.vector(Arrays.stream(visits.items(visit))
        .mapToObj(row -> model.vocabulary().id(row))
        .toList());
    return new SessionRescorer(
        source,
        vector,
        SessionRescorer.Settings.defaults()
            .withWindow(WINDOW)
            .withVocabulary(model.vocabulary())
            .withQuery(query));
  }

  private Query words(String text) {
    return ItemIndex.textQuery(ItemIndex.textFields(reader), text);
  }

  private String id(ScoreDoc hit) throws IOException {
    return String.valueOf(searcher.storedFields().document(hit.doc).get(ItemDocuments.ID));
  }

  private String title(ScoreDoc hit) throws IOException {
    return shop.title(id(hit));
  }

  /** A word and others of a title. */
  private static String more(String word, String title) {
    List<String> others = Arrays.stream(title.toLowerCase(Locale.ROOT).split("[^\\p{L}]+", -1))
        .filter(other -> other.length() > 3 && !other.equals(word))
        .limit(WORDS - 1)
        .toList();
    return word + " " + String.join(" ", others);
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
