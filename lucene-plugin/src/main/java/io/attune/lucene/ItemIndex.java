package io.attune.lucene;

import io.attune.serving.ServingModel;
import java.io.IOException;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.standard.StandardAnalyzer;
import org.apache.lucene.document.Document;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.FieldInfo;
import org.apache.lucene.index.IndexOptions;
import org.apache.lucene.index.IndexReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.SegmentInfos;
import org.apache.lucene.index.SortedDocValues;
import org.apache.lucene.search.DisjunctionMaxQuery;
import org.apache.lucene.search.MatchNoDocsQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.store.Directory;
import org.apache.lucene.util.QueryBuilder;

/** Writes and queries plain Lucene indexes of items. */
public final class ItemIndex {
  private static final float TIE_BREAKER = 0.1f; // weight of fields other than the best match

  private static final String MADE_BY = "items indexed by"; // key in the commit's user data

  private ItemIndex() {}

  /**
   * An item to index.
   *
   * @param id the item's id, as in the click log
   * @param texts text by field name, such as a title
   */
  public record Item(String id, Map<String, String> texts) {}

  /**
   * What was written to an index.
   *
   * @param items number of items
   * @param withVector number of items that have a vector
   */
  public record WriteResult(int items, int withVector) {}

  /** The analyzer of text fields and queries. */
  public static Analyzer analyzer() {
    return new StandardAnalyzer();
  }

  /**
   * Writes an index of items atomically, replacing the content of the directory.
   *
   * @throws IllegalArgumentException if an id occurs twice
   */
  public static WriteResult write(Directory directory, Iterable<Item> items, ServingModel model)
      throws IOException {
    return write(directory, items, item -> ItemDocuments.of(item.id, item.texts, model));
  }

  /**
   * Writes an index of items without vectors, for {@link ItemSource.Joined} and any model.
   *
   * @throws IllegalArgumentException if an id occurs twice
   */
  public static WriteResult write(Directory directory, Iterable<Item> items) throws IOException {
    return write(directory, items, item -> ItemDocuments.of(item.id, item.texts));
  }

  private static WriteResult write(
      Directory directory, Iterable<Item> items, Function<Item, Document> documents)
      throws IOException {
    IndexWriterConfig config = new IndexWriterConfig(analyzer())
        .setOpenMode(IndexWriterConfig.OpenMode.CREATE)
        .setCommitOnClose(false);
    Set<String> ids = new HashSet<>();
    int known = 0;
    try (IndexWriter writer = new IndexWriter(directory, config)) {
      for (Item item : items) {
        if (!ids.add(item.id)) {
          throw new IllegalArgumentException("duplicate item id: " + item.id);
        }
        Document document = documents.apply(item);
        known += document.getField(ItemDocuments.VECTOR) == null ? 0 : 1;
        writer.addDocument(document);
      }
      writer.setLiveCommitData(Map.of(MADE_BY, "attune").entrySet());
      writer.commit();
    }
    return new WriteResult(ids.size(), known);
  }

  /**
   * Returns the versions of the models that the vectors in an index are from, as recorded by
   * {@link ItemDocuments}; empty if there are none.
   */
  public static Set<String> modelVersions(IndexReader reader) throws IOException {
    Set<String> versions = new TreeSet<>();
    for (LeafReaderContext leaf : reader.leaves()) {
      SortedDocValues values = leaf.reader().getSortedDocValues(ItemDocuments.MODEL);
      for (int i = 0; values != null && i < values.getValueCount(); i++) {
        versions.add(values.lookupOrd(i).utf8ToString());
      }
    }
    return versions;
  }

  /**
   * Whether a directory holds an index written by {@link #write}.
   *
   * @throws IOException if the directory cannot be read
   */
  public static boolean exists(Directory directory) throws IOException {
    return DirectoryReader.indexExists(directory)
        && SegmentInfos.readLatestCommit(directory).getUserData().containsKey(MADE_BY);
  }

  /** The full-text fields of an index. */
  public static Collection<String> textFields(IndexReader reader) {
    Set<String> fields = new TreeSet<>();
    for (LeafReaderContext leaf : reader.leaves()) {
      for (FieldInfo info : leaf.reader().getFieldInfos()) {
        // Unlike ids, texts are indexed with frequencies.
        if (info.getIndexOptions().compareTo(IndexOptions.DOCS_AND_FREQS) >= 0) {
          fields.add(info.name);
        }
      }
    }
    return fields;
  }

  /**
   * Creates a query for any of the words of a text, scored mainly by the best matching field.
   *
   * @param fields the fields to search
   */
  public static Query textQuery(Collection<String> fields, String text) {
    QueryBuilder builder = new QueryBuilder(analyzer());
    List<Query> queries = fields.stream()
        .map(field -> builder.createBooleanQuery(field, text))
        .filter(query -> query != null)
        .toList();
    return switch (queries.size()) {
      case 0 -> new MatchNoDocsQuery("no words in '" + text + "'");
      case 1 -> queries.getFirst();
      default -> new DisjunctionMaxQuery(queries, TIE_BREAKER);
    };
  }
}
