package io.attune.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.Stream;

/** A headless Chromium, through its debugging protocol. */
final class Browser implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Process process;
  private final BufferedReader err;
  private final HttpClient http = HttpClient.newHttpClient();
  private final String address;

  private Browser(Process process, BufferedReader err, String address) {
    this.process = process;
    this.err = err;
    this.address = address;
  }

  /** The program, if there is one on the path. */
  static Optional<Path> program() {
    return Stream.of("chromium", "chromium-browser", "google-chrome")
        .flatMap(name -> Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
            .map(folder -> Path.of(folder, name)))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /**
   * Starts it.
   *
   * @param profile an empty directory of its own
   * @param width of the window
   */
  static Browser start(Path program, Path profile, int width) throws IOException {
    Process process = new ProcessBuilder(
            program.toString(),
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--remote-debugging-port=0",
            "--user-data-dir=" + profile,
            "--window-size=" + width + ",900",
            "about:blank")
        .start();
    BufferedReader err = process.errorReader();
    for (String line = err.readLine(); line != null; line = err.readLine()) {
      if (line.startsWith("DevTools listening on ws://")) {
        return new Browser(process, err, line.replaceFirst(".*ws://([^/]*)/.*", "http://$1"));
      }
    }
    throw new IOException("the browser ended");
  }

  /** Opens a page in a tab of its own. */
  Tab open(String url) throws Exception {
    HttpRequest request = HttpRequest.newBuilder(URI.create(address + "/json/new?" + url))
        .PUT(BodyPublishers.noBody())
        .build();
    JsonNode target = JSON.readTree(http.send(request, BodyHandlers.ofString()).body());
    return new Tab(URI.create(target.path("webSocketDebuggerUrl").asText()));
  }

  /** A tab. */
  final class Tab implements WebSocket.Listener {
    private final LinkedBlockingQueue<String> messages = new LinkedBlockingQueue<>();
    private final StringBuilder partial = new StringBuilder();
    private final WebSocket socket;
    private int sent;

    private Tab(URI uri) {
      socket = http.newWebSocketBuilder().buildAsync(uri, this).join();
    }

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
      partial.append(data);
      if (last) {
        messages.add(partial.toString());
        partial.setLength(0);
      }
      from.request(1);
      return CompletableFuture.completedFuture(null);
    }

    /** Runs the body of an asynchronous function in the page, and returns what it returns. */
    JsonNode run(String body) throws Exception {
      while (true) {
        JsonNode message = evaluate("(async () => {" + body + "})()");
        if (message.has("error")) {
          continue; // the tab was just going to the page
        }
        JsonNode result = message.path("result");
        if (result.has("exceptionDetails")) {
          throw new AssertionError(result.path("exceptionDetails").toString());
        }
        return result.path("result").path("value");
      }
    }

    /** Makes the page as large as a screen, in pixels, light and without scrollbars. */
    void resize(int width, int height) throws Exception {
      command(
          "Emulation.setDeviceMetricsOverride",
          Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
      command("Emulation.setScrollbarsHidden", Map.of("hidden", true));
      command(
          "Emulation.setEmulatedMedia",
          Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", "light"))));
    }

    /** A picture of what is seen, as PNG. */
    byte[] picture() throws Exception {
      JsonNode answer = command("Page.captureScreenshot", Map.of("format", "png"));
      return Base64.getDecoder().decode(answer.path("result").path("data").asText());
    }

    private JsonNode evaluate(String expression) throws Exception {
      return command(
          "Runtime.evaluate",
          Map.of("expression", expression, "awaitPromise", true, "returnByValue", true));
    }

    private JsonNode command(String method, Map<String, Object> parameters) throws Exception {
      int id = ++sent;
      String command =
          JSON.writeValueAsString(Map.of("id", id, "method", method, "params", parameters));
      socket.sendText(command, true).join();
      JsonNode message = JSON.readTree(messages.take());
      while (message.path("id").asInt() != id) {
        message = JSON.readTree(messages.take());
      }
      return message;
    }
  }

  @Override
  public void close() throws IOException {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
    err.close();
    process.onExit().join();
  }
}
