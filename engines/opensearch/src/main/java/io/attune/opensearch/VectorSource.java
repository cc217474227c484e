package io.attune.opensearch;

import io.attune.lucene.ItemSource;
import io.attune.serving.ServingModel;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.apache.lucene.index.FieldInfo;
import org.apache.lucene.index.LeafReaderContext;
import org.jspecify.annotations.Nullable;
import org.opensearch.core.ParseField;
import org.opensearch.core.common.io.stream.StreamInput;
import org.opensearch.core.common.io.stream.StreamOutput;
import org.opensearch.core.common.io.stream.Writeable;
import org.opensearch.core.xcontent.ConstructingObjectParser;
import org.opensearch.core.xcontent.XContentBuilder;
import org.opensearch.index.mapper.MappedFieldType;
import org.opensearch.index.mapper.ObjectMapper;
import org.opensearch.index.query.QueryShardContext;

/** The source of item vectors that a request names. */
sealed interface VectorSource extends Writeable {

  /** The name of the field. */
  String field();

  /** The request parameter that names the field. */
  String parameter();

  /**
   * Returns the vectors on a shard.
   *
   * @param model the version that encoded the session; null if this node does not have it
   * @param dimension size of the session's vector
   * @return empty if the model version is needed but missing
   * @throws IllegalArgumentException if the field does not exist or is not suitable
   */
  Optional<ItemSource> itemSource(
      QueryShardContext shard, @Nullable LoadedModel model, int dimension);

  /**
   * Checks that a model can give the vectors.
   *
   * @throws IllegalArgumentException with what to do
   */
  default void require(ServingModel model) {}

  /** Writes the parameters into the enclosing object. */
  void toXContent(XContentBuilder builder) throws IOException;

  /**
   * Returns the source for a request, which must name exactly one of the fields.
   *
   * @param textFields goes with the first; null for none
   */
  static VectorSource of(
      @Nullable String itemField, @Nullable String vectorField, @Nullable List<String> textFields) {
    TextFields texts = textFields == null ? TextFields.NONE : new TextFields(textFields);
    if (itemField != null && vectorField == null) {
      return new ItemField(itemField, texts);
    }
    if (itemField == null && vectorField != null) {
      if (!texts.isEmpty()) {
        throw new IllegalArgumentException("[text_fields] goes with [item_field]; vectors in a"
            + " [vector_field] are made of words when documents are indexed, if the ingest"
            + " processor [" + ItemVectorProcessor.TYPE + "] has [text_fields]");
      }
      return new VectorField(vectorField);
    }
    throw new IllegalArgumentException("set either [item_field], the field with the item's id, or"
        + " [vector_field], the field with its vector");
  }

  /** Declares the three parameters of {@link #of}, in its order. */
  static <V, C> void declare(ConstructingObjectParser<V, C> parser) {
    parser.declareString(
        ConstructingObjectParser.optionalConstructorArg(), new ParseField("item_field"));
    parser.declareString(
        ConstructingObjectParser.optionalConstructorArg(), new ParseField("vector_field"));
    parser.declareStringArray(
        ConstructingObjectParser.optionalConstructorArg(), new ParseField(TextFields.NAME));
  }

  /**
   * What is sent to other nodes. A node whose plugin does not know one fails its shards of the
   * search, and does not take it for another.
   */
  enum WireForm {
    VECTOR_FIELD,
    ITEM_FIELD,
    ITEM_AND_TEXT_FIELDS
  }

  static VectorSource read(StreamInput in) throws IOException {
    return switch (in.readEnum(WireForm.class)) {
      case VECTOR_FIELD -> new VectorField(in.readString());
      case ITEM_FIELD -> new ItemField(in.readString(), TextFields.NONE);
      case ITEM_AND_TEXT_FIELDS ->
        new ItemField(in.readString(), new TextFields(in.readStringList()));
    };
  }

