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

/** Where a request says that item vectors come from. */
sealed interface VectorSource extends Writeable {

  /** The field that it names. */
  String field();

  /** How the request names it. */
  String parameter();

  /**
   * The vectors on a shard.
   *
   * @param model the version that the session was encoded by; null where this node does not hold it
   * @param dimension of the session's vector
   * @return empty where the version is needed and not held
   * @throws IllegalArgumentException when the field is not there or not fit
   */
  Optional<ItemSource> on(QueryShardContext shard, @Nullable HeldModel model, int dimension);

  /** Source of a request that names one or both of the fields. */
  static VectorSource of(@Nullable String itemField, @Nullable String vectorField) {
    if (itemField != null && vectorField == null) {
      return new ItemField(itemField);
    }
    if (itemField == null && vectorField != null) {
      return new VectorField(vectorField);
    }
    throw new IllegalArgumentException("name either [item_field], the field of the item's id, or"
        + " [vector_field], the field of its vector");
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
      throw new IllegalArgumentException("[" + source.parameter() + "] names [" + source.field()
          + "], but the index [" + shard.index().getName() + "] has no such field");
    }
    for (int dot = type.name().indexOf('.'); dot > 0; dot = type.name().indexOf('.', dot + 1)) {
      String path = type.name().substring(0, dot);
      ObjectMapper object = shard.getObjectMapper(path);
      if (object != null && object.nested().isNested()) {
        throw new IllegalArgumentException("[" + source.parameter() + "] names [" + source.field()
            + "], which lies within the [nested] object [" + path + "]: the server keeps its values"
            + " in documents of their own, not in those that are found; put the item's id into a"
            + " field of the document itself");
      }
    }
    return type;
  }

  /** The model's own vectors, joined by the item's id. */
  record ItemField(String field) implements VectorSource {
    @Override
    public String parameter() {
      return "item_field";
    }

    @Override
    public Optional<ItemSource> on(
        QueryShardContext shard, @Nullable HeldModel model, int dimension) {
      MappedFieldType type = mapped(shard, this);
      if (!type.hasDocValues() || !type.typeName().equals("keyword")) {
        throw new IllegalArgumentException("[item_field] names [" + field + "] of type ["
            + type.typeName() + "], but must name a [keyword] with doc values; for a text there"
            + " often is one in [" + field + ".keyword]");
      }
      return Optional.ofNullable(model).map(held -> held.joinedBy(type.name()));
    }
  }

  /** Vectors that lie in the index. */
  record VectorField(String field) implements VectorSource {
    @Override
    public String parameter() {
      return "vector_field";
    }

    @Override
    public Optional<ItemSource> on(
        QueryShardContext shard, @Nullable HeldModel model, int dimension) {
      MappedFieldType type = mapped(shard, this);
      if (!type.typeName().equals(ItemVectorMapper.TYPE)) {
        throw new IllegalArgumentException("[vector_field] names [" + field + "] of type ["
            + type.typeName() + "], but must name an [" + ItemVectorMapper.TYPE + "]");
      }
      for (LeafReaderContext leaf : shard.getIndexReader().leaves()) {
        FieldInfo info = leaf.reader().getFieldInfos().fieldInfo(field);
        if (info != null && info.getVectorDimension() != dimension) {
          throw new IllegalArgumentException("[vector_field] names [" + field + "] with "
              + info.getVectorDimension() + " dimensions, but the model's vectors have " + dimension
              + "; index the items' vectors of this model, or use [item_field]");
        }
      }
      return Optional.of(new ItemSource.Indexed(field, ItemVectorMapper.versionField(field)));
    }
  }
}
