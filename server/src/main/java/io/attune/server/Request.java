package io.attune.server;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is read of a request beside its address: the token and the body.
 *
 * @param maxBytes the size of a body at most
 */
record Request(HttpExchange exchange, int maxBytes) {
  private static final int DRAINED = 8; // bodies of this many times the limit are read to their end

  /**
   * Checks that the request has a token.
   *
   * @param token null if none is asked for
   */
  void requireToken(byte @Nullable [] token) {
    if (token == null) {
      return;
    }
    String given = exchange.getRequestHeaders().getFirst("Authorization");
    String secret = given != null && given.regionMatches(true, 0, "Bearer ", 0, 7)
        ? given.substring(7).strip()
        : "";
    if (!MessageDigest.isEqual(secret.getBytes(StandardCharsets.UTF_8), token)) {
      throw new RequestFailure(
          401,
          given == null ? "no token" : "not the token",
          "header.Authorization",
          "Bearer and the server's token");
    }
  }

  /** Reads the body, which must be JSON of limited size. */
  Body body(Set<String> fields) throws IOException {
    requireJson(exchange.getRequestHeaders());
    InputStream in = exchange.getRequestBody();
    byte[] bytes = in.readNBytes(maxBytes + 1);
    if (bytes.length > maxBytes) {
      // Read on for a while: a client that is still sending would not see the answer.
      for (int i = 0; i < DRAINED && in.readNBytes(bytes, 0, bytes.length) == bytes.length; i++) {}
      throw new RequestFailure(
          413, "the body is too large", "body", "at most " + maxBytes + " bytes");
    }
    return Body.parse(bytes, fields);
  }

  /**
   * A form of a page elsewhere can send anything but this type without asking the server first, so
   * no such page can click in a visitor's name.
   */
  private static void requireJson(Headers headers) {
    String type = headers.getFirst("Content-Type");
    String[] parts = type == null ? new String[] {""} : type.split(";", 2);
    String charset = parts.length < 2 ? "" : parts[1].strip().toLowerCase(Locale.ROOT);
    boolean utf8 =
        charset.isEmpty() || charset.replace("\"", "").replace(" ", "").equals("charset=utf-8");
    if (!parts[0].strip().equalsIgnoreCase(Reply.JSON_TYPE) || !utf8) {
      throw new RequestFailure(
          415,
          type == null ? "no content type" : "not supported: " + Ids.shown(type),
          "header.Content-Type",
          "application/json, in UTF-8");
    }
    String encoding = headers.getFirst("Content-Encoding");
    if (encoding != null && !encoding.strip().equalsIgnoreCase("identity")) {
      throw new RequestFailure(
          415,
          "not supported: " + Ids.shown(encoding),
          "header.Content-Encoding",
          "a body that is not compressed");
    }
  }
}
