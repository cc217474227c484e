package io.attune.opensearch;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.apache.lucene.document.IntPoint;
import org.apache.lucene.document.KnnFloatVectorField;
import org.apache.lucene.document.NumericDocValuesField;
import org.apache.lucene.document.SortedDocValuesField;
import org.apache.lucene.index.VectorSimilarityFunction;
import org.apache.lucene.search.FieldExistsQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.util.BytesRef;
import org.opensearch.core.xcontent.XContentParser;
import org.opensearch.index.mapper.ArraySourceValueFetcher;
import org.opensearch.index.mapper.FieldMapper;
import org.opensearch.index.mapper.MappedFieldType;
import org.opensearch.index.mapper.ParametrizedFieldMapper;
import org.opensearch.index.mapper.ParseContext;
import org.opensearch.index.mapper.TextSearchInfo;
import org.opensearch.index.mapper.ValueFetcher;
import org.opensearch.index.query.QueryShardContext;
import org.opensearch.search.lookup.SearchLookup;

/**
 * The field type {@code attune_vector}: an item vector of {@code dimension} numbers, compared by
 * inner product. The ingest processor writes it with the version of its model and the item's row in
 * it, {@code {"version": "…", "row": 17, "values": […]}}, so that sessions of other versions are
 * refused, and those that clicked the item correct its score. The version of a plain array is
 * unknown and not checked; its row is unknown too, so sessions of a model with a correction of
 * clicked items are refused. A row of 0 is that of an item that the model does not know, whose
 * vector was made of its texts.
 */
final class ItemVectorMapper extends ParametrizedFieldMapper {
  static final String TYPE = "attune_vector";

  /** The key of the model version in a field's value. */
  static final String VERSION = "version";

  /** The key of the item's row in the model in a field's value. */
  static final String ROW = "row";

  /** The key of the vector's elements in a field's value. */
  static final String VALUES = "values";

  private static final int MAX_DIMENSIONS = 1024; // of Lucene

  /** Parses {@code {"type": "attune_vector", "dimension": 100}}. */
  static final ParametrizedFieldMapper.TypeParser PARSER =
      new ParametrizedFieldMapper.TypeParser((name, context) -> new Builder(name));

  private final int dimension;

  private ItemVectorMapper(
      String name, MappedFieldType type, MultiFields fields, CopyTo copyTo, int dimension) {
    super(name, type, fields, copyTo);
    this.dimension = dimension;
  }

  /** The doc values field with the version of the model that a vector is from. */
  static String versionField(String vectorField) {
    return vectorField + "#version";
  }

  /** The field with the row of the item in the model that a vector is from. */
  static String rowField(String vectorField) {
    return vectorField + "#row";
  }

  @Override
  public boolean parsesArrayValue() {
    return true;
  }

  @Override
  protected void parseCreateField(ParseContext context) throws IOException {
    XContentParser parser = context.parser();
    if (parser.currentToken() == XContentParser.Token.VALUE_NULL) {
      return;
    }
    String version = null;
    int row = -1;
    float[] vector = {};
    if (parser.currentToken() == XContentParser.Token.START_OBJECT) {
      while (parser.nextToken() != XContentParser.Token.END_OBJECT) {
        String key = parser.currentName();
        parser.nextToken();
        switch (key) {
          case VERSION -> version = parser.text();
          case ROW -> row = row(parser);
          case VALUES -> vector = vector(parser);
          default ->
            throw new IllegalArgumentException("[" + name() + "] has an unknown key [" + key
                + "]; its keys are [" + VERSION + "], [" + ROW + "] and [" + VALUES + "]");
        }
      }
      if (version == null || version.isEmpty() || vector.length == 0) {
        throw new IllegalArgumentException("[" + name() + "] must have [" + VERSION
            + "], the model's version, and [" + VALUES + "], an array of " + dimension
            + " numbers");
      }
    } else {
      vector = vector(parser);
    }
    String field = fieldType().name();
    if (context.doc().getByKey(field) != null) {
      throw new IllegalArgumentException("[" + name() + "] occurs twice in one document");
    }
    context
        .doc()
        .addWithKey(
            field,
            new KnnFloatVectorField(field, vector, VectorSimilarityFunction.MAXIMUM_INNER_PRODUCT));
    if (version != null) {
      context.doc().add(new SortedDocValuesField(versionField(field), new BytesRef(version)));
    }
    if (row >= 0) {
      context.doc().add(new IntPoint(rowField(field), row));
      context.doc().add(new NumericDocValuesField(rowField(field), row));
    }
  }

