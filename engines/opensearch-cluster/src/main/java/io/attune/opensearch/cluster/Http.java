package io.attune.opensearch.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** A JSON client of a node on this machine. Thread-safe. */
public final class Http {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration TIMEOUT = Duration.ofMinutes(1);

  private final HttpClient client = HttpClient.newBuilder()
      .version(HttpClient.Version.HTTP_1_1)
      .connectTimeout(Duration.ofSeconds(5))
      .build();
  private final URI root;

  /**
   * Creates a client.
   *
   * @param port the node's HTTP port on the loopback interface
   */
  public Http(int port) {
    root = URI.create("http://127.0.0.1:" + port + "/");
  }

  /** A response, whatever its status. */
  public record Answer(int status, JsonNode body) {}

  /**
   * Sends a request.
   *
   * @param body JSON, or JSON lines for a bulk request; empty for none
   * @throws IOException if the node cannot be reached or does not respond with JSON
   */
  public Answer send(String method, String path, String body)
      throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(root.resolve(path))
        .method(method, HttpRequest.BodyPublishers.ofString(body))
        .header("Content-Type", "application/json")
        .timeout(TIMEOUT)
        .build();
    HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
    return new Answer(response.statusCode(), JSON.readTree(response.body()));
  }

  /**
   * Sends a request that must succeed.
   *
   * @throws IOException if it does not
   */
  public JsonNode ok(String method, String path, String body)
      throws IOException, InterruptedException {
    Answer answer = send(method, path, body);
    if (answer.status() >= 300) {
      throw new IOException(
          method + " " + path + " failed with status " + answer.status() + ": " + answer.body());
    }
    return answer.body();
  }
}
