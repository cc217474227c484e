package io.attune.cli;

import com.github.benmanes.caffeine.cache.Ticker;
import io.attune.evaluation.Figures;
import io.attune.lucene.Blend;
import io.attune.lucene.ItemIndex;
import io.attune.server.AttuneServer;
import io.attune.server.ServerLimits;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexNotFoundException;
import org.apache.lucene.store.ByteBuffersDirectory;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code attune serve}: serves a model over HTTP until it is stopped. */
@Command(
    name = "serve",
    description = "Serves a model over HTTP: clicks in, recommendations and re-ranked hits out.",
    mixinStandardHelpOptions = true,
    versionProvider = Attune.Version.class,
    sortOptions = false,
    footerHeading = "%nExample:%n",
    footer = "  attune serve --model model --items items.tsv")
final class ServeCommand implements Callable<Integer> {
  @Spec
  private CommandSpec spec;

  @Option(
      names = "--model",
      paramLabel = "MODEL",
      required = true,
      description = "The directory of the model. When it is replaced, the new one comes into use"
          + " within a second.")
  @FileUse(FileUse.Kind.READ_MODEL)
  private Path model = Path.of("");

  @Option(
      names = "--items",
      paramLabel = "ITEMS",
      description = "A file of items, as for attune index. They can be searched, filtered by"
          + " their fields, and nothing else is recommended.")
  @FileUse(FileUse.Kind.READ_FILE)
  private @Nullable Path items;

  @Option(
      names = "--index",
      paramLabel = "INDEX",
      description = "The directory of a Lucene index of the items, instead of --items. What is"
          + " committed to it is seen within a second.")
  @FileUse(FileUse.Kind.READ_INDEX)
  private @Nullable Path index;

  @Option(
      names = "--port",
      paramLabel = "PORT",
      defaultValue = "8080",
      description = "The port; 0 takes a free one (default: ${DEFAULT-VALUE}).")
  @Bounds(min = 0, max = 65_535)
  private int port;

  @Option(
      names = "--host",
      paramLabel = "HOST",
      defaultValue = "127.0.0.1",
      description = "The address to listen on; 0.0.0.0 for all of this machine"
          + " (default: ${DEFAULT-VALUE}, which is reached from this machine only).")
  private String host = "127.0.0.1";

  @Option(
      names = "--token",
      paramLabel = "FILE",
      description = "A file with a secret. Requests that change a session or compare rankings must"
          + " then have it: 'Authorization: Bearer SECRET'.")
  @FileUse(FileUse.Kind.READ_FILE)
  private @Nullable Path token;

  @Option(
      names = "--state",
      paramLabel = "DIR",
      description = "A directory that keeps sessions over a restart. A click that was answered"
          + " survives the end of the process; without this, sessions are in memory alone.")
  @FileUse(FileUse.Kind.WRITE_DIRECTORY)
  private @Nullable Path state;

  @Option(
      names = "--events",
      paramLabel = "FILE",
      description = "A file to which clicks are added, and the hits of searches that compare two"
          + " rankings, as JSON lines for attune compare-online. It has item ids, times and a hash"
          + " of each session's id; no words. Without this, nothing is logged or compared.")
  @FileUse(FileUse.Kind.WRITE_FILE)
  private @Nullable Path events;

  @Mixin
  private RescoringMixin rescoring;

  @Option(
      names = "--sessions",
      paramLabel = "N",
      defaultValue = "100000",
      description = "Sessions in memory at most; a session of many clicks counts as several"
          + " (default: ${DEFAULT-VALUE}).")
  @Bounds(min = 1, max = 100_000_000)
  private int sessions;

  @Option(
      names = "--session-clicks",
      paramLabel = "N",
      defaultValue = "200",
      description = "Clicks kept of a session, the newest; a new model sees these"
          + " (default: ${DEFAULT-VALUE}).")
  @Bounds(min = 1, max = 100_000)
  private int sessionClicks;

  @Option(
      names = "--expire",
      paramLabel = "TIME",
      defaultValue = "30m",
      description = "How long a session is kept after its last click, such as 30m or 12h"
          + " (default: ${DEFAULT-VALUE}).")
  private Duration expiry = Duration.ofMinutes(30);

  @Option(
      names = "--body-bytes",
      paramLabel = "N",
      defaultValue = "1048576",
      description = "Size of a request's body at most (default: ${DEFAULT-VALUE}).")
  @Bounds(min = 64, max = 1 << 30)
  private int bodyBytes;

