package io.attune.opensearch;

import java.io.IOException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.opensearch.core.xcontent.XContentParseException;
import org.opensearch.core.xcontent.XContentParser;

/**
 * Brings the reason why a request cannot be read to the top: the server's parsers wrap it in what
 * they were doing, and clients show the first line alone.
 */
final class ParseReasons {
  private static final Pattern FIELD = Pattern.compile("failed to parse field \\[([^]]*)]");
  private static final Pattern LOCATION = Pattern.compile("^\\[\\d+:\\d+] ");

  private ParseReasons() {}

  /** Something that reads from a parser. */
  @FunctionalInterface
  interface Reading<T> {
    T read() throws IOException;
  }

  /**
   * Reads.
   *
   * @param name of what is read, for messages
   * @throws XContentParseException with the place and the innermost reason
   */
  static <T> T onTop(String name, XContentParser parser, Reading<T> reading) throws IOException {
    try {
      return reading.read();
    } catch (XContentParseException e) {
      Throwable reason = innermost(e);
      throw reason.equals(e)
          ? e
          : new XContentParseException(
              e.getLocation(), "[" + name + "]" + field(e) + ": " + text(reason));
    } catch (IllegalArgumentException e) {
      throw new XContentParseException(
          parser.getTokenLocation(), "[" + name + "]: " + text(innermost(e)));
    }
  }

  private static Throwable innermost(Throwable error) {
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

  /** Without its place, and without what a parser says of its source. */
  private static String text(Throwable reason) {
    String text = String.valueOf(reason.getMessage());
    int end = text.indexOf('\n');
    return LOCATION.matcher(end < 0 ? text : text.substring(0, end)).replaceFirst("");
  }
}
