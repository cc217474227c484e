package io.attune.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.github.benmanes.caffeine.cache.Ticker;
import io.attune.lucene.ItemIndex;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.store.ByteBuffersDirectory;
import org.apache.lucene.store.Directory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Requests that are right but for a few changes, and some that are not: each is answered, none by a
 * failure of the server.
 *
 * <p>More of them: {@code mvn test -pl server -am -Dtest=FuzzTest
 * -Dsurefire.failIfNoSpecifiedTests=false -Dattune.fuzz.inputs=1000000 -Dattune.fuzz.seed=7}
 */
class FuzzTest {
  private static final int INPUTS = Integer.getInteger("attune.fuzz.inputs", 2000);
  private static final long SEED = Long.getLong("attune.fuzz.seed", 1);
  private static final Set<Integer> REFUSALS = Set.of(400, 401, 404, 405, 413, 415);

  /** A request that is right. */
  private record Template(String method, String target, String body) {}

  private static final List<Template> TEMPLATES = List.of(
      new Template("POST", "/sessions/anna/clicks", "{\"item\":\"i5\",\"time\":1764288000000}"),
      new Template(
          "POST",
          "/sessions/b%20t/clicks",
          "{\"item\":\"\\u00e4\",\"time\":\"2025-11-28T00:00:00Z\"}"),
      new Template(
          "POST",
          "/rerank",
          "{\"session\":\"anna\",\"query\":\"shoe\",\"hits\":[{\"id\":\"i1\",\"score\":3.5},"
              + "{\"id\":\"x\",\"score\":-2e-3}]}"),
      new Template(
          "POST",
          "/rerank",
          "{\"clicks\":[\"i1\",{\"item\":\"i2\",\"time\":1764288000001}],\"hits\":[]}"),
      new Template(
          "POST",
          "/rerank",
          "{\"session\":\"anna\",\"compare\":\"words,fixed\",\"k\":1,\"device\":\"phone\","
              + "\"hits\":[{\"id\":\"i1\",\"score\":1},{\"id\":\"i2\",\"score\":0}]}"),
      new Template(
          "GET", "/sessions/anna/recommendations?k=5&filter=brand%3Dacme&filter=title=red+x", ""),
      new Template("GET", "/search?q=red+shoe&session=anna&k=3", ""),
      new Template(
          "GET", "/search?q=red+shoe&session=anna&k=3&compare=words,fixed&device=phone", ""),
      new Template("DELETE", "/sessions/anna", ""),
      new Template("GET", "/models", ""),
      new Template("GET", "/health", ""),
      new Template("HEAD", "/metrics", ""),
      new Template("GET", "/openapi.json", ""),
      new Template("GET", "/", ""));

  /** What tends to be misread. */
  private static final List<String> TOKENS = List.of(
      "%00",
      "%",
      "%C3",
      "%2F",
      "%2e%2e/",
      "../",
      "//",
      "?",
      "&",
      "=",
      "#",
      "+",
      ";",
      "\\",
      "\"",
      "{",
      "}",
      "[",
      "]",
      "[[[[[[[[[[[[",
      ",",
      ":",
      "null",
      "true",
      "1e999",
      "-0",
      "NaN",
      "1".repeat(80),
      "\\ud800",
      "\\u0000",
      "ä",
      "\u202e",
      "\ud83d\ude00",
      "'",
      "<script>",
      "{\"a\":",
      "k=",
      "filter=",
      "session=",
      "q=",
      "item",
      "hits",
      "sessions",
      " ",
      "*");

  private static final List<String> TYPES =
      List.of("application/json; charset=utf-8", "text/plain", "", "application/json;", "json/\"");

  @TempDir
  private Path folder;

  private final Random random = new Random(SEED);

  /** A connection that is kept while the server keeps it. */
  private static final class Connection implements AutoCloseable {
    private final Socket socket;
    private final InputStream in;

    Connection(InetSocketAddress address) throws IOException {
      socket = new Socket(address.getAddress(), address.getPort());
      socket.setSoTimeout(30_000);
      in = new BufferedInputStream(socket.getInputStream());
    }

    /** An answer. */
    record Reply(int status, boolean isJson, boolean closes, String body) {}

    Reply send(byte[] request, boolean isHead) throws IOException {
      socket.getOutputStream().write(request);
      String first = line();
      int length = 0;
      boolean json = false;
      boolean closes = false;
      for (String header = line(); !header.isEmpty(); header = line()) {
        String lower = header.toLowerCase(Locale.ROOT);
        if (lower.startsWith("content-length:")) {
          length = Integer.parseInt(lower.substring(15).strip());
        }
        json |= lower.equals("content-type: application/json");
        closes |= lower.equals("connection: close");
      }
      byte[] body = in.readNBytes(isHead ? 0 : length);
      return new Reply(
          Integer.parseInt(first.split(" ", 3)[1]),
          json,
          closes,
          new String(body, StandardCharsets.UTF_8));
    }