  @Option(
      names = "--requests",
      paramLabel = "N",
      defaultValue = "256",
      description = "Requests under way at most; a further one is refused with status 429"
          + " (default: ${DEFAULT-VALUE}).")
  @Bounds(min = 1, max = 100_000)
  private int requests;

  @Option(
      names = "--budget",
      paramLabel = "MS",
      defaultValue = "200",
      description = "Milliseconds for a search; what is not re-ranked by then keeps the order by"
          + " words (default: ${DEFAULT-VALUE}).")
  @Bounds(min = 1, max = 600_000)
  private int budget;

  @Override
  public Integer call() throws IOException, CommandFailure {
    if (items != null && index != null) {
      throw WrongUsage.of(spec, "--items and --index cannot be combined");
    }
    InetSocketAddress address = new InetSocketAddress(hostAddress(), port);
    Console console = Console.of(spec);
    if (!address.getAddress().isLoopbackAddress() && token == null) {
      console.warn("anybody who reaches " + host + " can change sessions; see --token");
    }
    try (Directory directory = directory()) {
      run(builder(address, directory, console), model, spec.root().commandLine().getOut());
    } catch (IndexNotFoundException e) {
      throw new CommandFailure(index + ": holds no Lucene index; attune index creates one");
    }
    return 0;
  }

  /**
   * Runs a server until the process is asked to end, or this thread is interrupted.
   *
   * @param model the model's directory, for messages
   */
  static void run(AttuneServer.Builder builder, Path model, PrintWriter stdout)
      throws IOException, CommandFailure {
    try (AttuneServer server = builder.start()) {
      InetSocketAddress listening = server.address();
      String shown = listening.getAddress().getHostAddress();
      stdout.println("serving " + model + " at http://"
          + (shown.contains(":") ? "[" + shown + "]" : shown) + ":" + listening.getPort());
      stdout.flush();
      waitForTheEnd(server);
    } catch (UnsupportedOperationException e) {
      throw new CommandFailure(model + ": " + e.getMessage());
    }
  }

  private InetAddress hostAddress() {
    try {
      return InetAddress.getAllByName(host)[0];
    } catch (UnknownHostException e) {
      throw WrongUsage.of(spec, "--host: no address is known for '" + host + "'");
    }
  }

  /** The index: of a directory, or in memory; empty without items. */
  private Directory directory() throws IOException {
    return index == null ? new ByteBuffersDirectory() : FSDirectory.open(index);
  }

  private AttuneServer.Builder builder(
      InetSocketAddress address, Directory directory, Console console)
      throws IOException, CommandFailure {
    Float weight = rescoring.weight();
    AttuneServer.Builder builder = AttuneServer.builder(
            model, Clock.systemUTC(), Ticker.systemTicker())
        .address(address)
        .ranking(rescoring
            .settings()
            .withBlend(
                weight == null ? null : new Blend.Weighted(weight, Blend.Normalization.MIN_MAX)))
        .limits(new ServerLimits(
            bodyBytes,
            sessionClicks,
            sessions,
            expiry,
            requests,
            Duration.ofMillis(budget),
            ServerLimits.defaults().grace()))
        .notices(console::line);
    if (token != null) {
      builder.token(secret(token));
    }
    if (state != null) {
      builder.state(state);
    }
    if (events != null) {
      builder.events(events);
    }
    if (items != null) {
      List<ItemIndex.Item> read = ItemsFile.read(items);
      try {
        console.line(Figures.count(ItemIndex.write(directory, read).items(), "item"));
      } catch (IllegalArgumentException e) {
        throw new CommandFailure(items + ": " + e.getMessage());
      }
    }
    if (items != null || index != null) {
      builder.index(DirectoryReader.open(directory), rescoring.idField());
    }
    return builder;
  }

  private static String secret(Path file) throws IOException, CommandFailure {
    String secret = Files.readString(file).strip();
    if (secret.isEmpty() || secret.lines().count() > 1) {
      throw new CommandFailure(file + ": expected a secret, one line of text");
    }
    return secret;
  }

  /** Waits until the process is asked to end, or this thread is interrupted. */
  private static void waitForTheEnd(AttuneServer server) throws IOException {
    CountDownLatch ended = new CountDownLatch(1);
    Thread hook = new Thread(() -> {
      try {
        server.close();
      } catch (IOException e) {
        // The process ends anyway.
      }
      ended.countDown();
    });
    Runtime.getRuntime().addShutdownHook(hook);
    try {
      ended.await();
    } catch (InterruptedException e) {
      Runtime.getRuntime().removeShutdownHook(hook);
    }
  }
}
