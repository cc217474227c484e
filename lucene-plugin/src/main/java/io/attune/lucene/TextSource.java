package io.attune.lucene;

import java.io.IOException;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.apache.lucene.document.Document;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.StoredFields;

/**
 * Reads what is written about the items of documents, of which those that a model does not know get
 * vectors. Thread-safe, and holds no reader.
 */
@FunctionalInterface
public interface TextSource {
  /** The texts of a segment's documents, in any order. Not thread-safe. */
  @FunctionalInterface
  interface DocTexts {
    /**
     * The texts of a document, in the order in which they are joined.
     *
     * @param doc a document of the segment
     * @return empty if there are none
     * @throws IOException if they cannot be read; the next search tries again
     */
    List<String> texts(int doc) throws IOException;
  }

  /**
   * The texts of a segment's documents.
   *
   * @throws IOException if the segment cannot be read
   */
  DocTexts of(LeafReaderContext leaf) throws IOException;

  /**
   * Texts in stored fields.
   *
   * @param fields their names, in the order in which texts are joined
   */
  static TextSource stored(Collection<String> fields) {
    Set<String> names = new LinkedHashSet<>(fields);
    return leaf -> {
      StoredFields stored = leaf.reader().storedFields();
      return doc -> {
        Document document = stored.document(doc, names);
        return names.stream()
            .flatMap(name -> Arrays.stream(document.getValues(name)))
            .toList();
      };
    };
  }
}
