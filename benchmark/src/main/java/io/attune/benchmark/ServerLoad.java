package io.attune.benchmark;

import com.github.benmanes.caffeine.cache.Ticker;
import com.sun.management.OperatingSystemMXBean;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.attune.model.Model;
import io.attune.server.AttuneServer;
import io.attune.serving.ServingModel;
import io.attune.serving.SessionVector;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * A server under load on this machine, which the clients share: connections that are kept, each
 * with one request at a time, half of them clicks and half recommendations of 20 of 43,097 items.
 * Beside it, in turn, the JDK's server alone, which answers "hello" as large as a recommendation.
 * The model is replaced after each part, and the heap measured after a collection.
 *
 * <pre>
 * mvn -q -Pbenchmark -DskipTests verify -pl benchmark -am \
 *     -Dbenchmark.main=io.attune.benchmark.ServerLoad -Dbenchmark.flags=-Xmx1g \
 *     -Dbenchmark="100000 8 10"
 * </pre>
 *
 * <p>The arguments are the number of requests, of connections, and of parts. Before it is timed,
 * the answer to a visit is compared with that of the library.
 */
public final class ServerLoad {
  private static final int ITEMS = 43_097;
  private static final int D = 100;
  private static final int VISITORS = 20_000;
  private static final int HELLO_BYTES = 1400;

  private ServerLoad() {}

  /** A connection that is kept. */
  private static final class Connection implements AutoCloseable {
    private final Socket socket;
    private final InputStream in;

    Connection(InetSocketAddress address) throws IOException {
      socket = new Socket(address.getAddress(), address.getPort());
      socket.setTcpNoDelay(true);
      in = new BufferedInputStream(socket.getInputStream(), 1 << 14);
    }

    /** Sends a request and reads its answer, which must have status 200. */
    byte[] send(String request) throws IOException {
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      String status = line();
      int length = 0;
      for (String header = line(); !header.isEmpty(); header = line()) {
        if (header.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
          length = Integer.parseInt(header.substring(15).strip());
        }
      }
      byte[] body = in.readNBytes(length);
      if (!status.contains(" 200 ")) {
        throw new IOException(status + ": " + new String(body, StandardCharsets.UTF_8));
      }
      return body;
    }

    private String line() throws IOException {
      StringBuilder line = new StringBuilder();
      for (int b = in.read(); b != '\n'; b = in.read()) {
        if (b < 0) {
          throw new IOException("the connection was closed");
        }
        if (b != '\r') {
          line.append((char) b);
        }
      }
      return line.toString();
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  /** Makes a request. */
  @FunctionalInterface
  private interface Requests {
    String next(SplittableRandom random);
  }

  public static void main(String[] args) throws Exception {
    int requests = args.length > 0 ? Integer.parseInt(args[0]) : 100_000;
    int connections = args.length > 1 ? Integer.parseInt(args[1]) : 8;
    int parts = args.length > 2 ? Integer.parseInt(args[2]) : 10;
    SplittableRandom random = new SplittableRandom(1);
    Path directory = Files.createTempDirectory("server-load").resolve("model");
    Model model = DrawnModels.save(directory, random, ITEMS, D);
    HttpServer hello =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1024);
    try (AttuneServer server = AttuneServer.builder(
                directory, Clock.systemUTC(), Ticker.systemTicker())
            .address(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .start();
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      hello.createContext("/", ServerLoad::hello);
      hello.setExecutor(threads);
      hello.start();
      check(server, model);
      run(server.address(), requests / parts, connections, ServerLoad::mixed); // warms up
      run(hello.getAddress(), requests / parts, connections, r -> get("/hello"));
      System.out.println(
          "             requests/s   p50 ms   p99 ms   max ms   heap MiB   µs of processor each");
      for (int part = 0; part < parts; part++) {
        print("hello", run(hello.getAddress(), requests / parts, connections, r -> get("/hello")));
        print("server", run(server.address(), requests / parts, connections, ServerLoad::mixed));
        DrawnModels.save(directory, random, ITEMS, D);
        server.look();
      }
    } finally {
      hello.stop(0);
    }
  }

  private static void hello(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = "hello".repeat(HELLO_BYTES / 5).getBytes(StandardCharsets.US_ASCII);
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
    }
  }

