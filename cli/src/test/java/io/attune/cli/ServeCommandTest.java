package io.attune.cli;

import static io.attune.cli.Runs.assertFailure;
import static io.attune.cli.Runs.assertUsage;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.attune.cli.Runs.Outcome;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PipedReader;
import java.io.PipedWriter;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class ServeCommandTest {
  @TempDir
  private static Path folder;

  private static Path model;
  private static Path items;
  private static Path index;

  @BeforeAll
  static void make() throws IOException {
    model = folder.resolve("model");
    Outcome trained = SmallLog.trainNarm(
        SmallLog.write(folder.resolve("log.csv")), model, "--set", "refit=false");
    assertThat(trained.exitCode()).as(trained.err()).isZero();
    items = Files.writeString(
        folder.resolve("items.tsv"), "id\ttitle\ni0\tRed shoe\ni1\tRed boot\ni2\tBlue shoe\n");
    index = folder.resolve("index");
    assertThat(Runs.attune("index", items, "--model", model, "--out", index).exitCode())
        .isZero();
  }

  /** A server that runs until it is closed. */
  private static final class Running implements AutoCloseable {
    final StringWriter err = new StringWriter();
    final String line;
    private final FutureTask<Integer> run;
    private final Thread thread;

    Running(Object... args) throws IOException {
      List<Object> all = new ArrayList<>(List.of("serve", "--model", model, "--port", 0));
      all.addAll(Arrays.asList(args));
      PipedReader out = new PipedReader();
      PrintWriter writer = new PrintWriter(new PipedWriter(out), true);
      run = new FutureTask<>(() -> {
        try (writer) {
          return Attune.run(
              Attune.commandLine(writer, new PrintWriter(err, true)),
              all.stream().map(Object::toString).toArray(String[]::new));
        }
      });
      thread = Thread.ofPlatform().start(run);
      line = String.valueOf(new BufferedReader(out).readLine());
    }

    String get(String path) throws IOException, InterruptedException {
      return send(HttpRequest.newBuilder(uri(path)));
    }

    String click(String item) throws IOException, InterruptedException {
      return click("anna", item, "");
    }

    /** Clicks an item that a search has shown; empty for an item that was found otherwise. */
    String click(String session, String item, String queryId)
        throws IOException, InterruptedException {
      return send(HttpRequest.newBuilder(uri("/sessions/" + session + "/clicks"))
          .header("Content-Type", "application/json")
          .POST(BodyPublishers.ofString("{\"item\":\"" + item + "\""
              + (queryId.isEmpty() ? "" : ",\"queryId\":\"" + queryId + "\"") + "}")));
    }

    private URI uri(String path) {
      return URI.create(line.replaceFirst(".* at ", "") + path);
    }

    private static String send(HttpRequest.Builder request)
        throws IOException, InterruptedException {
      try (HttpClient client = HttpClient.newHttpClient()) {
        return client.send(request.build(), BodyHandlers.ofString()).body();
      }
    }

    int stop() throws Exception {
      thread.interrupt();
      return run.get();
    }

    @Override
    public void close() {
      thread.interrupt();
      CompletableFuture.runAsync(run).join();
    }
  }

  @Test
  void aModelIsServedUntilTheCommandIsStopped() throws Exception {
    try (Running server = new Running("--items", items)) {
      assertThat(server.line)
          .as(server.err.toString())
          .startsWith("serving " + model + " at http://127.0.0.1:");
      assertThat(server.click("i0")).contains("\"known\":true");
      assertThat(server.get("/sessions/anna/recommendations"))
          .contains("\"basis\":\"session\"", "\"title\":\"Red boot\"")
          .doesNotContain("\"id\":\"i7\""); // which is not among the items
      assertThat(server.get("/search?q=shoe&session=anna"))
          .contains("\"reranked\":true", "\"total\":2");
      assertThat(server.stop()).isZero();
      assertThat(server.err.toString()).contains("3 items").doesNotContain("warning");
    }
  }

  @Test
  void anIndexIsServed() throws Exception {
    try (Running server = new Running("--index", index)) {
      assertThat(server.get("/search?q=red")).contains("\"total\":2", "\"reranked\":false");
      assertThat(server.get("/models")).contains("\"encoder\":\"narm\"");
    }
  }

  /** Visitors who click whatever the session put there. */
  @Test
  void whatVisitorsClickDecidesWhichRankingWins() throws Exception {
    Path events = folder.resolve("events/log.jsonl");
    try (Running server = new Running("--items", items, "--events", events)) {
      for (int visitor = 0; visitor < 60; visitor++) {
        String session = "visitor" + visitor;
        server.click(session, "i" + visitor % 3, "");
        JsonNode found = JsonMapper.builder()
            .build()
            .readTree(server.get("/search?q=red+shoe&compare=words,fixed&session=" + session
                + (visitor % 2 == 0 ? "&device=phone" : "")));
        for (JsonNode hit : found.path("hits")) {
          if (hit.path("team").asText().equals("fixed")) {
            server.click(session, hit.path("id").asText(), found.path("queryId").asText());
          }
        }
      }
      assertThat(server.stop()).isZero();
    }
    Path json = folder.resolve("comparison.json");
    Path report = folder.resolve("comparison.html");

    Outcome compared = Runs.attune("compare-online", events, "--json", json, "--report", report);

    assertThat(compared.exitCode()).as(compared.err()).isZero();
    assertThat(compared.out())
        .startsWith("fixed wins: it has 100.0 % of ")
        .contains("60 interleaved searches", "as fair coins do", "phone", "not given")
        .contains("60 clicks without the id of a search");
    assertThat(Files.readString(json)).contains("\"outcome\" : \"fixed\"");
    assertThat(report).content().contains("Fixed wins");
    // The events are a click log as well.
    Outcome inspected = Runs.attune("inspect", events);
    assertThat(inspected.exitCode()).as(inspected.err()).isZero();
    assertThat(inspected.out()).contains("100 clicks in 280 lines");
    // And what is wrong is said.
    assertFailure("given twice", "compare-online", events, events);
    assertFailure(
        "no search compares words and learned; the events have fixed,words (60 searches)",
        "compare-online",
        events,
        "--compare",
        "words,learned");
    assertFailure("items.tsv:1: invalid JSON", "compare-online", items);
    assertFailure("no such file", "compare-online", folder.resolve("nothing"));
    assertUsage(
        "--compare: expected the names of two rankings",
        "compare-online",
        events,
        "--compare",
        "words");
  }

  @Test
  void aSessionSurvivesARestart() throws Exception {
    Path state = folder.resolve("state");
    for (int start = 1; start <= 2; start++) {
      try (Running server = new Running("--state", state)) {
        assertThat(server.click("i0")).contains("\"clicks\":" + start);
        assertThat(server.stop()).isZero();
      }
    }
  }

  @Test
  void aServerThatOthersReachSaysThatAnybodyCanWrite() throws Exception {
    try (Running server = new Running("--host", "0.0.0.0")) {
      assertThat(server.err.toString()).contains("warning: ").contains("--token");
    }
    Path token = Files.writeString(folder.resolve("token"), "s3cret\n");
    try (Running server = new Running("--token", token)) {
      assertThat(server.click("i0")).contains("header.Authorization");
    }
  }

  @Test
  void wrongUsageIsOneLine() {
    assertUsage(
        "--items and --index cannot be combined",
        "serve",
        "--model",
        model,
        "--items",
        items,
        "--index",
        index);
    assertUsage(
        "--port must be from 0 to 65535, not 65536", "serve", "--model", model, "--port", 65536);
    assertUsage(
        "no.such.host.invalid", "serve", "--model", model, "--host", "no.such.host.invalid");
    assertUsage("a duration must be", "serve", "--model", model, "--expire", "soon");
    assertUsage("--requests must be", "serve", "--model", model, "--requests", 0);
    assertUsage("--model", "serve");
  }

  @Test
  void whatCannotBeOpenedIsOneLine() throws IOException {
    assertFailure("no such model", "serve", "--model", folder.resolve("nothing"));
    assertFailure("not a model", "serve", "--model", items);
    assertFailure("no such file", "serve", "--model", model, "--index", folder.resolve("nothing"));
    Path empty = Files.createDirectories(folder.resolve("empty"));
    assertFailure(
        "holds no Lucene index; attune index creates one",
        "serve",
        "--model",
        model,
        "--index",
        empty);
    assertFailure("'sku'", "serve", "--model", model, "--index", index, "--id-field", "sku");
    Path twice = Files.writeString(folder.resolve("twice.tsv"), "id\ttitle\na\tx\na\ty\n");
    assertFailure("duplicate item id: a", "serve", "--model", model, "--items", twice);
    Path blank = Files.writeString(folder.resolve("blank"), "\n");
    assertFailure("expected a secret", "serve", "--model", model, "--token", blank);
  }

  @Test
  void aPortThatIsTakenIsNamed() throws IOException {
    try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertFailure(
          "cannot listen on 127.0.0.1:" + other.getLocalPort(),
          "serve",
          "--model",
          model,
          "--port",
          other.getLocalPort());
    }
  }
}
