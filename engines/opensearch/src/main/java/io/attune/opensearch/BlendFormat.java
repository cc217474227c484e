package io.attune.opensearch;

import io.attune.lucene.Blend;
import java.io.IOException;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.opensearch.core.common.io.stream.StreamInput;
import org.opensearch.core.common.io.stream.StreamOutput;
import org.opensearch.core.xcontent.XContentBuilder;
import org.opensearch.core.xcontent.XContentParser;

/**
 * The request format of a {@link Blend}: {@code {"weighted": {"weight": 0.5, "normalization":
 * "min_max"}}}, {@code {"reciprocal_rank_fusion": {"weight": 0.5, "k": 60}}}, {@code {"replace":
 * {}}} or {@code {"learned": {"weights": {…}}}}. The values shown are the defaults. No blend stands
 * for that of the model.
 */
final class BlendFormat {
  private static final String WEIGHTED = "weighted";
  private static final String FUSION = "reciprocal_rank_fusion";
  private static final String REPLACE = "replace";
  private static final String LEARNED = "learned";
  private static final String OF_MODEL = "of_model"; // between nodes only

  private BlendFormat() {}

  /**
   * Parses a blend.
   *
   * @throws IllegalArgumentException if it is not a valid blend
   */
  static Blend parse(XContentParser parser) throws IOException {
    Map<String, Object> object = parser.map();
    if (object.size() != 1) {
      throw new IllegalArgumentException("[blend] must have exactly one field, [" + WEIGHTED
          + "], [" + FUSION + "], [" + REPLACE + "] or [" + LEARNED + "], not "
          + new TreeSet<>(object.keySet()));
    }
    String kind = object.keySet().iterator().next();
    Map<?, ?> fields = object.get(kind) instanceof Map<?, ?> map ? map : notAnObject(kind);
    return switch (kind) {
      case WEIGHTED -> {
        requireFields(kind, fields, Set.of("weight", "normalization"));
        yield new Blend.Weighted(weight(fields), normalization(fields));
      }
      case FUSION -> {
        requireFields(kind, fields, Set.of("weight", "k"));
        yield new Blend.ReciprocalRankFusion(weight(fields), k(fields));
      }
      case REPLACE -> {
        requireFields(kind, fields, Set.of());
        yield new Blend.Replace();
      }
      case LEARNED -> {
        requireFields(kind, fields, Set.of("weights"));
        yield new Blend.Learned(weights(fields), 0);
      }
      default ->
        throw new IllegalArgumentException("unknown [blend] [" + kind + "]; use [" + WEIGHTED
            + "], [" + FUSION + "], [" + REPLACE + "] or [" + LEARNED + "]");
    };
  }

  private static Map<String, Double> weights(Map<?, ?> fields) {
    if (!(fields.get("weights") instanceof Map<?, ?> named)) {
      throw new IllegalArgumentException("the [blend] [" + LEARNED + "] needs [weights], an object"
          + " with all weights of a blend.json; omit [blend] to use that of the model");
    }
    Map<String, Double> weights = new HashMap<>();
    for (Object name : named.keySet()) {
      weights.put(String.valueOf(name), number(named, String.valueOf(name), 0));
    }
    return weights;
  }

  private static Map<?, ?> notAnObject(String kind) {
    throw new IllegalArgumentException("[" + kind + "] of [blend] must be an object");
  }

  private static void requireFields(String kind, Map<?, ?> fields, Set<String> known) {
    for (Object field : fields.keySet()) {
      if (!(field instanceof String name && known.contains(name))) {
        throw new IllegalArgumentException("unknown field [" + field + "] of the [blend] [" + kind
            + "], which has "
            + (known.isEmpty() ? "no fields" : "the fields " + new TreeSet<>(known)));
      }
    }
  }

  private static float weight(Map<?, ?> fields) {
    double weight = number(fields, "weight", 0.5);
    if (!(weight >= 0 && weight <= 1)) { // checked before it is rounded to a float
      throw new IllegalArgumentException("[weight] must be from 0 to 1, not " + weight);
    }
    return (float) weight;
  }

  private static int k(Map<?, ?> fields) {
    double k = number(fields, "k", 60);
    if (!(k >= 0 && k <= Blend.ReciprocalRankFusion.MAX_K && k == Math.rint(k))) {
      throw new IllegalArgumentException("[k] must be a whole number from 0 to "
          + Blend.ReciprocalRankFusion.MAX_K + ", not " + fields.get("k"));
    }
    return (int) k;
  }

  private static double number(Map<?, ?> fields, String name, double defaultValue) {
    return switch (fields.get(name)) {
      case null -> defaultValue;
      case Number number -> number.doubleValue();
      case Object other ->
        throw new IllegalArgumentException("[" + name + "] must be a number, not [" + other + "]");
    };
  }

  private static Blend.Normalization normalization(Map<?, ?> fields) {
    Object name = fields.get("normalization");
    if (name == null) {
      return Blend.Normalization.MIN_MAX;
    }
    for (Blend.Normalization normalization : Blend.Normalization.values()) {
      if (normalization.name().toLowerCase(Locale.ROOT).equals(name)) {
        return normalization;
      }
    }
    throw new IllegalArgumentException(
        "[normalization] must be [min_max], [z_score] or [none], not [" + name + "]");
  }

  static void toXContent(XContentBuilder builder, Blend blend) throws IOException {
    builder.startObject();
    switch (blend) {
      case Blend.Weighted weighted ->
        builder
            .startObject(WEIGHTED)
            .field("weight", weighted.weight())
            .field("normalization", weighted.normalization().name().toLowerCase(Locale.ROOT));
      case Blend.ReciprocalRankFusion fusion ->
        builder.startObject(FUSION).field("weight", fusion.weight()).field("k", fusion.k());
      case Blend.Replace replace -> builder.startObject(REPLACE);
      case Blend.Learned learned ->
        builder.startObject(LEARNED).field("weights", new TreeMap<>(learned.weights()));
    }
    builder.endObject().endObject();
  }

  static void write(StreamOutput out, @Nullable Blend blend) throws IOException {
    switch (blend) {
      case null -> out.writeString(OF_MODEL);
      case Blend.Weighted weighted -> {
        out.writeString(WEIGHTED);
        out.writeFloat(weighted.weight());
        out.writeEnum(weighted.normalization());
      }
      case Blend.ReciprocalRankFusion fusion -> {
        out.writeString(FUSION);
        out.writeFloat(fusion.weight());
        out.writeVInt(fusion.k());
      }
      case Blend.Replace replace -> out.writeString(REPLACE);
      case Blend.Learned learned -> {
        out.writeString(LEARNED);
        out.writeMap(learned.weights(), StreamOutput::writeString, StreamOutput::writeDouble);
        out.writeVInt(learned.words());
      }
    }
  }

  static @Nullable Blend read(StreamInput in) throws IOException {
    String kind = in.readString();
    return switch (kind) {
      case WEIGHTED -> new Blend.Weighted(in.readFloat(), in.readEnum(Blend.Normalization.class));
      case FUSION -> new Blend.ReciprocalRankFusion(in.readFloat(), in.readVInt());
      case REPLACE -> new Blend.Replace();
      case LEARNED ->
        new Blend.Learned(
            in.readMap(StreamInput::readString, StreamInput::readDouble), in.readVInt());
      case OF_MODEL -> null;
      default -> throw new IOException("unknown blend [" + kind + "], from a newer plugin");
    };
  }
}
