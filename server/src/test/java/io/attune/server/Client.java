package io.attune.server;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;

/** A client of a server on this machine, over a socket. */
final class Client implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final HttpClient http = HttpClient.newHttpClient();
  private final String address;

  Client(InetSocketAddress address) {
    this.address = "http://127.0.0.1:" + address.getPort();
  }

  /** An answer. */
  record Reply(int status, String body, HttpResponse<String> response) {
    JsonNode json() {
      try {
        return JSON.readTree(body);
      } catch (JsonProcessingException e) {
        throw new UncheckedIOException(body, e);
      }
    }

    /** The ids of a list of items or hits, joined by blanks. */
    String ids(String list) {
      StringBuilder ids = new StringBuilder();
      json().path(list).forEach(item -> ids.append(' ').append(item.path("id").asText()));
      return ids.toString().strip();
    }
  }

  HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(address + path));
  }

  Reply get(String path) {
    return send(request(path));
  }

  Reply delete(String path) {
    return send(request(path).DELETE());
  }

  Reply post(String path, String json) {
    return send(request(path)
        .header("Content-Type", "application/json")
        .POST(BodyPublishers.ofString(json)));
  }

  /** Clicks an item; a time of 0 is left out. */
  Reply click(String session, String item, long time) {
    return post(
        "/sessions/" + session + "/clicks",
        "{\"item\":\"" + item + "\"" + (time == 0 ? "" : ",\"time\":" + time) + "}");
  }

  Reply send(HttpRequest.Builder request) {
    try {
      HttpResponse<String> response = http.send(request.build(), BodyHandlers.ofString());
      return new Reply(response.statusCode(), response.body(), response);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    http.close();
  }
}
