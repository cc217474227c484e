package io.attune.server;

import com.github.benmanes.caffeine.cache.Ticker;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.attune.lucene.ItemDocuments;
import io.attune.lucene.SessionRescorer;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.lucene.index.DirectoryReader;
import org.jspecify.annotations.Nullable;

/**
 * A model over HTTP. The endpoints, their parameters and answers are described in
 * {@code openapi.json}, which the server has at {@code /openapi.json}. At {@code /} is a page to
 * look at: a small shop over the model.
 *
 * <p>It is the JDK's server with a virtual thread for each request. Bad input is answered with a
 * status from 400 and a JSON object of what is wrong, where, and what was expected. A model that is
 * replaced in its directory, and new documents of the index, come into use within a second; each
 * answer is that of one model.
 *
 * <p>Sessions are in memory, and on disk if {@link Builder#state} says where. There is no
 * encryption: a server that is reached from elsewhere belongs behind a proxy that has it.
 *
 * <p>Sets the JDK's properties {@code sun.net.httpserver.nodelay} (true), {@code maxReqTime} (10
 * seconds) and {@code maxIdleConnections} (10,000) where they are not set; they hold for all such
 * servers of the process that are created later.
 *
 * <p>Thread-safe. Holds no native memory.
 */
public final class AttuneServer implements AutoCloseable {
  private static final int BACKLOG = 1024;
  private static final Duration LOOK_INTERVAL = Duration.ofSeconds(1);

  /**
   * Without the first, an answer waits for the client's delayed acknowledgement of its header: 40
   * ms. Without the second, a client that sends a byte a minute is waited for.
   */
  private static final Map<String, String> JDK_PROPERTIES = Map.of(
      "sun.net.httpserver.nodelay", "true",
      "sun.net.httpserver.maxReqTime", "10",
      "sun.net.httpserver.maxIdleConnections", "10000");

  private final HttpServer http;
  private final ExecutorService threads;
  private final ScheduledExecutorService lookout;
  private final SessionService service;
  private final ServerMeters meters;
  private final ServerLimits limits;
  private final byte @Nullable [] token;
  private final Ticker ticker;
  private final Consumer<String> notices;
  private final Map<Endpoint, Reply> files;
  private final Semaphore slots;
  private volatile @Nullable ScheduledFuture<?> looking;
  private volatile boolean stopping;

  private AttuneServer(Builder builder) throws IOException {
    this.limits = builder.limits;
    this.token = builder.token == null ? null : builder.token.getBytes(StandardCharsets.UTF_8);
    this.ticker = builder.ticker;
    this.notices = builder.notices;
    this.slots = new Semaphore(limits.requests());
    this.files = Map.of(
        Endpoint.OPENAPI, Reply.file("openapi.json", Reply.JSON_TYPE),
        Endpoint.PAGE, Reply.file("shop.html", "text/html; charset=utf-8"),
        Endpoint.STYLE, Reply.file("shop.css", "text/css; charset=utf-8"),
        Endpoint.SCRIPT, Reply.file("shop.js", "text/javascript; charset=utf-8"));
    this.service = new SessionService(
        builder.model,
        builder.reader,
        builder.idField,
        builder.settings,
        limits,
        builder.clock,
        ticker,
        builder.state,
        builder.events,
        notices);
    this.meters = new ServerMeters(service, () -> limits.requests() - slots.availablePermits());
    try {
      JDK_PROPERTIES.forEach((name, value) -> {
        if (System.getProperty(name) == null) {
          System.setProperty(name, value);
        }
      });
      this.http = HttpServer.create(builder.address, BACKLOG);
    } catch (BindException e) {
      service.close();
      throw new IOException("cannot listen on " + text(builder.address) + ": " + e.getMessage(), e);
    }
    this.threads = Executors.newThreadPerTaskExecutor(
        Thread.ofVirtual().name("attune-server-", 0).factory());
    this.lookout = Executors.newSingleThreadScheduledExecutor(
        Thread.ofPlatform().daemon().name("attune-server-lookout").factory());
    http.createContext("/", this::handle);
    http.setExecutor(threads);
  }

  private static String text(InetSocketAddress address) {
    return address.getHostString() + ":" + address.getPort();
  }

  /**
   * Starts to set up a server.
   *
   * @param model the model's directory
   * @param clock tells the arrival of clicks without a time, such as {@link Clock#systemUTC}
   * @param ticker measures expiry and time budgets, such as {@link Ticker#systemTicker}
   */
  public static Builder builder(Path model, Clock clock, Ticker ticker) {
    return new Builder(model, clock, ticker);
  }

  /** The settings of a server. Not thread-safe. */
  public static final class Builder {
    private final Path model;
    private final Clock clock;
    private final Ticker ticker;
    private InetSocketAddress address =
        new InetSocketAddress(InetAddress.getLoopbackAddress(), 8080);
    private @Nullable DirectoryReader reader;
    private String idField = ItemDocuments.ID;
    private SessionRescorer.Settings settings = SessionRescorer.Settings.defaults();
    private ServerLimits limits = ServerLimits.defaults();
    private @Nullable String token;
    private @Nullable Path state;
    private @Nullable Path events;
    private Consumer<String> notices = notice -> {};

