package io.attune.opensearch;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.apache.lucene.document.KnnFloatVectorField;
import org.apache.lucene.index.VectorSimilarityFunction;
import org.apache.lucene.search.FieldExistsQuery;
import org.apache.lucene.search.Query;
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
 * The field type {@code attune_vector}: an item's vector, an array of {@code dimension} numbers,
 * compared by inner products.
 */
final class ItemVectorMapper extends ParametrizedFieldMapper {
  static final String TYPE = "attune_vector";

  private static final int MOST_DIMENSIONS = 1024; // Lucene's limit

  /** Parses {@code {"type": "attune_vector", "dimension": 100}}. */
  static final ParametrizedFieldMapper.TypeParser PARSER =
      new ParametrizedFieldMapper.TypeParser((name, context) -> new Builder(name));

  private final int dimension;

  private ItemVectorMapper(
      String name, MappedFieldType type, MultiFields fields, CopyTo copyTo, int dimension) {
    super(name, type, fields, copyTo);
    this.dimension = dimension;
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
    if (parser.currentToken() != XContentParser.Token.START_ARRAY) {
      throw new IllegalArgumentException(
          "[" + name() + "] must be an array of " + dimension + " numbers");
    }
    float[] vector = new float[dimension];
    int count = 0;
    while (parser.nextToken() != XContentParser.Token.END_ARRAY) {
      float value = parser.floatValue();
      if (!Float.isFinite(value)) {
        throw new IllegalArgumentException("[" + name() + "] holds " + value + " at " + count);
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
    if (context.doc().getByKey(fieldType().name()) != null) {
      throw new IllegalArgumentException("[" + name() + "] stands twice in one document");
    }
    context
        .doc()
        .addWithKey(
            fieldType().name(),
            new KnnFloatVectorField(
                fieldType().name(), vector, VectorSimilarityFunction.MAXIMUM_INNER_PRODUCT));
  }

  @Override
  protected String contentType() {
    return TYPE;
  }

  @Override
  public ParametrizedFieldMapper.Builder getMergeBuilder() {
    return new Builder(simpleName()).init(this);
  }

  /** What a mapping says. */
  private static final class Builder extends ParametrizedFieldMapper.Builder {
    private final Parameter<Integer> dimension = Parameter.intParam(
            "dimension", false, (FieldMapper mapper) -> ((ItemVectorMapper) mapper).dimension, 0)
        .setValidator(value -> {
          if (value < 1 || value > MOST_DIMENSIONS) {
            throw new IllegalArgumentException("[dimension] of an [" + TYPE
                + "] must be given, from 1 to " + MOST_DIMENSIONS + ", not " + value
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

  /** Searchable by sessions alone. */
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
          + "] is searched by the query [" + SessionQueryBuilder.NAME + "]");
    }
  }
}
