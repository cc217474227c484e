package io.attune.server;

import io.attune.lucene.ItemIndex;
import io.attune.model.TextVectors;
import io.attune.session.Vocabulary;
import java.io.IOException;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.apache.lucene.document.Document;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.DocValues;
import org.apache.lucene.index.FieldInfo;
import org.apache.lucene.index.IndexableField;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.ReaderUtil;
import org.apache.lucene.index.SortedSetDocValues;
import org.apache.lucene.index.StoredFields;
import org.apache.lucene.util.Bits;

/**
 * The items of an index as they were at one time: their texts, and which of them have a value in a
 * field. Thread-safe; valid while its reader is open.
 */
final class Catalogue {
  /** Longer texts are descriptions, by which nobody filters. */
  private static final int MAX_VALUE = 256;

  private final DirectoryReader reader;
  private final String idField;
  private final Collection<String> textFields;
  private final Map<String, Map<String, int[]>> docsByValue; // by field

  private Catalogue(
      DirectoryReader reader, String idField, Map<String, Map<String, int[]>> docsByValue) {
    this.reader = reader;
    this.idField = idField;
    this.textFields = ItemIndex.textFields(reader);
    this.docsByValue = docsByValue;
  }

  /**
   * Reads the stored texts of all documents once.
   *
   * @param idField the doc values field with the item's id
   * @throws IOException if the index cannot be read, or no document has that field
   */
  static Catalogue of(DirectoryReader reader, String idField) throws IOException {
    requireIds(reader, idField);
    Map<String, Map<String, IntStream.Builder>> growing = new HashMap<>();
    for (LeafReaderContext leaf : reader.leaves()) {
      StoredFields stored = leaf.reader().storedFields();
      Bits live = leaf.reader().getLiveDocs();
      for (int doc = 0; doc < leaf.reader().maxDoc(); doc++) {
        if (live == null || live.get(doc)) {
          int number = leaf.docBase + doc;
          fields(stored.document(doc), idField).forEach((field, value) -> {
            if (value.length() <= MAX_VALUE) {
              growing
                  .computeIfAbsent(field, key -> new HashMap<>())
                  .computeIfAbsent(value.strip(), key -> IntStream.builder())
                  .add(number);
            }
          });
        }
      }
    }
    Map<String, Map<String, int[]>> docsByValue = new HashMap<>();
    growing.forEach((field, values) -> {
      Map<String, int[]> docs = new HashMap<>();
      values.forEach((value, numbers) -> docs.put(value, numbers.build().toArray()));
      docsByValue.put(field, docs);
    });
    return new Catalogue(reader, idField, docsByValue);
  }

  private static void requireIds(DirectoryReader reader, String idField) throws IOException {
    Set<String> sorted = new TreeSet<>();
    for (LeafReaderContext leaf : reader.leaves()) {
      for (FieldInfo info : leaf.reader().getFieldInfos()) {
        switch (info.getDocValuesType()) {
          case SORTED, SORTED_SET -> sorted.add(info.name);
          case NONE, NUMERIC, BINARY, SORTED_NUMERIC -> {}
        }
      }
    }
    if (reader.maxDoc() > 0 && !sorted.contains(idField)) {
      throw new IOException(reader.directory() + ": no document has the sorted doc values field '"
          + idField + "' with the item's id; fields of this kind: "
          + (sorted.isEmpty() ? "none" : String.join(", ", sorted)));
    }
  }

  private static Map<String, String> fields(Document document, String idField) {
    Map<String, String> fields = new LinkedHashMap<>();
    for (IndexableField field : document.getFields()) {
      String text = field.stringValue();
      if (text != null && !field.name().equals(idField)) {
        fields.putIfAbsent(field.name(), text);
      }
    }
    return fields;
  }

  DirectoryReader reader() {
    return reader;
  }

  String idField() {
    return idField;
  }

  /** The full-text fields. */
  Collection<String> textFields() {
    return textFields;
  }

  /** The id of a document's item; empty if it has none. */
  String id(int doc) throws IOException {
    List<LeafReaderContext> leaves = reader.leaves();
    LeafReaderContext leaf = leaves.get(ReaderUtil.subIndex(doc, leaves));
    SortedSetDocValues ids = DocValues.getSortedSet(leaf.reader(), idField);
    return ids.advanceExact(doc - leaf.docBase) ? ids.lookupOrd(ids.nextOrd()).utf8ToString() : "";
  }

  /**
   * What is written about the items that a model does not have, by id, in the order of documents.
   */
  Map<String, String> textsWithout(Vocabulary known) throws IOException {
    Map<String, String> texts = new LinkedHashMap<>();
    for (LeafReaderContext leaf : reader.leaves()) {
      Bits live = leaf.reader().getLiveDocs();
      for (int doc = 0; doc < leaf.reader().maxDoc(); doc++) {
        String id = live == null || live.get(doc) ? id(leaf.docBase + doc) : "";
        if (!id.isEmpty() && known.row(id) == Vocabulary.UNKNOWN) {
          Map<String, String> fields = fields(leaf.docBase + doc);
          fields.keySet().retainAll(textFields);
          texts.put(id, TextVectors.joined(fields.values()));
        }
      }
    }
    return texts;
  }

  /** The stored texts of a document by field. */
  Map<String, String> fields(int doc) throws IOException {
    return fields(reader.storedFields().document(doc), idField);
  }

  /**
   * The documents that match a filter: for each field one of its values.
   *
   * @param filter values by field
   * @throws RequestFailure if no document has such a field
   */
  BitSet matching(Map<String, List<String>> filter) {
    BitSet matching = new BitSet();
    matching.set(0, reader.maxDoc());
    filter.forEach((field, values) -> {
      Map<String, int[]> docs = docsByValue.get(field);
      if (docs == null) {
        throw RequestFailure.invalid(
            "no item has the field " + Ids.shown(field),
            "query.filter",
            docsByValue.isEmpty()
                ? "no filter: the items have no fields"
                : "one of the fields " + String.join(", ", new TreeSet<>(docsByValue.keySet())));
      }
      BitSet any = new BitSet();
      for (String value : values) {
        Arrays.stream(docs.getOrDefault(value.strip(), new int[0])).forEach(any::set);
      }
      matching.and(any);
    });
    return matching;
  }
}
