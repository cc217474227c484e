package io.attune.opensearch.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A cluster of nodes on the loopback interface. Its processes end when it is closed, and when a
 * signal ends this process.
 */
public final class LocalCluster implements AutoCloseable {
  private static final Duration STARTUP_TIMEOUT = Duration.ofMinutes(5);
  private static final int POLL_MILLIS = 200;

  private static final int DEFAULT_PORT = 9200; // of OpenSearch

  private final List<ServerNode> nodes = new ArrayList<>();
  private final Path folder;
  private final boolean temporary;
  private final Thread atExit = new Thread(this::end, "ends the nodes");
  private boolean ended;

  private LocalCluster(Path folder, boolean temporary) {
    this.folder = folder;
    this.temporary = temporary;
  }

  /** Prepares the home of a node before it starts. */
  @FunctionalInterface
  public interface Preparation {
    /** Prepares a node whose models are read from a directory. */
    void prepare(Path models) throws IOException;
  }

  /**
   * Starts a cluster and waits until it has formed.
   *
   * @param folder an empty directory, in which each node gets its home
   * @param count number of nodes
   * @param jvm options of each JVM, such as {@code -Xmx256m}
   * @param preparation called for each node
   * @throws IOException if a node does not start, with the end of its log
   */
  public static LocalCluster start(
      ServerFiles files, Path folder, int count, List<String> jvm, Preparation preparation)
      throws IOException, InterruptedException {
    LocalCluster cluster = new LocalCluster(folder, false);
    cluster.start(files, count, jvm, preparation);
    return cluster;
  }

  /**
   * Starts a cluster whose directory is deleted when it is closed or a signal ends this process.
   *
   * @param folder an empty directory
   */
  static LocalCluster temporary(
      ServerFiles files, Path folder, int count, List<String> jvm, Preparation preparation)
      throws IOException, InterruptedException {
    LocalCluster cluster = new LocalCluster(folder, true);
    cluster.start(files, count, jvm, preparation);
    return cluster;
  }

  private void start(ServerFiles files, int count, List<String> jvm, Preparation preparation)
      throws IOException, InterruptedException {
    Runtime.getRuntime().addShutdownHook(atExit);
    List<Integer> ports = freePorts(2 * count);
    String seeds = IntStream.range(0, count)
        .mapToObj(i -> "\"127.0.0.1:" + ports.get(count + i) + "\"")
        .collect(Collectors.joining(", ", "[", "]"));
    String names = IntStream.range(0, count)
        .mapToObj(LocalCluster::name)
        .collect(Collectors.joining(", ", "[", "]"));
    try {
      for (int i = 0; i < count; i++) {
        List<String> settings = List.of(
            "cluster.name: attune",
            "node.name: " + name(i),
            "network.host: 127.0.0.1",
            "http.port: " + ports.get(i),
            "transport.port: " + ports.get(count + i),
            "discovery.seed_hosts: " + seeds,
            "cluster.initial_cluster_manager_nodes: " + names,
            "node.processors: 1",
            "cluster.routing.allocation.disk.threshold_enabled: false",
            "attune.models.refresh: 1s");
        add(
            files,
            folder.resolve(name(i)).toAbsolutePath(),
            ports.get(i),
            settings,
            jvm,
            preparation);
      }
      await("/_cluster/health?wait_for_nodes=" + count + "&timeout=1s");
    } catch (IOException | InterruptedException | RuntimeException e) {
      close();
      throw e;
    }
  }

  /**
   * Adds a node, unless the cluster has been ended: nothing would end a node that is started
   * afterwards.
   */
  private synchronized void add(
      ServerFiles files,
      Path home,
      int port,
      List<String> settings,
      List<String> jvm,
      Preparation preparation)
      throws IOException {
    requireRunning();
    files.install(home);
    preparation.prepare(home.resolve("config/attune"));
    nodes.add(ServerNode.start(files, home, port, settings, jvm));
  }

  private static String name(int node) {
    return "node-" + (node + 1);
  }

  /** All nodes, including those that were killed. */
  public synchronized List<ServerNode> nodes() {
    return List.copyOf(nodes);
  }

  /** The {@code i}-th node, from 0. */
  public synchronized ServerNode node(int i) {
    return nodes.get(i);
  }

  /** Waits until all shards and replicas of an index are allocated. */
  public void awaitGreen(String index) throws IOException, InterruptedException {
    await("/_cluster/health/" + index + "?wait_for_status=green&timeout=1s");
  }

  private synchronized void requireRunning() throws IOException {
    if (ended) {
      throw new IOException("the cluster was ended while it started");
    }
  }

  /** Polls the health of each live node until it is as requested. */
  private void await(String health) throws IOException, InterruptedException {
    long end = System.nanoTime() + STARTUP_TIMEOUT.toNanos();
    for (ServerNode node : nodes()) {
      while (node.isAlive() && !isHealthy(node, health)) {
        if (System.nanoTime() - end > 0) {
          throw new IOException("a node did not respond to " + health + " within "
              + STARTUP_TIMEOUT.toMinutes() + " minutes; the end of its log:\n" + node.logTail());
        }
        Thread.sleep(POLL_MILLIS);
      }
      if (!node.isAlive()) {
        requireRunning();
        throw new IOException("a node ended; the end of its log:\n" + node.logTail());
      }
    }
  }

  private static boolean isHealthy(ServerNode node, String health) throws InterruptedException {
    try {
      Http.Answer answer = node.http().send("GET", health, "");
      JsonNode timedOut = answer.body().path("timed_out");
      return answer.status() == 200 && timedOut.isBoolean() && !timedOut.asBoolean();
    } catch (IOException e) {
      return false; // not yet listening
    }
  }

  /**
   * Free ports, the first of them the default port if it is free, so that commands can be pasted
   * unchanged.
   */
  private static List<Integer> freePorts(int count) throws IOException {
    List<ServerSocket> sockets = new ArrayList<>();
    try {
      for (int i = 0; i < count; i++) {
        sockets.add(i == 0 ? defaultPort() : anyPort());
      }
      return sockets.stream().map(ServerSocket::getLocalPort).toList();
    } finally {
      for (ServerSocket socket : sockets) {
        socket.close();
      }
    }
  }

  private static ServerSocket defaultPort() throws IOException {
    try {
      return new ServerSocket(DEFAULT_PORT, 1, InetAddress.getLoopbackAddress());
    } catch (BindException e) {
      return anyPort();
    }
  }

  private static ServerSocket anyPort() throws IOException {
    return new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
  }

  @Override
  public void close() {
    try {
      for (ServerNode node : nodes()) {
        node.stop();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    end();
    try {
      Runtime.getRuntime().removeShutdownHook(atExit);
    } catch (IllegalStateException e) {
      // already running
    }
  }

  /** Kills all running nodes and deletes a temporary directory. */
  private synchronized void end() {
    ended = true;
    for (ServerNode node : nodes) {
      try {
        node.kill();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    if (temporary && Files.exists(folder)) {
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      } catch (IOException e) {
        throw new UncheckedIOException("cannot remove " + folder, e);
      }
    }
  }
}
