package io.attune.opensearch.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Some nodes on the loopback interface that form a cluster. Closing it ends their processes. */
public final class LocalCluster implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final int PAUSE_MILLIS = 200;

  private final List<ServerNode> nodes = new ArrayList<>();
  private final Thread atExit = new Thread(this::killAll, "ends the nodes");

  private LocalCluster() {}

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
    List<Integer> ports = freePorts(2 * count);
    String seeds = IntStream.range(0, count)
        .mapToObj(i -> "\"127.0.0.1:" + ports.get(count + i) + "\"")
        .collect(Collectors.joining(", ", "[", "]"));
    String names = IntStream.range(0, count)
        .mapToObj(LocalCluster::name)
        .collect(Collectors.joining(", ", "[", "]"));
    LocalCluster cluster = new LocalCluster();
    Runtime.getRuntime().addShutdownHook(cluster.atExit);
    try {
      for (int i = 0; i < count; i++) {
        Path home = folder.resolve(name(i)).toAbsolutePath();
        files.install(home);
        preparation.prepare(home.resolve("config/attune"));
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
        cluster.nodes.add(ServerNode.start(files, home, ports.get(i), settings, jvm));
      }
      cluster.await("/_cluster/health?wait_for_nodes=" + count + "&timeout=1s");
      return cluster;
    } catch (IOException | InterruptedException | RuntimeException e) {
      cluster.close();
      throw e;
    }
  }

  private static String name(int node) {
    return "node-" + (node + 1);
  }

  /** The nodes, those that were killed included. */
  public List<ServerNode> nodes() {
    return List.copyOf(nodes);
  }

  /** A node. */
  public ServerNode node(int i) {
    return nodes.get(i);
  }

  /** Waits until each shard and replica of an index is in place. */
  public void awaitGreen(String index) throws IOException, InterruptedException {
    await("/_cluster/health/" + index + "?wait_for_status=green&timeout=1s");
  }

  /** Asks each node that lives, until all say that what they waited for is so. */
  private void await(String health) throws IOException, InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    for (ServerNode node : nodes) {
      while (node.isAlive() && !isHealthy(node, health)) {
        if (System.nanoTime() - end > 0) {
          throw new IOException("a node did not answer " + health + " within "
              + PATIENCE.toMinutes() + " minutes; its last words:\n" + node.lastWords());
        }
        Thread.sleep(PAUSE_MILLIS);
      }
      if (!node.isAlive()) {
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

  private static List<Integer> freePorts(int count) throws IOException {
    List<ServerSocket> sockets = new ArrayList<>();
    try {
      for (int i = 0; i < count; i++) {
        sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
      }
      return sockets.stream().map(ServerSocket::getLocalPort).toList();
    } finally {
      for (ServerSocket socket : sockets) {
        socket.close();
      }
    }
  }

  @Override
  public void close() {
    try {
      for (ServerNode node : nodes) {
        node.stop();
      }
      Runtime.getRuntime().removeShutdownHook(atExit);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      killAll();
    }
  }

  private void killAll() {
    for (ServerNode node : nodes) {
      try {
        node.kill();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
