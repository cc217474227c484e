package io.attune.opensearch.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A node in a process of its own, started with OpenSearch's main class and agent. */
public final class ServerNode {
  private static final int STOP_TIMEOUT_SECONDS = 15;

  private final Path home;
  private final int port;
  private final Http http;
  private final Process process;

  private ServerNode(Path home, int port, Process process) {
    this.home = home;
    this.port = port;
    this.process = process;
    http = new Http(port);
  }

  /**
   * Starts a node without waiting for it.
   *
   * @param home installed by {@link ServerFiles#install}
   * @param port the HTTP port
   * @param settings lines of {@code opensearch.yml}
   * @param jvm options of its JVM
   */
  static ServerNode start(
      ServerFiles files, Path home, int port, List<String> settings, List<String> jvm)
      throws IOException {
    Files.write(home.resolve("config/opensearch.yml"), settings);
    Path agent = files.folder().resolve("agent");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(jvm);
    command.addAll(List.of(
        "--add-modules",
        "jdk.incubator.vector",
        "--enable-native-access=ALL-UNNAMED",
        "-Xbootclasspath/a:" + agent.resolve("opensearch-agent-bootstrap.jar")
            + System.getProperty("path.separator") + agent.resolve("byte-buddy.jar"),
        "-javaagent:" + agent.resolve("opensearch-agent.jar"),
        // Without native code OpenSearch cannot detect that it runs as root, which it would refuse.
        "-Djna.nounpack=true",
        "-Djna.nosys=true",
        "-Djava.io.tmpdir=" + home.resolve("tmp"),
        "-Dopensearch.path.home=" + home,
        "-Dopensearch.path.conf=" + home.resolve("config"),
        "-Dopensearch.distribution.type=tar",
        "-cp",
        files.folder().resolve("lib") + "/*",
        "org.opensearch.bootstrap.OpenSearch"));
    ProcessBuilder builder = new ProcessBuilder(command)
        .directory(home.toFile())
        .redirectErrorStream(true)
        .redirectOutput(home.resolve("logs/console.log").toFile());
    return new ServerNode(home, port, builder.start());
  }

  /** The HTTP port. */
  public int port() {
    return port;
  }

  /** A client of the node. */
  public Http http() {
    return http;
  }

  /** The directory that models are read from. */
  public Path models() {
    return home.resolve("config/attune");
  }

  /** Whether the process is running. */
  public boolean isAlive() {
    return process.isAlive();
  }

  /** The end of its log, for messages. */
  String logTail() throws IOException {
    List<String> lines = Files.readAllLines(home.resolve("logs/console.log"));
    return String.join("\n", lines.subList(Math.max(0, lines.size() - 30), lines.size()));
  }

  /** Kills the process, like {@code kill -9}. */
  public void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /** Ends the process, forcibly if it does not end in time. */
  void stop() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(STOP_TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
      kill();
    }
  }
}