  private static String get(String path) {
    return "GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n";
  }

  private static String click(String visitor, int item) {
    String body = "{\"item\":\"" + DrawnModels.id(item) + "\"}";
    return "POST /sessions/" + visitor + "/clicks HTTP/1.1\r\nHost: x\r\nContent-Type:"
        + " application/json\r\nContent-Length: " + body.length() + "\r\n\r\n" + body;
  }

  private static String mixed(SplittableRandom random) {
    String visitor = "v" + random.nextInt(VISITORS);
    return random.nextBoolean()
        ? click(visitor, 1 + random.nextInt(ITEMS))
        : get("/sessions/" + visitor + "/recommendations?k=20");
  }

  /** Compares the first item with a plain scan. */
  private static void check(AttuneServer server, Model model) throws IOException {
    try (Connection connection = new Connection(server.address())) {
      connection.send(click("check", 7));
      connection.send(click("check", 4711));
      String answer = new String(
          connection.send(get("/sessions/check/recommendations?k=1")), StandardCharsets.UTF_8);
      ServingModel serving = ServingModel.of(model);
      SessionVector vector = serving.vector(List.of(DrawnModels.id(7), DrawnModels.id(4711)));
      int best = serving.items().top(vector.query(), 1, row -> true).rows()[0];
      if (!answer.contains("\"id\":\"" + DrawnModels.id(best) + "\"")) {
        throw new IllegalStateException("expected " + DrawnModels.id(best) + ": " + answer);
      }
    }
  }

  /**
   * What a run took.
   *
   * @param times of requests, in nanoseconds
   * @param nanos of all
   * @param processorNanos of the process, clients included
   */
  private record Result(Histogram times, long nanos, long processorNanos) {}

  private static Result run(InetSocketAddress address, int requests, int connections, Requests next)
      throws InterruptedException, ExecutionException {
    Histogram times = new Histogram(TimeUnit.MINUTES.toNanos(1), 3);
    long processor = processorNanos();
    long start = System.nanoTime();
    try (ExecutorService threads = Executors.newFixedThreadPool(connections)) {
      List<Future<Histogram>> clients = new ArrayList<>();
      for (int client = 0; client < connections; client++) {
        SplittableRandom random = new SplittableRandom(client);
        clients.add(threads.submit(() -> client(address, requests / connections, next, random)));
      }
      for (Future<Histogram> each : clients) {
        times.add(each.get());
      }
    }
    return new Result(times, System.nanoTime() - start, processorNanos() - processor);
  }

  private static Histogram client(
      InetSocketAddress address, int requests, Requests next, SplittableRandom random) {
    Histogram times = new Histogram(TimeUnit.MINUTES.toNanos(1), 3);
    try (Connection connection = new Connection(address)) {
      for (int i = 0; i < requests; i++) {
        String request = next.next(random);
        long start = System.nanoTime();
        connection.send(request);
        times.recordValue(System.nanoTime() - start);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return times;
  }

  private static long processorNanos() {
    return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
  }

  private static void print(String name, Result result) {
    System.gc();
    long heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    Histogram times = result.times;
    System.out.printf(
        Locale.ROOT,
        "%-10s %12.0f %8.2f %8.2f %8.1f %10d %22.0f%n",
        name,
        times.getTotalCount() / (result.nanos / 1e9),
        times.getValueAtPercentile(50) / 1e6,
        times.getValueAtPercentile(99) / 1e6,
        times.getMaxValue() / 1e6,
        heap >> 20,
        result.processorNanos / 1e3 / times.getTotalCount());
  }
}