  private static MappedFieldType mapped(QueryShardContext shard, VectorSource source) {
    MappedFieldType type = shard.fieldMapper(source.field());
    if (type == null) {
      throw new IllegalArgumentException("[" + source.parameter() + "] is [" + source.field()
          + "], but the index [" + shard.index().getName() + "] has no such field");
    }
    for (int dot = type.name().indexOf('.'); dot > 0; dot = type.name().indexOf('.', dot + 1)) {
      String path = type.name().substring(0, dot);
      ObjectMapper object = shard.getObjectMapper(path);
      if (object != null && object.nested().isNested()) {
        throw new IllegalArgumentException("[" + source.parameter() + "] is [" + source.field()
            + "], inside the [nested] object [" + path + "]: OpenSearch stores nested values in"
            + " separate documents, not in those that are found; put the item's id in a field of"
            + " the document itself");
      }
    }
    return type;
  }

  /**
   * The model's own vectors, joined by item id.
   *
   * @param texts of which items that it does not know get vectors
   */
  record ItemField(String field, TextFields texts) implements VectorSource {
    @Override
    public String parameter() {
      return "item_field";
    }

    @Override
    public Optional<ItemSource> itemSource(
        QueryShardContext shard, @Nullable LoadedModel model, int dimension) {
      MappedFieldType type = mapped(shard, this);
      if (!type.hasDocValues() || !type.typeName().equals("keyword")) {
        throw new IllegalArgumentException("[item_field] is [" + field + "] of type ["
            + type.typeName() + "], but must be a [keyword] field with doc values; text fields"
            + " often have one, [" + field + ".keyword]");
      }
      texts.require(shard);
      if (model != null) {
        require(model.model());
      }
      return Optional.ofNullable(model).map(loaded -> loaded.itemSource(type.name(), texts));
    }

    @Override
    public void require(ServingModel model) {
      if (!texts.isEmpty() && model.texts() == null) {
        throw new IllegalArgumentException("[text_fields] needs a model that was trained with"
            + " texts, by [attune train --items]; this one was not, so omit them");
      }
    }

    @Override
    public void writeTo(StreamOutput out) throws IOException {
      out.writeEnum(texts.isEmpty() ? WireForm.ITEM_FIELD : WireForm.ITEM_AND_TEXT_FIELDS);
      out.writeString(field);
      if (!texts.isEmpty()) {
        out.writeStringCollection(texts.names());
      }
    }

    @Override
    public void toXContent(XContentBuilder builder) throws IOException {
      builder.field(parameter(), field);
      if (!texts.isEmpty()) {
        builder.field(TextFields.NAME, texts.names());
      }
    }
  }

  /** Vectors that are stored in the index. */
  record VectorField(String field) implements VectorSource {
    @Override
    public String parameter() {
      return "vector_field";
    }

    @Override
    public Optional<ItemSource> itemSource(
        QueryShardContext shard, @Nullable LoadedModel model, int dimension) {
      MappedFieldType type = mapped(shard, this);
      if (!type.typeName().equals(ItemVectorMapper.TYPE)) {
        throw new IllegalArgumentException("[vector_field] is [" + field + "] of type ["
            + type.typeName() + "], but must be of type [" + ItemVectorMapper.TYPE + "]");
      }
      for (LeafReaderContext leaf : shard.getIndexReader().leaves()) {
        FieldInfo info = leaf.reader().getFieldInfos().fieldInfo(field);
        if (info != null && info.getVectorDimension() != dimension) {
          throw new IllegalArgumentException("[vector_field] is [" + field + "] with "
              + info.getVectorDimension() + " dimensions, but the model's vectors have " + dimension
              + "; index the items with this model, or use [item_field]");
        }
      }
      return Optional.of(new ItemSource.Indexed(
          field, ItemVectorMapper.versionField(field), ItemVectorMapper.rowField(field)));
    }

    @Override
    public void writeTo(StreamOutput out) throws IOException {
      out.writeEnum(WireForm.VECTOR_FIELD);
      out.writeString(field);
    }

    @Override
    public void toXContent(XContentBuilder builder) throws IOException {
      builder.field(parameter(), field);
    }
  }
}
