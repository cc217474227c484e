package io.attune.opensearch;

import java.io.IOException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.opensearch.core.xcontent.XContentParseException;
import org.opensearch.core.xcontent.XContentParser;

/**
 * Replaces parse exceptions by one with the root cause as its message. OpenSearch's parsers wrap
 * the cause in what they were doing, and clients show the first line only.
 */
final class ParseErrors {
  private static final Pattern FIELD = Pattern.compile("failed to parse field \\[([^]]*)]");
  private static final Pattern LOCATION = Pattern.compile("^\\[\\d+:\\d+] ");

  private ParseErrors() {}

  /** Something that is parsed. */
  @FunctionalInterface
  interface Parser<T> {
    T parse() throws IOException;
  }

  /**
   * Parses.
   *
   * @param name the name of what is parsed, for messages
   * @throws XContentParseException with the location and the root cause
   */
  static <T> T withRootCause(String name, XContentParser parser, Parser<T> parse)
      throws IOException {
    try {
      return parse.parse();
    } catch (XContentParseException e) {
      Throwable reason = rootCause(e);
      throw reason.equals(e)
          ? e
          : new XContentParseException(
              e.getLocation(), "[" + name + "]" + field(e) + ": " + text(reason));
    } catch (IllegalArgumentException e) {
      throw new XContentParseException(
          parser.getTokenLocation(), "[" + name + "]: " + text(rootCause(e)));
    }
  }

  /** The message of an exception about text that the user did not write as it was parsed. */
  static String withoutLocation(XContentParseException error) {
    return text(error);
  }

  private static Throwable rootCause(Throwable error) {
    Throwable reason = error;
    for (Throwable cause = error; cause != null; cause = cause.getCause()) {
      reason = cause.getMessage() == null ? reason : cause;
    }
    return reason;
  }

  private static String field(XContentParseException error) {
    Matcher field = FIELD.matcher(String.valueOf(error.getMessage()));
    return field.find() ? " [" + field.group(1) + "]" : "";
  }

  /** The message without its location and without an excerpt of the source. */
  private static String text(Throwable reason) {
    String text = String.valueOf(reason.getMessage());
    int end = text.indexOf('\n');
    return LOCATION.matcher(end < 0 ? text : text.substring(0, end)).replaceFirst("");
  }
}
