package outside;

import io.attune.examples.SearchWithSession;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.SortedDocValuesField;
import org.apache.lucene.document.TextField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.search.TopDocs;
import org.apache.lucene.store.ByteBuffersDirectory;
import org.apache.lucene.store.Directory;
import org.apache.lucene.util.BytesRef;

/**
 * Searches the items of a quickstart by a word, before and after clicks on the first of them, by
 * the example that README cuts its lines from: .ci/run puts it beside this file.
 */
public final class Search {
  private static final String WORD = "black";
  private static final int CLICKS = 3;

  private Search() {}

  /**
   * Prints both rankings.
   *
   * @param args the folder of the quickstart
   * @throws IllegalStateException when the clicks change nothing
   */
  public static void main(String[] args) throws IOException {
    Path shop = Path.of(args[0]);
    List<String[]> items = Files.readAllLines(shop.resolve("items.tsv")).stream()
        .skip(1) // the header
        .map(line -> line.split("\t"))
        .toList();
    try (Directory directory = new ByteBuffersDirectory()) {
      index(items, directory);
      try (DirectoryReader reader = DirectoryReader.open(directory)) {
        IndexSearcher searcher = new IndexSearcher(reader);
        Query words = new TermQuery(new Term("title", WORD));
        TopDocs hits = searcher.search(words, 5);
        TopDocs ranked;
        try (SearchWithSession search =
            new SearchWithSession(searcher, "sku", shop.resolve("model"))) {
          for (String[] item : items.subList(0, CLICKS)) {
            search.click("visitor", item[0]);
          }
          ranked = search.search("visitor", words, 5);
        }
        List<String> before = titles(searcher, hits, 5);
        List<String> after = titles(searcher, ranked, 5);
        System.out.printf("by words:%n  %s%n", String.join("\n  ", before));
        System.out.printf("by words and session:%n  %s%n", String.join("\n  ", after));
        if (after.equals(before)) {
          throw new IllegalStateException("the clicks changed nothing");
        }
      }
    }
  }

  private static void index(List<String[]> items, Directory directory) throws IOException {
    try (IndexWriter writer = new IndexWriter(directory, new IndexWriterConfig())) {
      for (String[] item : items) {
        Document document = new Document();
        document.add(new SortedDocValuesField("sku", new BytesRef(item[0])));
        document.add(new TextField("title", item[1], Field.Store.YES));
        writer.addDocument(document);
      }
    }
  }

  private static List<String> titles(IndexSearcher searcher, TopDocs hits, int count)
      throws IOException {
    List<String> titles = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      ScoreDoc hit = hits.scoreDocs[i];
      titles.add(searcher.storedFields().document(hit.doc).get("title"));
    }
    return titles;
  }
}