    private Builder(Path model, Clock clock, Ticker ticker) {
      this.model = model;
      this.clock = clock;
      this.ticker = ticker;
    }

    /**
     * Sets where to listen; port 8080 of the loopback address by default. Port 0 takes a free one.
     */
    public Builder address(InetSocketAddress where) {
      address = where;
      return this;
    }

    /**
     * Sets the items: they can be searched, recommendations are of these alone, and answers have
     * their stored texts.
     *
     * @param index closed with the server, or when it cannot be started
     * @param field a sorted or sorted-set doc values field with the item's id
     */
    public Builder index(DirectoryReader index, String field) {
      reader = index;
      idField = field;
      return this;
    }

    /** Sets how hits are ranked: blend and window. The time budget is that of the limits. */
    public Builder ranking(SessionRescorer.Settings ranking) {
      settings = ranking;
      return this;
    }

    /** Sets what the server takes at most. */
    public Builder limits(ServerLimits most) {
      limits = most;
      return this;
    }

    /**
     * Sets the token that requests must have which change a session or are logged, as
     * {@code Authorization: Bearer TOKEN}; by default none is asked for.
     *
     * @throws IllegalArgumentException if it is blank
     */
    public Builder token(String secret) {
      if (secret.isBlank()) {
        throw new IllegalArgumentException("the token must not be blank");
      }
      token = secret;
      return this;
    }

    /**
     * Sets where sessions are kept over a restart; by default they are in memory alone. A click
     * that was answered survives the end of the process, however it ends.
     *
     * @param directory of this server alone; created if there is none
     */
    public Builder state(Path directory) {
      state = directory;
      return this;
    }

    /**
     * Sets where clicks are logged, and the hits of searches that compare two rankings, which are
     * refused without this; by default nowhere. The version before the model is opened too then.
     * They are events of OpenSearch's User Behavior Insights as JSON lines, which {@code attune
     * compare-online} reads. In place of a session's id they have its hash.
     *
     * @param file of this server alone; created if there is none, and only ever added to
     */
    public Builder events(Path file) {
      events = file;
      return this;
    }

    /**
     * Sets who is told, in one line each, what an operator wants to know: a new model, one that
     * cannot be opened, a defect. No line has anything of a request.
     */
    public Builder notices(Consumer<String> reader) {
      notices = reader;
      return this;
    }

    /**
     * Opens the model and starts to listen.
     *
     * @throws IOException if the model or the index cannot be read, or the address is taken
     * @throws UnsupportedOperationException if the model's encoder is not incremental
     */
    public AttuneServer start() throws IOException {
      AttuneServer server;
      try {
        server = new AttuneServer(this);
      } catch (IOException | RuntimeException e) {
        if (reader != null) {
          reader.close();
        }
        throw e;
      }
      server.looking = server.lookout.scheduleWithFixedDelay(
          server::look, LOOK_INTERVAL.toMillis(), LOOK_INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
      server.http.start();
      return server;
    }
  }

  /** Where it listens; the port is the real one. */
  public InetSocketAddress address() {
    return http.getAddress();
  }

  /** Puts a newer model or newer documents into use; this also happens every second. */
  public void look() {
    service.refresh();
  }

  private void handle(HttpExchange exchange) {
    long start = ticker.read();
    String route = "none";
    Reply reply;
    boolean admitted = false;
    try (exchange) {
      try {
        URI uri = exchange.getRequestURI();
        String path = uri.getRawPath() == null ? "" : uri.getRawPath();
        Endpoint.Match match = Endpoint.match(exchange.getRequestMethod(), path);
        route = match.endpoint().path();
        if (!match.endpoint().isOperational()) {
          admitted = admit();
        }
        reply = answer(exchange, match, uri.getRawQuery());
      } catch (RequestFailure e) {
        reply = Reply.refusal(e);
      } catch (RuntimeException | IOException e) {
        reply = defect(e);
      }
      reply.send(exchange);
      meters.request(route, reply.status(), ticker.read() - start);
    } catch (IOException e) {
      meters.request(route, 0, ticker.read() - start); // the client is gone
    } finally {
      if (admitted) {
        slots.release();
      }
    }
  }

  /** Takes a slot, which is given back when the answer is sent. */
  private boolean admit() {
    if (stopping) {
      throw new RequestFailure(503, "the server is stopping", "server", "another server");
    }
    if (!slots.tryAcquire()) {
      throw new RequestFailure(
          429,
          "too many requests under way",
          "server",
          "at most " + limits.requests() + " at a time; try again");
    }
    return true;
  }

