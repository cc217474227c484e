package io.attune.opensearch;

import io.attune.lucene.ItemSource;
import java.io.IOException;
import java.util.Optional;
import org.apache.lucene.index.FieldInfo;
import org.apache.lucene.index.LeafReaderContext;
import org.jspecify.annotations.Nullable;
import org.opensearch.core.common.io.stream.StreamInput;
import org.opensearch.core.common.io.stream.StreamOutput;
import org.opensearch.core.common.io.stream.Writeable;
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

  /** Returns the source for a request, which must name exactly one of the fields. */
  static VectorSource of(@Nullable String itemField, @Nullable String vectorField) {
    if (itemField != null && vectorField == null) {
      return new ItemField(itemField);
    }
    if (itemField == null && vectorField != null) {
      return new VectorField(vectorField);
    }
    throw new IllegalArgumentException("set either [item_field], the field with the item's id, or"
        + " [vector_field], the field with its vector");
  }

  static VectorSource read(StreamInput in) throws IOException {
    boolean joined = in.readBoolean();
    String field = in.readString();
    return joined ? new ItemField(field) : new VectorField(field);
  }

  @Override
  default void writeTo(StreamOutput out) throws IOException {
    out.writeBoolean(this instanceof ItemField);
    out.writeString(field());
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

  /** The model's own vectors, joined by item id. */
  record ItemField(String field) implements VectorSource {
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
      return Optional.ofNullable(model).map(loaded -> loaded.itemSource(type.name()));
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
  }
}
