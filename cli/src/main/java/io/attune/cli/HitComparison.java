package io.attune.cli;

import io.attune.lucene.SessionRescorer;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.apache.lucene.document.Document;
import org.apache.lucene.index.IndexableField;
import org.apache.lucene.search.Explanation;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.TopDocs;

/** Prints the hits of a query before and after re-ranking by a session, side by side. */
final class HitComparison {
  private static final int TITLE_WIDTH = 44;

  private final IndexSearcher searcher;
  private final String idField;

  HitComparison(IndexSearcher searcher, String idField) {
    this.searcher = searcher;
    this.idField = idField;
  }

  /**
   * Prints the first hits of both rankings, and the explanation of the best hit.
   *
   * @param window number of hits to re-rank
   * @param top number of hits to print
   */
  void print(Query query, SessionRescorer rescorer, int window, int top, PrintWriter out)
      throws IOException {
    TopDocs hits = searcher.search(query, Math.max(window, top));
    TopDocs reranked = rescorer.rescore(searcher, hits, top);
    if (hits.scoreDocs.length == 0) {
      out.println("No hits.");
      return;
    }
    Map<Integer, Integer> ranks = new HashMap<>(); // by words, by document
    for (int i = 0; i < hits.scoreDocs.length; i++) {
      ranks.put(hits.scoreDocs[i].doc, i + 1);
    }
    out.printf(
        Locale.ROOT,
        "    %-" + TITLE_WIDTH + "s    %-" + TITLE_WIDTH + "s  was%n",
        "by words",
        "by words and session");
    for (int i = 0; i < reranked.scoreDocs.length; i++) {
      ScoreDoc hit = reranked.scoreDocs[i];
      out.printf(
          Locale.ROOT,
          "%2d  %-" + TITLE_WIDTH + "s    %-" + TITLE_WIDTH + "s  %s%n",
          i + 1,
          title(hits.scoreDocs[i]),
          title(hit),
          ranks.getOrDefault(hit.doc, 0));
    }
    ScoreDoc best = reranked.scoreDocs[0];
    Explanation words =
        Explanation.match(hits.scoreDocs[ranks.getOrDefault(best.doc, 1) - 1].score, "words");
    out.printf("%nWhy %s:%n", title(best));
    out.print(rescorer.explain(searcher, words, best.doc).toString().indent(2));
  }

  /** The first text field of a document, or its id. */
  private String title(ScoreDoc hit) throws IOException {
    Document document = searcher.storedFields().document(hit.doc);
    String title = document.getFields().stream()
        .filter(field -> !field.name().equals(idField))
        .map(IndexableField::stringValue)
        .filter(text -> text != null)
        .findFirst()
        .orElse(String.valueOf(document.get(idField)));
    return title.length() <= TITLE_WIDTH ? title : title.substring(0, TITLE_WIDTH - 1) + "…";
  }
}
