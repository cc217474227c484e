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
 * Some nodes on the loopback interface that form a cluster. Closing it ends their processes, and so
 * does a signal that ends this one.
 */
public final class LocalCluster implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final int PAUSE_MILLIS = 200;

  private static final int FIRST_PORT = 9200; // the server's own

  private final List<ServerNode> nodes = new ArrayList<>();
  private final Path folder;
  private final boolean temporary;
  private final Thread atExit = new Thread(this::end, "ends the nodes");
  private boolean ended;

  private LocalCluster(Path folder, boolean temporary) {
    this.folder = folder;
    this.temporary = temporary;
  }

  /** Puts something into the home of a node before it starts. */
  @FunctionalInterface
  public interface Preparation {
    /** Prepares a node whose models go into the folder. */
    void prepare(Path models) throws IOException;
  }

  /**
   * Starts a cluster and waits until it is one.
   *
   * @param folder empty; each node's home lies below
   * @param count of nodes
   * @param jvm options of each JVM, such as {@code -Xmx256m}
   * @param preparation of each node
   * @throws IOException when a node does not come up; its last words are in the message
   */
  public static LocalCluster start(
      ServerFiles files, Path folder, int count, List<String> jvm, Preparation preparation)
      throws IOException, InterruptedException {
    LocalCluster cluster = new LocalCluster(folder, false);
    cluster.start(files, count, jvm, preparation);
    return cluster;
  }

  /**
   * The same in a folder that goes when the cluster does, whether it is closed or a signal ends
   * this process.
   *
   * @param folder empty
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

  /** Adds a node, unless a signal has come: what is started after it would never end. */
  private synchronized void add(
      ServerFiles files,
      Path home,
      int port,
      List<String> settings,
      List<String> jvm,
      Preparation preparation)
      throws IOException {
    requireGoingOn();
    files.install(home);
    preparation.prepare(home.resolve("config/attune"));
    nodes.add(ServerNode.start(files, home, port, settings, jvm));
  }

  private static String name(int node) {
    return "node-" + (node + 1);
  }

  /** The nodes, those that were killed included. */
  public synchronized List<ServerNode> nodes() {
    return List.copyOf(nodes);
  }

  /** A node. */
  public synchronized ServerNode node(int i) {
    return nodes.get(i);
  }

  /** Waits until each shard and replica of an index is in place. */
  public void awaitGreen(String index) throws IOException, InterruptedException {
    await("/_cluster/health/" + index + "?wait_for_status=green&timeout=1s");
  }

  private synchronized void requireGoingOn() throws IOException {
    if (ended) {
      throw new IOException("the cluster was ended while it started");
    }
  }

  /** Asks each node that lives, until all say that what they waited for is so. */
  private void await(String health) throws IOException, InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    for (ServerNode node : nodes()) {
      while (node.isAlive() && !isHealthy(node, health)) {
        if (System.nanoTime() - end > 0) {
          throw new IOException("a node did not answer " + health + " within "
              + PATIENCE.toMinutes() + " minutes; its last words:\n" + node.lastWords());
        }
        Thread.sleep(PAUSE_MILLIS);
      }
      if (!node.isAlive()) {
        requireGoingOn();
        throw new IOException("a node ended; its last words:\n" + node.lastWords());
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

  /** The server's usual port first, where it is free: what people paste goes there. */
  private static List<Integer> freePorts(int count) throws IOException {
    List<ServerSocket> sockets = new ArrayList<>();
    try {
      for (int i = 0; i < count; i++) {
        sockets.add(i == 0 ? usualPort() : anyPort());
      }
      return sockets.stream().map(ServerSocket::getLocalPort).toList();
    } finally {
      for (ServerSocket socket : sockets) {
        socket.close();
      }
    }
  }

  private static ServerSocket usualPort() throws IOException {
    try {
      return new ServerSocket(FIRST_PORT, 1, InetAddress.getLoopbackAddress());
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
      // It runs already.
    }
  }

  /** Ends what still runs, at once, and removes a temporary folder. */
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
