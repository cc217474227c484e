package io.attune.log;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;

/**
 * Reads JSON lines into the values of their fields: strings, numbers, and lists of these, whose
 * elements are parted by {@link #PARTED_BY}. A nested object's fields are named by their path, such
 * as {@code event_attributes.object.object_id}; those of {@code _source} count as the line's own.
 * Blank lines and the action lines of bulk requests are skipped.
 */
final class JsonLines {
  /** Parts the elements of a list; does not occur in text. */
  static final char PARTED_BY = '\u001f';

  private final JsonFactory json = new JsonFactory();
  private final LineReader lines;
  private final Map<String, String> values = new LinkedHashMap<>();
  private String problem = "";
  private boolean bulk;

  JsonLines(InputStream in) {
    this.lines = new LineReader(in);
  }

  /** Advances to the next object; returns false at the end. */
  boolean next() throws IOException {
    while (lines.next()) {
      values.clear();
      bulk = false;
      problem = lines.tooLong() ? "a line of 16 MiB or more" : read();
      if (!problem.isEmpty() || (!values.isEmpty() && !bulk)) {
        return true;
      }
    }
    return false;
  }

  private String read() {
    try (JsonParser parser =
        json.createParser(lines.buffer(), lines.from(), lines.to() - lines.from())) {
      JsonToken start = parser.nextToken();
      if (start == null) {
        return "";
      }
      if (start != JsonToken.START_OBJECT) {
        return "expected a JSON object";
      }
      object(parser, "");
      return parser.nextToken() == null ? "" : "expected one JSON object per line, found more";
    } catch (JsonProcessingException e) {
      return "invalid JSON: " + e.getOriginalMessage().replaceAll("\\p{Cntrl}", " ");
    } catch (IOException e) {
      return "invalid JSON: " + e.getMessage();
    }
  }

  private void object(JsonParser parser, String path) throws IOException {
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      switch (parser.nextToken()) {
        case START_OBJECT -> {
          bulk |= path.isEmpty() && values.isEmpty() && JsonLog.BULK.contains(name);
          object(parser, name.equals("_source") ? path : path + name + ".");
        }
        case START_ARRAY -> values.put(path + name, list(parser));
        case VALUE_STRING, VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT ->
          values.put(path + name, text(parser));
        default -> {} // null, true and false say nothing here
      }
    }
  }

  private static String list(JsonParser parser) throws IOException {
    String parted = String.valueOf(PARTED_BY);
    StringJoiner elements = new StringJoiner(parted, "", parted);
    for (JsonToken each = parser.nextToken();
        each != JsonToken.END_ARRAY;
        each = parser.nextToken()) {
      if (each.isScalarValue()) {
        elements.add(text(parser));
      } else {
        parser.skipChildren();
      }
    }
    return elements.toString();
  }

  /** A string or a number, without a fraction of zero, as click logs have it. */
  private static String text(JsonParser parser) throws IOException {
    String text = parser.getText().strip();
    return parser.currentToken() == JsonToken.VALUE_NUMBER_FLOAT && text.endsWith(".0")
        ? text.substring(0, text.length() - 2)
        : text;
  }

  /** The line, from 1. */
  long number() {
    return lines.number();
  }

  /** What is wrong with the line; empty if nothing is. */
  String problem() {
    return problem;
  }

  /** The names of the fields that have a value. */
  Set<String> names() {
    return values.keySet();
  }

  /** The value of the first of these fields that has one; empty if none has. */
  String text(String... fields) {
    for (String field : fields) {
      String value = values.getOrDefault(field, "");
      if (!value.isEmpty()) {
        return value;
      }
    }
    return "";
  }
}
