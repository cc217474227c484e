package io.attune.lucene;

import io.attune.serving.ServingModel;
import io.attune.session.Vocabulary;
import java.io.IOException;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
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

/** A plain index of items, and queries of words over it. */
public final class ItemIndex {
  private static final float OTHER_FIELDS = 0.1f; // share of the fields that match less well

  private static final String MADE_BY = "items indexed by"; // a key of the commit's user data

  private ItemIndex() {}

  /**
   * An item to index.
   *
   * @param id as in the click log
   * @param texts by field, such as a title
   */
  public record Item(String id, Map<String, String> texts) {}

  /**
   * What an index was made of.
   *
   * @param items written
   * @param withVector of them, those that the model knows
   */
  public record Written(int items, int withVector) {}

  /** How words are made of texts, in documents and queries alike. */
  public static Analyzer analyzer() {
    return new StandardAnalyzer();
  }

  /**
   * Writes an index of items in the place of what the directory may hold, all or nothing.
   *
   * @throws IllegalArgumentException when an id occurs twice
   */
  public static Written write(Directory directory, Iterable<Item> items, ServingModel model)
      throws IOException {
    IndexWriterConfig config = new IndexWriterConfig(analyzer())
        .setOpenMode(IndexWriterConfig.OpenMode.CREATE)
        .setCommitOnClose(false);
    Set<String> ids = new HashSet<>();
    int known = 0;
    try (IndexWriter writer = new IndexWriter(directory, config)) {
      for (Item item : items) {
        if (!ids.add(item.id)) {
          throw new IllegalArgumentException("the item " + item.id + " occurs twice");
        }
        Document document = ItemDocuments.of(item.id, item.texts, model);
        known += model.vocabulary().row(item.id) == Vocabulary.UNKNOWN ? 0 : 1;
        writer.addDocument(document);
      }
      writer.setLiveCommitData(Map.of(MADE_BY, "attune").entrySet());
      writer.commit();
    }
    return new Written(ids.size(), known);
  }

  /**
   * The versions of the models that the vectors in an index are from, as {@link ItemDocuments}
   * writes them down; empty where it holds none.
   */
  public static Set<String> models(IndexReader reader) throws IOException {
    Set<String> versions = new TreeSet<>();
    for (LeafReaderContext leaf : reader.leaves()) {
      SortedDocValues models = leaf.reader().getSortedDocValues(ItemDocuments.MODEL);
      for (int i = 0; models != null && i < models.getValueCount(); i++) {
        versions.add(models.lookupOrd(i).utf8ToString());
      }
    }
    return versions;
  }

  /**
   * Whether a directory holds an index that {@link #write} made, and not somebody else's.
   *
   * @throws IOException when what is there cannot be read
   */
  public static boolean isIn(Directory directory) throws IOException {
    return DirectoryReader.indexExists(directory)
        && SegmentInfos.readLatestCommit(directory).getUserData().containsKey(MADE_BY);
  }

  /** The fields of an index that are searchable by words. */
  public static Collection<String> textFields(IndexReader reader) {
    Set<String> fields = new TreeSet<>();
    for (LeafReaderContext leaf : reader.leaves()) {
      for (FieldInfo info : leaf.reader().getFieldInfos()) {
        // Frequencies tell texts from ids.
        if (info.getIndexOptions().compareTo(IndexOptions.DOCS_AND_FREQS) >= 0) {
          fields.add(info.name);
        }
      }
    }
    return fields;
  }

  /**
   * A query for any of the words of a text, in the field that fits best.
   *
   * @param fields to search
   */
  public static Query words(Collection<String> fields, String text) {
    QueryBuilder builder = new QueryBuilder(analyzer());
    List<Query> queries = fields.stream()
        .map(field -> builder.createBooleanQuery(field, text))
        .filter(query -> query != null)
        .toList();
    return switch (queries.size()) {
      case 0 -> new MatchNoDocsQuery("no words in '" + text + "'");
      case 1 -> queries.getFirst();
      default -> new DisjunctionMaxQuery(queries, OTHER_FIELDS);
    };
  }
}
