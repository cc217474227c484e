package io.attune.server;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.attune.serving.Click;
import io.attune.session.Sessions;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * An object of a request's body. Every value is checked for its type, a field that the endpoint
 * does not have is refused, and so is one that stands twice.
 */
final class Body {
  /** Times before this are taken for seconds by mistake: in milliseconds it is March 1973. */
  private static final long MIN_TIME = 100_000_000_000L;

  /** The last millisecond of the year 9999. */
  private static final long MAX_TIME = 253_402_300_799_999L;

  private static final JsonMapper JSON = JsonMapper.builder(JsonFactory.builder()
          .streamReadConstraints(StreamReadConstraints.builder()
              .maxNestingDepth(8)
              .maxNumberLength(64)
              .build())
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .build())
      .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
      .build();

  private final JsonNode object;
  private final String where;

  private Body(JsonNode object, String where) {
    this.object = object;
    this.where = where;
  }

  /**
   * A hit that is to be re-ranked.
   *
   * @param id the item's id
   * @param score its score in the first pass, finite
   */
  record Hit(String id, float score) {}

  /**
   * Parses a body.
   *
   * @param bytes JSON in UTF-8
   * @param known the fields that the endpoint has
   */
  static Body parse(byte[] bytes, Set<String> known) {
    JsonNode tree;
    try {
      tree = JSON.readTree(
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
    } catch (CharacterCodingException e) {
      throw RequestFailure.invalid("not UTF-8", "body", "JSON in UTF-8");
    } catch (JsonProcessingException e) {
      throw RequestFailure.invalid("not JSON: " + reason(e), "body", "a JSON object");
    }
    return new Body(tree, "body").checked(known);
  }

  /** What the parser says, without the text around it. */
  private static String reason(JsonProcessingException failure) {
    String line = failure.getOriginalMessage().lines().findFirst().orElse("");
    String reason = failure instanceof JsonParseException ? line : "a limit of JSON is exceeded";
    return failure.getLocation() == null
        ? reason
        : reason + " (line " + failure.getLocation().getLineNr() + ", column "
            + failure.getLocation().getColumnNr() + ")";
  }

  private Body checked(Set<String> known) {
    if (!object.isObject()) {
      throw RequestFailure.invalid("not an object", where, "an object with " + names(known));
    }
    for (Map.Entry<String, JsonNode> field : object.properties()) {
      if (!known.contains(field.getKey())) {
        throw RequestFailure.invalid(
            "unknown field " + Ids.shown(field.getKey()), where, "only " + names(known));
      }
    }
    return this;
  }

  private static String names(Set<String> known) {
    return String.join(", ", known.stream().sorted().toList());
  }

  /** Whether a field is there; one that is null is not. */
  boolean has(String field) {
    return !object.path(field).isMissingNode() && !object.path(field).isNull();
  }

  /** A text; null without. */
  @Nullable
  String text(String field, int maxLength) {
    if (!has(field)) {
      return null;
    }
    JsonNode value = object.path(field);
    if (!value.isTextual() || value.textValue().length() > maxLength) {
      throw RequestFailure.invalid(
          "not allowed: " + shown(value),
          where + "." + field,
          "a string of at most " + maxLength + " characters");
    }
    return value.textValue();
  }

  /** The id of a session or an item. */
  String id(String field) {
    return id(object.path(field), where + "." + field);
  }

  private static String id(JsonNode value, String where) {
    if (value.isMissingNode()) {
      throw RequestFailure.invalid("missing", where, "the id, a string");
    }
    if (!value.isTextual()) {
      throw RequestFailure.invalid("not a string: " + shown(value), where, "the id, a string");
    }
    return Ids.require(value.textValue(), where);
  }

  /** A short name of letters, digits, '-' and '_'; null without. */
  @Nullable
  String label(String field) {
    String text = text(field, 1000);
    return text == null ? null : Parameters.label(text, where + "." + field);
  }

  /** A whole number from 1 to a maximum. */
  int count(String field, int max, int otherwise) {
    JsonNode value = object.path(field);
    if (!has(field)) {
      return otherwise;
    }
    if (!value.isIntegralNumber()
        || !value.canConvertToInt()
        || value.intValue() < 1
        || value.intValue() > max) {
      throw RequestFailure.invalid(
          "not allowed: " + shown(value), where + "." + field, "a whole number from 1 to " + max);
    }
    return value.intValue();
  }

  /** The fields {@code item} and {@code time} as a click. */
  Click click() {
    return new Click(id("item"), time());
  }

  /** Milliseconds, or {@link Sessions#NO_TIME} without. */
  private long time() {
    if (!has("time")) {
      return Sessions.NO_TIME;
    }
    JsonNode value = object.path("time");
    long time = Sessions.NO_TIME;
    if (value.isIntegralNumber() && value.canConvertToLong()) {
      time = value.longValue();
    } else if (value.isTextual()) {
      try {
        time = Instant.parse(value.textValue()).toEpochMilli();
      } catch (DateTimeException | ArithmeticException e) {
        time = Sessions.NO_TIME; // reported below
      }
    }
    if (time < MIN_TIME || time > MAX_TIME) {
      throw RequestFailure.invalid(
          "not a time: " + shown(value),
          where + ".time",
          "milliseconds since 1970 such as 1764288000000, or 2025-11-28T00:00:00Z");
    }
    return time;
  }

  /** A list of clicks: ids, or objects with {@code item} and {@code time}. */
  List<Click> clicks(String field, int max) {
    return list(
        field,
        max,
        (value, at) -> value.isTextual()
            ? Click.of(id(value, at))
            : new Body(value, at).checked(Set.of("item", "time")).click());
  }

  /** A list of hits, in the order of the first pass. */
  List<Hit> hits(String field, int max) {
    if (!has(field)) {
      throw RequestFailure.invalid(
          "missing", where + "." + field, "the hits, a list of {\"id\", \"score\"}");
    }
    return list(field, max, (value, at) -> {
      Body hit = new Body(value, at).checked(Set.of("id", "score"));
      return new Hit(hit.id("id"), hit.score());
    });
  }

  private float score() {
    JsonNode value = object.path("score");
    float score = value.isNumber() ? value.floatValue() : Float.NaN;
    if (!Float.isFinite(score)) {
      throw RequestFailure.invalid(
          value.isMissingNode() ? "missing" : "not a score: " + shown(value),
          where + ".score",
          "the score of the first pass, a number");
    }
    return score;
  }

  private <T> List<T> list(String field, int max, BiFunction<JsonNode, String, T> element) {
    JsonNode value = object.path(field);
    String at = where + "." + field;
    if (!value.isArray() || value.size() > max) {
      throw RequestFailure.invalid(
          value.isArray() ? "a list of " + value.size() : "not a list: " + shown(value),
          at,
          "a list of at most " + max);
    }
    List<T> list = new ArrayList<>();
    for (int i = 0; i < value.size(); i++) {
      list.add(element.apply(value.get(i), at + "[" + i + "]"));
    }
    return list;
  }

  private static String shown(JsonNode value) {
    return Ids.shown(value.isTextual() ? value.textValue() : value.toString());
  }
}
