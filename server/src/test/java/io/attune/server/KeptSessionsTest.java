package io.attune.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.benmanes.caffeine.cache.Ticker;
import io.attune.server.Client.Reply;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Sessions that are kept on disk, over a restart and over the sudden end of the process. */
@Timeout(300)
class KeptSessionsTest {
  private static final int KILLS = Integer.getInteger("attune.kill.rounds", 3);
  private static final long SEED = Long.getLong("attune.kill.seed", 1);
  private static final long TIME = 1_764_288_000_000L;

  @TempDir
  private Path folder;

  private Path model;
  private Path state;
  private final List<String> notices = new ArrayList<>();
  private final MovedClock clock = new MovedClock();

  private static final class MovedClock extends Clock {
    private Instant now = Instant.ofEpochMilli(TIME);

    @Override
    public Instant instant() {
      return now;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }

  @BeforeEach
  void save() throws IOException {
    model = folder.resolve("model");
    state = folder.resolve("state");
    RandomModel.save(model, 30, 1);
  }

  private AttuneServer start() throws IOException {
    return AttuneServer.builder(model, clock, () -> clock.millis() * 1_000_000)
        .address(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
        .state(state)
        .notices(notices::add)
        .start();
  }

  /** Whether anything on disk contains a text. */
  private boolean isOnDisk(String text) throws IOException {
    try (Stream<Path> files = Files.list(state)) {
      for (Path file : files.toList()) {
        if (Files.readString(file, StandardCharsets.ISO_8859_1).contains(text)) {
          return true;
        }
      }
    }
    return false;
  }

  @Test
  void sessionsSurviveARestartAndForgottenOnesDoNot() throws IOException {
    String before;
    try (AttuneServer server = start();
        Client client = new Client(server.address())) {
      client.click("anna", "i5", TIME);
      client.click("anna", "i9", 0);
      client.click("anna", "i9", 0);
      client.click("forgotten", "i3", TIME);
      client.delete("/sessions/forgotten");
      before = client.get("/sessions/anna/recommendations?k=5").body();
    }
    for (int restart = 0; restart < 3; restart++) {
      try (AttuneServer server = start();
          Client client = new Client(server.address())) {
        assertThat(client.get("/sessions/anna/recommendations?k=5").body()).isEqualTo(before);
        assertThat(client.click("anna", "i5", TIME).json().path("replay").asBoolean())
            .isTrue();
        assertThat(client.get("/sessions/forgotten/recommendations").json().path("clicks"))
            .isEmpty();
      }
    }
    assertThat(notices).isEmpty();
  }

  @Test
  void aSessionThatExpiredDuringAStopIsGoneFromMemoryAndDisk() throws IOException {
    try (AttuneServer server = start();
        Client client = new Client(server.address())) {
      client.click("anna", "i5", TIME);
      clock.now = clock.now.plus(Duration.ofMinutes(20));
      client.click("bert", "i6", TIME);
    }
    clock.now = clock.now.plus(Duration.ofMinutes(20));
    try (AttuneServer server = start();
        Client client = new Client(server.address())) {
      assertThat(client.get("/sessions/anna/recommendations").json().path("clicks"))
          .isEmpty();
      assertThat(client.get("/sessions/bert/recommendations").json().path("clicks"))
          .hasSize(1);
      assertThat(isOnDisk("anna")).isFalse();
      assertThat(isOnDisk("bert")).isTrue();
    }
  }

  @Test
  void anExpiredSessionIsOffTheDiskAlsoWhereNobodyClicks() throws IOException {
    try (AttuneServer server = start();
        Client client = new Client(server.address())) {
      clock.now = clock.now.plus(Duration.ofMinutes(25));
      client.click("anna", "i5", TIME);
      clock.now = clock.now.plus(Duration.ofMinutes(10));
      server.look();
      assertThat(isOnDisk("anna")).isTrue(); // in the snapshot now
      clock.now = clock.now.plus(Duration.ofMinutes(32));
      server.look();
      assertThat(client.get("/sessions/anna/recommendations").json().path("clicks"))
          .isEmpty();
      assertThat(isOnDisk("anna")).isFalse();
    }
  }

  @Test
  void theClicksOfAForgottenSessionAreOffTheDiskAfterAMinute() throws IOException {
    try (AttuneServer server = start();
        Client client = new Client(server.address())) {
      client.click("anna", "i5", TIME);
      client.click("bert", "i6", TIME);
      client.delete("/sessions/anna");
      assertThat(isOnDisk("anna")).isTrue();
      clock.now = clock.now.plus(Duration.ofSeconds(61));
      server.look();
      assertThat(isOnDisk("anna")).isFalse();
      assertThat(isOnDisk("bert")).isTrue();
    }
  }

  /** A server in a process of its own; it prints its port, and runs until it is killed. */
  static final class Child {
    private Child() {}

    public static void main(String[] args) throws IOException, InterruptedException {
      AttuneServer server = AttuneServer.builder(
              Path.of(args[0]), Clock.systemUTC(), Ticker.systemTicker())
          .address(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
          .state(Path.of(args[1]))
          .start();
      System.out.println(server.address().getPort());
      System.out.flush();
      new CountDownLatch(1).await();
    }
  }

  @Test
  void noAcknowledgedClickIsLostWhenTheProcessIsKilled() throws Exception {
    Map<String, Long> acknowledged = new ConcurrentHashMap<>(); // time by session and item
    Random random = new Random(SEED);
    for (int round = 0; round < KILLS; round++) {
      Process child = new ProcessBuilder(
              Path.of(System.getProperty("java.home"), "bin", "java").toString(),
              "-cp",
              System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
              Child.class.getName(),
              model.toString(),
              state.toString())
          .redirectError(ProcessBuilder.Redirect.DISCARD)
          .start();
      try (BufferedReader out = child.inputReader();
          ExecutorService threads = Executors.newFixedThreadPool(3)) {
        InetSocketAddress address = new InetSocketAddress(
            InetAddress.getLoopbackAddress(), Integer.parseInt(String.valueOf(out.readLine())));
        try (Client client = new Client(address)) {
          acknowledged.forEach((key, time) -> {
            String[] click = key.split(" ", 2);
            Reply again = client.click(click[0], click[1], time);
            assertThat(again.json().path("replay").asBoolean()).as(key).isTrue();
          });
        }
        int wanted = acknowledged.size() + 1 + random.nextInt(150);
        List<Future<?>> visitors = new ArrayList<>();
        CountDownLatch enough = new CountDownLatch(1);
        for (int visitor = 0; visitor < 3; visitor++) {
          String session = "s" + round + "-" + visitor;
          visitors.add(threads.submit(() -> {
            try (Client client = new Client(address)) {
              for (int click = 0; click < 200; click++) {
                String item = "i" + (1 + click % 30) + "x" + click;
                if (client.click(session, item, TIME + click).status() == 200) {
                  acknowledged.put(session + " " + item, TIME + click);
                }
                if (acknowledged.size() >= wanted) {
                  enough.countDown();
                }
              }
            } catch (UncheckedIOException e) {
              // It was killed: this click was not acknowledged.
            }
          }));
        }
        enough.await();
        child.destroyForcibly().waitFor();
        for (Future<?> each : visitors) {
          each.get();
        }
      } finally {
        child.destroyForcibly();
      }
    }
    try (ClickJournal journal = ClickJournal.open(state, entry -> {}, notices::add)) {
      assertThat(journal.bytes()).isZero();
    }
    assertThat(acknowledged).isNotEmpty();
  }
}
