package io.attune.opensearch;

import io.attune.lucene.TextSource;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.StoredFields;
import org.jspecify.annotations.Nullable;
import org.opensearch.common.xcontent.LoggingDeprecationHandler;
import org.opensearch.common.xcontent.XContentHelper;
import org.opensearch.core.common.bytes.BytesReference;
import org.opensearch.core.xcontent.MediaTypeRegistry;
import org.opensearch.core.xcontent.NamedXContentRegistry;
import org.opensearch.core.xcontent.XContentParser;
import org.opensearch.core.xcontent.XContentParserUtils;
import org.opensearch.index.fieldvisitor.FieldsVisitor;
import org.opensearch.index.mapper.FlatObjectFieldMapper;
import org.opensearch.index.mapper.MappedFieldType;
import org.opensearch.index.query.QueryShardContext;

/**
 * The fields with what is written about items: of a document that is indexed, and of those that are
 * searched, whose texts stand in {@code _source}. Both give the same texts in the same order, so a
 * vector made of them is the same.
 *
 * <p>Strings and numbers are texts, all elements of a list, and those in lists of objects.
 *
 * @param names of the fields, in the order in which texts are joined; empty for none
 */
record TextFields(List<String> names) implements TextSource {
  static final String NAME = "text_fields";
  static final TextFields NONE = new TextFields(List.of());

  /** Checks the names. */
  TextFields {
    names = List.copyOf(names);
    if (names.stream().anyMatch(String::isBlank)) {
      throw new IllegalArgumentException("[" + NAME + "] has an empty name");
    }
    if (new HashSet<>(names).size() < names.size()) {
      throw new IllegalArgumentException("[" + NAME + "] has a name twice: " + names);
    }
  }

  boolean isEmpty() {
    return names.isEmpty();
  }

  /**
   * Checks that texts can be read from the documents of an index. A document without one of the
   * fields is fine, and so is an index that has at least one of them.
   *
   * @throws IllegalArgumentException with what to do
   */
  void require(QueryShardContext shard) {
    if (isEmpty()) {
      return;
    }
    String index = shard.index().getName();
    if (!shard.getMapperService().documentMapper().sourceMapper().enabled()) {
      throw new IllegalArgumentException("[" + NAME + "] are read from [_source], which the mapping"
          + " of the index [" + index + "] disables; omit them, or use a [vector_field]");
    }
    boolean found = false;
    for (String name : names) {
      MappedFieldType type = shard.fieldMapper(name);
      found |= type != null;
      Set<String> paths = type == null ? Set.of(name) : shard.sourcePath(type.name());
      if (!paths.contains(name) && !isKey(name, shard)) {
        throw new IllegalArgumentException("[" + NAME + "] has [" + name + "], which is not in"
            + " [_source] of the index [" + index + "], but made of " + new TreeSet<>(paths)
            + ": name that");
      }
    }
    if (!found) {
      throw new IllegalArgumentException(
          "[" + NAME + "] are " + names + ", but the index [" + index + "] has none of them");
    }
  }

  /** Whether a name is that of a key in a flat object, and not of a multi-field. */
  private static boolean isKey(String name, QueryShardContext shard) {
    int dot = name.lastIndexOf('.');
    MappedFieldType parent = dot < 0 ? null : shard.fieldMapper(name.substring(0, dot));
    return parent != null && parent.typeName().equals(FlatObjectFieldMapper.CONTENT_TYPE);
  }

  /**
   * The texts of a document.
   *
   * @param reader passes the values of a field, by its name
   */
  List<String> texts(BiConsumer<String, Consumer<@Nullable Object>> reader) {
    List<String> texts = new ArrayList<>();
    for (String name : names) {
      reader.accept(name, value -> {
        if (value instanceof String || value instanceof Number) {
          texts.add(value.toString());
        }
      });
    }
    return texts;
  }

  @Override
  public DocTexts of(LeafReaderContext leaf) throws IOException {
    StoredFields stored = leaf.reader().storedFields();
    return doc -> {
      FieldsVisitor visitor = new FieldsVisitor(true);
      stored.document(doc, visitor);
      BytesReference bytes = visitor.source();
      if (bytes == null) {
        return List.of();
      }
      Map<String, Object> source = parsed(bytes);
      return texts((name, values) -> SourcePath.forEach(source, name, values));
    };
  }

  /** The part of a source that texts are in: others may be large, such as vectors. */
  @SuppressWarnings("deprecation") // a source does not say its format; the server detects it too
  private Map<String, Object> parsed(BytesReference source) throws IOException {
    try (XContentParser parser = XContentHelper.createParser(
        NamedXContentRegistry.EMPTY,
        LoggingDeprecationHandler.INSTANCE,
        source,
        MediaTypeRegistry.xContentType(source))) {
      Map<String, Object> values = new HashMap<>();
      parser.nextToken();
      while (parser.nextToken() == XContentParser.Token.FIELD_NAME) {
        String key = parser.currentName();
        parser.nextToken();
        if (names.stream().anyMatch(name -> name.equals(key) || name.startsWith(key + "."))) {
          values.put(key, XContentParserUtils.parseFieldsValue(parser));
        } else {
          parser.skipChildren();
        }
      }
      return values;
    }
  }
}