  private int row(XContentParser parser) throws IOException {
    int row = parser.intValue();
    if (row < 0) {
      throw new IllegalArgumentException("[" + name() + "] must have a [" + ROW
          + "] of 1 or more, the item's row in the model, or 0 for an item that it does not know, not "
          + row);
    }
    return row;
  }

  private float[] vector(XContentParser parser) throws IOException {
    if (parser.currentToken() != XContentParser.Token.START_ARRAY) {
      throw new IllegalArgumentException(
          "[" + name() + "] must be an array of " + dimension + " numbers");
    }
    float[] vector = new float[dimension];
    int count = 0;
    while (parser.nextToken() != XContentParser.Token.END_ARRAY) {
      float value = parser.floatValue();
      if (!Float.isFinite(value)) {
        throw new IllegalArgumentException(
            "[" + name() + "] must contain finite numbers, not " + value + " at index " + count);
      }
      if (count < dimension) {
        vector[count] = value;
      }
      count++;
    }
    if (count != dimension) {
      throw new IllegalArgumentException("[" + name() + "] has " + count
          + " numbers, but its mapping says [dimension] " + dimension);
    }
    return vector;
  }

  @Override
  protected String contentType() {
    return TYPE;
  }

  @Override
  public ParametrizedFieldMapper.Builder getMergeBuilder() {
    return new Builder(simpleName()).init(this);
  }

  /** The parameters of a mapping. */
  private static final class Builder extends ParametrizedFieldMapper.Builder {
    private final Parameter<Integer> dimension = Parameter.intParam(
            "dimension", false, (FieldMapper mapper) -> ((ItemVectorMapper) mapper).dimension, 0)
        .setValidator(value -> {
          if (value < 1 || value > MAX_DIMENSIONS) {
            throw new IllegalArgumentException("[dimension] of an [" + TYPE
                + "] field must be set, from 1 to " + MAX_DIMENSIONS + ", not " + value
                + "; GET _attune/models shows that of each model");
          }
        });
    private final Parameter<Map<String, String>> meta = Parameter.metaParam();

    Builder(String name) {
      super(name);
    }

    @Override
    protected List<Parameter<?>> getParameters() {
      return List.of(dimension, meta);
    }

    @Override
    public ParametrizedFieldMapper build(BuilderContext context) {
      return new ItemVectorMapper(
          name,
          new Type(buildFullName(context), meta.getValue()),
          multiFieldsBuilder.build(this, context),
          copyTo.build(),
          dimension.getValue());
    }
  }

  /** The field type, which only the session query can search. */
  private static final class Type extends MappedFieldType {
    Type(String name, Map<String, String> meta) {
      super(name, true, false, false, TextSearchInfo.NONE, meta);
    }

    @Override
    public String typeName() {
      return TYPE;
    }

    @Override
    public ValueFetcher valueFetcher(
        QueryShardContext context, SearchLookup lookup, String format) {
      return new ArraySourceValueFetcher(name(), context) {
        @Override
        protected Object parseSourceValue(Object value) {
          if (value instanceof Map<?, ?> versioned) {
            Object values = versioned.get(VALUES);
            return values == null ? List.of() : values;
          }
          return value;
        }
      };
    }

    @Override
    public Query existsQuery(QueryShardContext context) {
      return new FieldExistsQuery(name());
    }

    @Override
    public Query termQuery(Object value, QueryShardContext context) {
      throw new IllegalArgumentException("[" + name() + "] of type [" + TYPE
          + "] can only be searched by an [" + SessionQueryBuilder.NAME + "] query");
    }
  }
}
