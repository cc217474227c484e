package io.attune.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.benmanes.caffeine.cache.Ticker;
import io.attune.model.Model;
import io.attune.server.Client.Reply;
import io.attune.serving.ServingModel;
import io.attune.serving.SessionVector;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Many requests at a time, a limit for them, a model that changes, and the end. */
@Timeout(60)
class RequestsUnderWayTest {
  private static final long TIME = 1_764_288_000_000L;

  @TempDir
  private Path folder;

  private Path directory;

  @BeforeEach
  void save() throws IOException {
    directory = folder.resolve("model");
    RandomModel.save(directory, 30, 1);
  }

  private AttuneServer start(int requests) throws IOException {
    ServerLimits defaults = ServerLimits.defaults();
    return AttuneServer.builder(directory, Clock.systemUTC(), Ticker.systemTicker())
        .address(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
        .limits(new ServerLimits(
            defaults.bodyBytes(),
            defaults.sessionClicks(),
            defaults.sessions(),
            defaults.expiry(),
            requests,
            defaults.budget(),
            Duration.ofSeconds(30)))
        .start();
  }

  /** A click whose body is still to come, so that its request is under way. */
  private static final class HalfSent implements AutoCloseable {
    private final Socket socket;

    HalfSent(AttuneServer server, Client client) throws IOException {
      socket = new Socket(server.address().getAddress(), server.address().getPort());
      write("POST /sessions/anna/clicks HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
          + "Content-Length: 13\r\n\r\n{\"item\"");
      while (!client.get("/metrics").body().contains("attune_requests_active 1.0")) {
        Thread.onSpinWait();
      }
    }

    private void write(String text) throws IOException {
      OutputStream out = socket.getOutputStream();
      out.write(text.getBytes(StandardCharsets.UTF_8));
      out.flush();
    }

    /** Sends the rest, and returns the first line of the answer. */
    String finish() throws IOException {
      write(":\"i5\"}");
      byte[] line = socket.getInputStream().readNBytes(15);
      return new String(line, StandardCharsets.UTF_8);
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  @Test
  void aRequestBeyondTheLimitIsRefusedAndTheNextIsAnswered() throws IOException {
    try (AttuneServer server = start(1);
        Client client = new Client(server.address())) {
      try (HalfSent click = new HalfSent(server, client)) {
        Reply refused = client.get("/sessions/anna/recommendations");
        assertThat(refused.status()).isEqualTo(429);
        assertThat(refused.json().path("expected").asText()).contains("at most 1 at a time");
        assertThat(refused.response().headers().firstValue("Retry-After")).hasValue("1");
        assertThat(client.get("/health").status()).isEqualTo(200);
        assertThat(click.finish()).isEqualTo("HTTP/1.1 200 OK");
      }
      Reply next = client.get("/sessions/anna/recommendations");
      while (next.status() == 429) { // the slot is given back after the answer is sent
        next = client.get("/sessions/anna/recommendations");
      }
      assertThat(next.json().path("clicks")).hasSize(1);
    }
  }

  private static boolean stop(AttuneServer server) throws IOException {
    server.close();
    return true;
  }

  @Test
  void whatIsUnderWayIsAnsweredBeforeTheServerStops() throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        AttuneServer server = start(8);
        Client client = new Client(server.address());
        HalfSent click = new HalfSent(server, client)) {
      Future<?> stopped = threads.submit(() -> stop(server));
      Reply health = client.get("/health");
      while (health.status() == 200) {
        health = client.get("/health");
      }
      assertThat(health.status()).isEqualTo(503);
      assertThat(health.json().path("status").asText()).isEqualTo("stopping");
      Reply refused = client.get("/models");
      assertThat(refused.status()).isEqualTo(503);
      assertThat(refused.json().path("error").asText()).isEqualTo("the server is stopping");
      assertThat(stopped.isDone()).isFalse();
      assertThat(click.finish()).isEqualTo("HTTP/1.1 200 OK");
      stopped.get();
    }
  }

  @Test
  void noClickIsLostAmongManyAtATime() throws Exception {
    int clicks = 150;
    try (AttuneServer server = start(256);
        Client client = new Client(server.address());
        ExecutorService threads = Executors.newFixedThreadPool(8)) {
      List<Callable<Reply>> tasks = new ArrayList<>();
      for (int i = 0; i < clicks; i++) {
        String item = "i" + (1 + i % 30);
        long time = TIME + i;
        tasks.add(() -> client.click("one", item, time));
        tasks.add(() -> client.click("one", item, time)); // delivered twice
        tasks.add(() -> client.click("other" + time, item, time));
      }
      int replays = 0;
      for (Future<Reply> each : threads.invokeAll(tasks)) {
        Reply reply = each.get();
        assertThat(reply.status()).as(reply.body()).isEqualTo(200);
        replays += reply.json().path("replay").asBoolean() ? 1 : 0;
      }
      assertThat(replays).isEqualTo(clicks);
      assertThat(client.click("one", "i1", 0).json().path("clicks").asInt()).isEqualTo(clicks + 1);
      assertThat(client.get("/metrics").body()).contains("attune_visits " + (clicks + 1.0));
    }
  }

  @Test
  void everyAnswerIsThatOfOneModelWhileModelsChange() throws Exception {
    List<String> clicked = List.of("i5", "i9", "i2");
    Map<String, String> expected = new ConcurrentHashMap<>(); // by version
    for (int seed = 1; seed <= 2; seed++) {
      Path saved = folder.resolve("model" + seed);
      Model model = RandomModel.save(saved, 30, seed);
      ServingModel serving = ServingModel.of(model);
      SessionVector vector = serving.vector(clicked);
      expected.put(
          model.version(),
          String.join(
              " ",
              IntStream.of(vector
                      .clicked()
                      .top(serving.items(), vector.query(), 5, row -> true, serving.items()::top)
                      .rows())
                  .mapToObj(row -> "i" + row)
                  .toList()));
    }
    assertThat(Set.copyOf(expected.values())).hasSize(2);
    try (AttuneServer server = start(256);
        Client client = new Client(server.address());
        ExecutorService threads = Executors.newFixedThreadPool(4)) {
      for (int i = 0; i < clicked.size(); i++) {
        client.click("anna", clicked.get(i), TIME + i);
      }
      AtomicBoolean done = new AtomicBoolean();
      List<Future<Integer>> readers = new ArrayList<>();
      for (int reader = 0; reader < 4; reader++) {
        readers.add(threads.submit(() -> {
          int answers = 0;
          while (!done.get()) {
            Reply list = client.get("/sessions/anna/recommendations?k=5");
            assertThat(list.status()).as(list.body()).isEqualTo(200);
            assertThat(list.ids("items"))
                .isEqualTo(expected.get(list.json().path("model").asText()));
            answers++;
          }
          return answers;
        }));
      }
      try {
        for (int change = 0; change < 20; change++) {
          Model next = Model.load(folder.resolve("model" + (1 + change % 2)));
          next.save(directory);
          server.look();
          String used =
              client.get("/sessions/anna/recommendations").json().path("model").asText();
          assertThat(used).isEqualTo(next.version());
        }
      } finally {
        done.set(true);
      }
      for (Future<Integer> reader : readers) {
        assertThat(reader.get()).isPositive();
      }
    }
  }
}