  private Reply answer(HttpExchange exchange, Endpoint.Match match, @Nullable String query)
      throws IOException {
    Endpoint endpoint = match.endpoint();
    Request request = new Request(exchange, limits.bodyBytes());
    if (endpoint.writes()) {
      request.requireToken(token);
    }
    Parameters parameters = Parameters.parse(query, endpoint.parameters());
    return switch (endpoint) {
      case CLICK ->
        Reply.json(200, click(match.id(), request.body(Set.of("item", "time", "queryId"))));
      case FORGET -> Reply.json(200, service.forget(match.id()));
      case RECOMMENDATIONS ->
        Reply.json(
            200,
            service.recommend(
                match.id(),
                parameters.count("k", SessionService.MAX_COUNT, 20),
                parameters.all("filter")));
      case RERANK ->
        Reply.json(
            200,
            rerank(
                request,
                request.body(
                    Set.of("session", "clicks", "query", "hits", "compare", "k", "device"))));
      case SEARCH -> Reply.json(200, search(request, parameters));
      case MODELS -> Reply.json(200, service.models());
      case HEALTH ->
        Reply.json(stopping ? 503 : 200, new Answer.Health(stopping ? "stopping" : "ok"));
      case METRICS ->
        new Reply(
            200,
            PrometheusText.CONTENT_TYPE,
            meters.text().getBytes(StandardCharsets.UTF_8),
            Map.of());
      case OPENAPI, PAGE, STYLE, SCRIPT -> Objects.requireNonNull(files.get(endpoint));
    };
  }

  private Answer rerank(Request request, Body body) throws IOException {
    List<Body.Hit> hits = body.hits("hits", SessionService.MAX_HITS);
    String text = body.text("query", SessionService.MAX_QUERY);
    if (body.has("session") == body.has("clicks")) {
      throw RequestFailure.invalid(
          body.has("session") ? "both session and clicks" : "neither session nor clicks",
          "body",
          "session, the id of a live session, or clicks, a list of item ids");
    }
    if (body.has("compare")) {
      return compare(request, body, text, hits);
    }
    for (String field : List.of("k", "device")) {
      if (body.has(field)) {
        throw RequestFailure.invalid(
            "without compare", "body." + field, "compare too; all hits are ranked otherwise");
      }
    }
    return body.has("session")
        ? service.rerank(body.id("session"), text, hits)
        : service.rerank(body.clicks("clicks", limits.sessionClicks()), text, hits);
  }

  private Answer compare(Request request, Body body, @Nullable String text, List<Body.Hit> hits)
      throws IOException {
    request.requireToken(token); // since it is written down
    if (!body.has("session")) {
      throw RequestFailure.invalid(
          "compare without a session", "body.session", "the id of a session, which may be new");
    }
    return service.compare(
        body.id("session"),
        text,
        hits,
        body.count("k", SessionService.MAX_COUNT, 10),
        RankingPair.parse(
            Objects.requireNonNull(body.text("compare", SessionService.MAX_QUERY)), "body.compare"),
        body.label("device"));
  }

  private Answer click(String id, Body body) {
    return service.click(id, body.click(), body.has("queryId") ? body.id("queryId") : null);
  }

  private Answer search(Request request, Parameters parameters) throws IOException {
    String text = parameters.one("q");
    if (text == null || text.isBlank() || text.length() > SessionService.MAX_QUERY) {
      throw RequestFailure.invalid(
          text == null ? "missing" : "not allowed: " + Ids.shown(text),
          "query.q",
          "words to search for, at most " + SessionService.MAX_QUERY + " characters");
    }
    String session = parameters.id("session");
    String compared = parameters.one("compare");
    String device = parameters.label("device");
    int count = parameters.count("k", SessionService.MAX_COUNT, 10);
    if (compared == null) {
      if (device != null) {
        throw RequestFailure.invalid(
            "a device without compare", "query.device", "compare too, for which it is logged");
      }
      return service.search(text, session, count);
    }
    request.requireToken(token); // since it is written down
    if (session == null) {
      throw RequestFailure.invalid(
          "compare without a session", "query.session", "the id of a session, which may be new");
    }
    return service.compare(
        text, session, count, RankingPair.parse(compared, "query.compare"), device);
  }

  /** Tells the operator where it was, and the client nothing. */
  private Reply defect(Exception failure) {
    StackTraceElement[] trace = failure.getStackTrace();
    notices.accept("a request failed: " + failure.getClass().getName()
        + (trace.length == 0 ? "" : " at " + trace[0]));
    return Reply.json(
        500, new Answer.Problem("the server failed", "server", "nothing else of the request"));
  }

  /**
   * Stops: new requests are refused, those under way are answered, as far as the limits give them
   * time, then sessions and index are closed.
   */
  @Override
  public void close() throws IOException {
    synchronized (this) {
      if (stopping) {
        return;
      }
      stopping = true;
    }
    Future<?> current = looking;
    if (current != null) {
      current.cancel(false); // an interrupt would close the file that it may be writing
    }
    lookout.shutdown();
    try {
      // All slots are free when nothing is under way.
      boolean done =
          slots.tryAcquire(limits.requests(), limits.grace().toMillis(), TimeUnit.MILLISECONDS);
      boolean written = lookout.awaitTermination(limits.grace().toMillis(), TimeUnit.MILLISECONDS);
      if (!done || !written) {
        notices.accept("stopping with work under way");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    http.stop(0);
    threads.shutdownNow();
    service.close();
  }
}
