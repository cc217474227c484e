package io.attune.server;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** An endpoint: a method on a path. */
enum Endpoint {
  CLICK("POST", "/sessions/{id}/clicks", true),
  FORGET("DELETE", "/sessions/{id}", true),
  RECOMMENDATIONS("GET", "/sessions/{id}/recommendations", false, "k", "filter"),
  RERANK("POST", "/rerank", false),
  SEARCH("GET", "/search", false, "q", "session", "k", "compare", "device"),
  MODELS("GET", "/models", false),
  HEALTH("GET", "/health", false),
  METRICS("GET", "/metrics", false),
  OPENAPI("GET", "/openapi.json", false),
  PAGE("GET", "/", false),
  STYLE("GET", "/shop.css", false),
  SCRIPT("GET", "/shop.js", false);

  private static final String ID = "{id}";

  private final String method;
  private final String path;
  private final boolean writes;
  private final String parameters; // joined, since an enum holds nothing that could be changed

  Endpoint(String method, String path, boolean writes, String... parameters) {
    this.method = method;
    this.path = path;
    this.writes = writes;
    this.parameters = String.join(",", parameters);
  }

  /**
   * An endpoint and the id in its path.
   *
   * @param id the session's id; empty if the path has none
   */
  record Match(Endpoint endpoint, String id) {}

  String method() {
    return method;
  }

  /** The path, with <code>{id}</code> for the session's id. */
  String path() {
    return path;
  }

  /** Whether it changes something, so that it needs the token if there is one. */
  boolean writes() {
    return writes;
  }

  /** The parameters that it knows. */
  Set<String> parameters() {
    return parameters.isEmpty() ? Set.of() : Set.of(parameters.split(",", -1));
  }

  /** Whether it tells about the server, so that it answers also while others are refused. */
  boolean isOperational() {
    return this == HEALTH || this == METRICS;
  }

  /** Whether it is part of the page, which is for people. */
  boolean isPage() {
    return this == PAGE || this == STYLE || this == SCRIPT;
  }

  /**
   * Finds the endpoint of a request.
   *
   * @param path still encoded, so that a slash in an id does not separate
   * @throws RequestFailure if there is none, 404 or 405
   */
  static Match match(String method, String path) {
    String[] segments = path.split("/", -1);
    List<String> methods = new ArrayList<>();
    for (Endpoint each : values()) {
      String[] wanted = each.path.split("/", -1);
      if (matches(wanted, segments)) {
        if (each.method.equals(method) || (each.method.equals("GET") && method.equals("HEAD"))) {
          int at = Arrays.asList(wanted).indexOf(ID);
          return new Match(
              each,
              at < 0
                  ? ""
                  : Ids.require(
                      Parameters.decodeSegment(segments[at], "path.session"), "path.session"));
        }
        methods.add(each.method);
      }
    }
    if (methods.isEmpty()) {
      throw new RequestFailure(
          404,
          "no such path: " + Ids.shown(path),
          "path",
          String.join(
              ", ", Arrays.stream(values()).map(Endpoint::path).distinct().toList()));
    }
    throw new RequestFailure(
        405, "not possible: " + Ids.shown(method), "method", String.join(", ", methods));
  }

  private static boolean matches(String[] wanted, String[] segments) {
    boolean same = wanted.length == segments.length;
    for (int i = 0; same && i < wanted.length; i++) {
      same = wanted[i].equals(ID) || wanted[i].equals(segments[i]);
    }
    return same;
  }
}
