package io.attune.opensearch.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A node: a process of its own, with the server's real main class and its agent. */
public final class ServerNode {
  private static final int GRACE_SECONDS = 15;

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
   * Starts a node, without waiting for it.
   *
   * @param home with the files of {@link ServerFiles#install}
   * @param port of HTTP
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
        // Without its native part the server cannot tell that it runs as root, which it refuses.
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

  /** The port of HTTP. */
  public int port() {
    return port;
  }

  /** A client of it. */
  public Http http() {
    return http;
  }

  /** Where models are put: a directory each. */
  public Path models() {
    return home.resolve("config/attune");
  }

  /** Whether its process runs. */
  public boolean isAlive() {
    return process.isAlive();
  }

  /** What it said last, for messages. */
  String lastWords() throws IOException {
    List<String> lines = Files.readAllLines(home.resolve("logs/console.log"));
    return String.join("\n", lines.subList(Math.max(0, lines.size() - 30), lines.size()));
  }

  /** Ends it at once, as {@code kill -9} does. */
  public void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /** Ends it in order, or at once where that takes too long. */
  void stop() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(GRACE_SECONDS, TimeUnit.SECONDS)) {
      kill();
    }
  }
}
