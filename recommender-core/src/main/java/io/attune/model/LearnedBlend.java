package io.attune.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/**
 * What was learned about joining the scores of words and of a session into one, stored as
 * {@code blend.json} beside the weights of the model whose session scores it was learned on. The
 * Lucene library ranks by it.
 *
 * @param format version of the format; {@link #FORMAT} if written by this version
 * @param weights finite weights by name
 * @param origin where they come from
 */
public record LearnedBlend(int format, Map<String, Double> weights, Origin origin) {
  /** The format that this version writes, and the newest that it reads. */
  public static final int FORMAT = 1;

  private static final JsonMapper JSON = JsonMapper.builder()
      .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
      .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
      .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
      .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
      .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
      .build();

  public LearnedBlend {
    weights = Map.copyOf(weights);
    weights.forEach((name, weight) -> {
      if (!Double.isFinite(weight)) {
        throw new IllegalArgumentException("the weight '" + name + "' is " + weight);
      }
    });
  }

  /** A blend in the format of this version. */
  public LearnedBlend(Map<String, Double> weights, Origin origin) {
    this(FORMAT, weights, origin);
  }

  /**
   * Where a blend comes from.
   *
   * @param version version of Attune
   * @param dataHash SHA-256 of the log's content, in hexadecimal
   * @param date when it was learned (ISO-8601)
   * @param seed by which queries were drawn
   * @param queries number of queries that it was learned on
   * @param mrr mean reciprocal ranks on queries that it was not learned on, as fractions by name,
   *     such as of words alone
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Origin(
      String version,
      String dataHash,
      String date,
      long seed,
      int queries,
      Map<String, Double> mrr) {
    public Origin {
      mrr = Map.copyOf(mrr);
    }
  }

  /**
   * Reads a blend.
   *
   * @param file where the content is from, for messages
   * @throws ModelException if it is not a blend, or of a newer format
   */
  static LearnedBlend read(Path file, byte[] content) throws ModelException {
    try {
      int format = JSON.readTree(content).path("format").asInt(0);
      if (format > FORMAT) {
        throw new ModelException(
            file,
            "format " + format + " is newer than " + FORMAT
                + ", the newest that this version reads; use a newer Attune, or learn the blend"
                + " anew by attune blend");
      }
      return JSON.readValue(content, LearnedBlend.class);
    } catch (JacksonException e) {
      throw new ModelException(
          file, "not a blend: " + e.getOriginalMessage() + "; learn it anew by attune blend", e);
    } catch (IOException e) {
      throw new ModelException(file, "not a blend: " + e.getMessage(), e);
    }
  }

  /** Writes this blend to a file. */
  void write(Path file) throws IOException {
    JSON.writerWithDefaultPrettyPrinter().writeValue(file.toFile(), this);
  }
}
