package io.attune.server;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;

/**
 * An answer as it is sent.
 *
 * @param headers further ones
 */
record Reply(int status, String type, byte[] body, Map<String, String> headers) {
  static final String JSON_TYPE = "application/json";

  /**
   * The page loads its own script and style and asks this server; nothing else, and no inline one.
   */
  private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self';"
      + " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** A file of the class path. */
  static Reply file(String name, String type) throws IOException {
    try (InputStream in = Reply.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IOException(name + " is missing from the class path");
      }
      return new Reply(200, type, in.readAllBytes(), Map.of());
    }
  }

  /** An answer as JSON. */
  static Reply json(int status, Answer answer) {
    return json(status, answer, Map.of());
  }

  private static Reply json(int status, Answer answer, Map<String, String> headers) {
    try {
      return new Reply(status, JSON_TYPE, JSON.writeValueAsBytes(answer), headers);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A refused request. */
  static Reply refusal(RequestFailure failure) {
    Answer.Problem problem = failure.problem();
    Map<String, String> headers =
        switch (failure.status()) {
          case 401 -> Map.of("WWW-Authenticate", "Bearer");
          case 405 -> Map.of("Allow", problem.expected());
          case 429, 503 -> Map.of("Retry-After", "1");
          default -> Map.of();
        };
    return json(failure.status(), problem, headers);
  }

  /** Sends it, the body unless only the header was asked for. */
  void send(HttpExchange exchange) throws IOException {
    Headers headers = exchange.getResponseHeaders();
    headers.set("Content-Type", type);
    headers.set("Cache-Control", "no-store");
    headers.set("X-Content-Type-Options", "nosniff");
    headers.set("Content-Security-Policy", POLICY);
    headers.set("Referrer-Policy", "no-referrer");
    this.headers.forEach(headers::set);
    if (exchange.getRequestMethod().equals("HEAD")) {
      headers.set("Content-Length", Integer.toString(body.length));
      exchange.sendResponseHeaders(status, -1);
    } else {
      exchange.sendResponseHeaders(status, body.length);
      exchange.getResponseBody().write(body);
    }
  }
}