    private String line() throws IOException {
      ByteArrayOutputStream line = new ByteArrayOutputStream();
      for (int b = in.read(); b != '\n'; b = in.read()) {
        if (b < 0) {
          throw new EOFException("closed after '" + line + "'");
        }
        line.write(b);
      }
      return line.toString(StandardCharsets.ISO_8859_1).strip();
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  @Test
  void noRequestMakesTheServerFail() throws IOException {
    Path directory = folder.resolve("model");
    RandomModel.save(directory, 30, 1);
    List<String> notices = new ArrayList<>();
    Map<Integer, Integer> statuses = new TreeMap<>();
    try (Directory index = new ByteBuffersDirectory()) {
      ItemIndex.write(
          index,
          IntStream.rangeClosed(1, 30)
              .mapToObj(i ->
                  new ItemIndex.Item("i" + i, Map.of("title", "red shoe " + i, "brand", "acme")))
              .toList());
      try (AttuneServer server = AttuneServer.builder(
              directory, Clock.systemUTC(), Ticker.systemTicker())
          .address(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
          .index(DirectoryReader.open(index), "id")
          .limits(limits())
          .events(folder.resolve("events.jsonl"))
          .notices(notices::add)
          .start()) {
        Connection connection = new Connection(server.address());
        for (int i = 0; i < INPUTS; i++) {
          Template template = any(TEMPLATES);
          String method = method(template);
          byte[] request = request(method, template);
          String shown = "input " + i + " of seed " + SEED + ": "
              + new String(request, StandardCharsets.UTF_8);
          Connection.Reply reply;
          try {
            reply = connection.send(request, method.equals("HEAD"));
          } catch (EOFException | SocketException e) {
            // The JDK closes a connection whose request line it cannot read; nothing was answered.
            reply = new Connection.Reply(0, false, true, "");
          }
          check(reply, method, shown);
          statuses.merge(reply.status(), 1, Integer::sum);
          if (reply.closes() || reply.status() == 0 || !reply.isJson()) {
            connection.close();
            connection = new Connection(server.address());
          }
        }
        connection.close();
      }
    }
    assertThat(notices).isEmpty();
    // All kinds of answers were seen, so the requests were neither all right nor all wrong.
    assertThat(statuses).containsKeys(200, 400, 404, 405, 413, 415);
    assertThat(statuses.getOrDefault(0, 0)).isLessThan(INPUTS / 20);
    assertThat(statuses.get(200)).isGreaterThan(INPUTS / 20);
  }

  private static ServerLimits limits() {
    ServerLimits defaults = ServerLimits.defaults();
    return new ServerLimits(
        2000, 10, 100, defaults.expiry(), defaults.requests(), defaults.budget(), defaults.grace());
  }

  private static void check(Connection.Reply reply, String method, String shown)
      throws IOException {
    if (reply.status() == 200 || reply.status() == 0) {
      return;
    }
    assertThat(REFUSALS).as(shown + "\n" + reply.body()).contains(reply.status());
    assertThat(reply.body()).as(shown).doesNotContain("\tat ", "io.attune", "java.");
    if (reply.isJson() && !method.equals("HEAD")) {
      JsonNode problem = JsonMapper.builder().build().readTree(reply.body());
      assertThat(problem.path("error").asText()).as(shown).isNotEmpty();
      assertThat(problem.path("where").asText()).as(shown).isNotEmpty();
      assertThat(problem.path("expected").asText()).as(shown).isNotEmpty();
    }
  }

  private <T> T any(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }

  /** Mostly that of the template. */
  private String method(Template template) {
    return random.nextInt(8) > 0
        ? template.method
        : any(List.of("GET", "POST", "DELETE", "HEAD", "PUT", "OPTIONS", "TRACE", "get", "X"));
  }

  private byte[] request(String method, Template template) throws IOException {
    byte[] target = changed(template.target.getBytes(StandardCharsets.UTF_8));
    byte[] body = changed(template.body.getBytes(StandardCharsets.UTF_8));
    if (random.nextInt(50) == 0) {
      body = any(TOKENS).repeat(2001).getBytes(StandardCharsets.UTF_8);
    }
    String type = random.nextInt(8) > 0 ? "application/json" : any(TYPES);
    ByteArrayOutputStream request = new ByteArrayOutputStream();
    request.write((method + " ").getBytes(StandardCharsets.UTF_8));
    for (byte b : target) {
      if (b != ' ' && b != '\r' && b != '\n') { // which would end it
        request.write(b);
      }
    }
    String headers = " HTTP/1.1\r\nHost: x\r\nContent-Type: " + type + "\r\nContent-Length: "
        + body.length + "\r\n\r\n";
    request.write(headers.getBytes(StandardCharsets.UTF_8));
    request.write(body);
    return request.toByteArray();
  }

  /** Zero to three changes: a byte, a part left out or doubled, a token put in. */
  private byte[] changed(byte[] text) {
    byte[] bytes = text;
    for (int changes = Math.max(0, random.nextInt(6) - 2);
        changes > 0 && bytes.length > 1;
        changes--) {
      int at = random.nextInt(bytes.length);
      int end = Math.min(bytes.length, at + 1 + random.nextInt(8));
      bytes = switch (random.nextInt(5)) {
        case 0 -> joined(bytes, at, new byte[] {(byte) random.nextInt(256)}, at + 1);
        case 1 -> joined(bytes, at, new byte[0], end);
        case 2 -> joined(bytes, end, new byte[0], at);
        case 3 -> joined(bytes, at, new byte[0], bytes.length);
        default -> joined(bytes, at, any(TOKENS).getBytes(StandardCharsets.UTF_8), at);
      };
    }
    return bytes;
  }

  /** The bytes before {@code to}, some others, and the bytes from {@code from}. */
  private static byte[] joined(byte[] bytes, int to, byte[] others, int from) {
    ByteArrayOutputStream joined = new ByteArrayOutputStream();
    joined.write(bytes, 0, to);
    joined.writeBytes(others);
    joined.write(bytes, from, bytes.length - from);
    return joined.toByteArray();
  }
}
