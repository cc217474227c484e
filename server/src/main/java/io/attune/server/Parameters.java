package io.attune.server;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The parameters of a request's URL. One that the endpoint does not have is refused. */
final class Parameters {
  private static final int MAX_DIGITS = 9;
  private static final Pattern LABEL = Pattern.compile("[A-Za-z0-9_-]{1,32}");

  private final Map<String, List<String>> values;

  private Parameters(Map<String, List<String>> values) {
    this.values = values;
  }

  /**
   * Parses a query string.
   *
   * @param query the part after the question mark, still encoded; null for none
   * @param known the names that the endpoint has
   * @throws RequestFailure if it is badly encoded, or names something else
   */
  static Parameters parse(@Nullable String query, Set<String> known) {
    Map<String, List<String>> values = new LinkedHashMap<>();
    if (query != null && !query.isEmpty()) {
      for (String pair : query.split("&", -1)) {
        int sign = pair.indexOf('=');
        String name = decode(sign < 0 ? pair : pair.substring(0, sign), "query");
        if (!known.contains(name)) {
          throw RequestFailure.invalid(
              "unknown parameter " + Ids.shown(name),
              "query",
              known.isEmpty()
                  ? "no parameters"
                  : "only " + String.join(", ", known.stream().sorted().toList()));
        }
        String value = sign < 0 ? "" : decode(pair.substring(sign + 1), "query." + name);
        values.computeIfAbsent(name, key -> new ArrayList<>()).add(value);
      }
    }
    return new Parameters(values);
  }

  /** All values of a parameter. */
  List<String> all(String name) {
    return values.getOrDefault(name, List.of());
  }

  /** A parameter that may be given once; null without. */
  @Nullable
  String one(String name) {
    List<String> all = all(name);
    if (all.size() > 1) {
      throw RequestFailure.invalid(
          "given " + all.size() + " times", "query." + name, "one value of " + name);
    }
    return all.isEmpty() ? null : all.getFirst();
  }

  /** A whole number from 1 to a maximum. */
  int count(String name, int max, int otherwise) {
    String text = one(name);
    if (text == null) {
      return otherwise;
    }
    boolean isNumber = !text.isEmpty()
        && text.length() <= MAX_DIGITS
        && text.chars().allMatch(c -> c >= '0' && c <= '9');
    int value = isNumber ? Integer.parseInt(text) : 0;
    if (value < 1 || value > max) {
      throw RequestFailure.invalid(
          "not allowed: " + Ids.shown(text), "query." + name, "a whole number from 1 to " + max);
    }
    return value;
  }

  /** A short name of letters, digits, '-' and '_'; null without. */
  @Nullable
  String label(String name) {
    String text = one(name);
    return text == null ? null : label(text, "query." + name);
  }

  /** The same text, which must be such a name. */
  static String label(String text, String where) {
    if (!LABEL.matcher(text).matches()) {
      throw RequestFailure.invalid(
          "not allowed: " + Ids.shown(text),
          where,
          "1 to 32 letters, digits, - and _, such as phone");
    }
    return text;
  }

  /** The id of a session; null without. */
  @Nullable
  String id(String name) {
    String text = one(name);
    return text == null ? null : Ids.require(text, "query." + name);
  }

  /**
   * Decodes percent escapes, and a plus as a blank as forms write it, strictly: an escape that is
   * not UTF-8 is an error rather than another character.
   */
  static String decode(String text, String where) {
    return decode(text, where, true);
  }

  /** Decodes a segment of a path, in which a plus is a plus. */
  static String decodeSegment(String text, String where) {
    return decode(text, where, false);
  }

  private static String decode(String text, String where, boolean plusIsBlank) {
    byte[] raw = text.getBytes(StandardCharsets.UTF_8);
    byte[] bytes = new byte[raw.length];
    int length = 0;
    for (int i = 0; i < raw.length; i++) {
      if (raw[i] == '%') {
        int high = i + 2 < raw.length ? Character.digit(raw[i + 1], 16) : -1;
        int low = i + 2 < raw.length ? Character.digit(raw[i + 2], 16) : -1;
        if (high < 0 || low < 0) {
          throw badEscape(where);
        }
        bytes[length++] = (byte) ((high << 4) | low);
        i += 2;
      } else {
        bytes[length++] = plusIsBlank && raw[i] == '+' ? (byte) ' ' : raw[i];
      }
    }
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(bytes, 0, length))
          .toString();
    } catch (CharacterCodingException e) {
      throw badEscape(where);
    }
  }

  private static RequestFailure badEscape(String where) {
    return RequestFailure.invalid(
        "a broken percent escape", where, "UTF-8, percent-encoded as in %C3%A4");
  }
}
