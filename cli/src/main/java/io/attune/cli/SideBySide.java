package io.attune.cli;

import io.attune.lucene.SessionRescorer;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.lucene.document.Document;
import org.apache.lucene.index.IndexableField;
import org.apache.lucene.search.Explanation;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.TopDocs;

/** Shows the hits of a query before and after a session is heard, and why. */
final class SideBySide {
  private static final int TITLE = 44;

  private final IndexSearcher searcher;
  private final String idField;

  SideBySide(IndexSearcher searcher, String idField) {
    this.searcher = searcher;
    this.idField = idField;
  }

  /**
   * Prints the first hits of both rankings.
   *
   * @param window how many hits are re-ranked
   * @param top how many are shown
   * @return the items that now stand first, by title
   */
  List<String> print(Query query, SessionRescorer rescorer, int window, int top, PrintWriter out)
      throws IOException {
    TopDocs first = searcher.search(query, Math.max(window, top));
    TopDocs ranked = rescorer.rescore(searcher, first, top);
    if (first.scoreDocs.length == 0) {
      out.println("No hits.");
      return List.of();
    }
    Map<Integer, Integer> places = new HashMap<>();
    for (int i = 0; i < first.scoreDocs.length; i++) {
      places.put(first.scoreDocs[i].doc, i + 1);
    }
    out.printf(
        Locale.ROOT,
        "    %-" + TITLE + "s    %-" + TITLE + "s  was%n",
        "by words",
        "by words and session");
    List<String> titles = new ArrayList<>();
    for (int i = 0; i < ranked.scoreDocs.length; i++) {
      ScoreDoc now = ranked.scoreDocs[i];
      titles.add(title(now));
      out.printf(
          Locale.ROOT,
          "%2d  %-" + TITLE + "s    %-" + TITLE + "s  %s%n",
          i + 1,
          title(first.scoreDocs[i]),
          title(now),
          places.getOrDefault(now.doc, 0));
    }
    ScoreDoc best = ranked.scoreDocs[0];
    Explanation words =
        Explanation.match(first.scoreDocs[places.getOrDefault(best.doc, 1) - 1].score, "words");
    out.printf("%nWhy %s:%n", title(best));
    out.print(rescorer.explain(searcher, words, best.doc).toString().indent(2));
    return titles;
  }

  /** The first text of a document, or its id. */
  private String title(ScoreDoc hit) throws IOException {
    Document document = searcher.storedFields().document(hit.doc);
    String title = document.getFields().stream()
        .filter(field -> !field.name().equals(idField))
        .map(IndexableField::stringValue)
        .filter(text -> text != null)
        .findFirst()
        .orElse(String.valueOf(document.get(idField)));
    return title.length() <= TITLE ? title : title.substring(0, TITLE - 1) + "…";
  }
}
