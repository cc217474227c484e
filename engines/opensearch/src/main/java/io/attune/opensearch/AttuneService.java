package io.attune.opensearch;

import io.attune.serving.ServingModel;
import io.attune.serving.SessionVector;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.opensearch.action.ActionRunnable;
import org.opensearch.core.action.ActionListener;

/**
 * The node-level service of the plugin: encodes sessions and counts what the node does.
 * Thread-safe.
 */
final class AttuneService {
  private static final Logger LOGGER = LogManager.getLogger(AttuneService.class);

  private final ModelRegistry models;
  private final LongSupplier nanoTime;
  private final LongAdder sessions = new LongAdder();
  private final LongAdder clicks = new LongAdder();
  private final LongAdder encodingNanos = new LongAdder();
  private final LongAdder rescored = new LongAdder();
  private final LongAdder failed = new LongAdder();
  private final Map<String, Map<String, Counts>> hitsByField = new ConcurrentHashMap<>();
  private final Map<SessionProcessor.Outcome, LongAdder> searches = counters();
  private volatile String lastFailure = "";
  private volatile String lastSearchFailure = "";
  private volatile Executor encoders = Runnable::run;

  private static Map<SessionProcessor.Outcome, LongAdder> counters() {
    Map<SessionProcessor.Outcome, LongAdder> counters =
        new EnumMap<>(SessionProcessor.Outcome.class);
    for (SessionProcessor.Outcome outcome : SessionProcessor.Outcome.values()) {
      counters.put(outcome, new LongAdder());
    }
    return counters;
  }

  /** Hits that sessions looked up, and those of them with a vector. */
  private record Counts(LongAdder hits, LongAdder withVector) {}

  /**
   * Creates a service.
   *
   * @param nanoTime a clock in nanoseconds
   */
  AttuneService(ModelRegistry models, LongSupplier nanoTime) {
    this.models = models;
    this.nanoTime = nanoTime;
  }

  ModelRegistry models() {
    return models;
  }

  /** Sets the thread pool that encodes the sessions of searches that this node coordinates. */
  void encodeWith(Executor threads) {
    encoders = threads;
  }

  /**
   * Encodes a session with the model in use.
   *
   * @return the encoded session, or unavailable if this node cannot encode it
   * @throws IllegalArgumentException if no node has such a model
   */
  RequestSession encode(RequestSession.Clicked session) {
    long start = nanoTime.getAsLong();
    return switch (models.lookup(session.model())) {
      case ModelRegistry.Unavailable unavailable ->
        new RequestSession.Unavailable(session.model(), unavailable.reason());
      case ModelRegistry.InUse inUse -> {
        ServingModel model = inUse.model();
        SessionVector vector;
        try {
          vector = model.vector(session.clicks());
        } catch (RuntimeException e) {
          LOGGER.warn("model [{}] cannot encode a session", session.model(), e);
          yield new RequestSession.Unavailable(
              session.model(), "the model [" + session.model() + "] cannot encode the session");
        }
        encodingNanos.add(nanoTime.getAsLong() - start);
        sessions.increment();
        clicks.add(session.clicks().size());
        yield new RequestSession.Encoded(session.model(), model.version(), vector);
      }
    };
  }

  /**
   * Encodes a session asynchronously.
   *
   * @param result receives the result, before the listener is notified
   * @param listener notified of completion or failure
   */
  void encode(
      RequestSession.Clicked session, Consumer<RequestSession> result, ActionListener<?> listener) {
    try {
      encoders.execute(ActionRunnable.run(listener, () -> result.accept(encode(session))));
    } catch (RejectedExecutionException e) {
      result.accept(new RequestSession.Unavailable(
          session.model(), "too many sessions are waiting to be encoded"));
      listener.onResponse(null);
    }
  }

  /**
   * Counts a shard search that was ranked by session.
   *
   * @param field the field that vectors were found by
   * @param hits number of hits
   * @param withVector number of hits with a vector
   */
  void countRescored(String model, String field, int hits, int withVector) {
    rescored.increment();
    Counts counts = hitsByField
        .computeIfAbsent(model, name -> new ConcurrentHashMap<>())
        .computeIfAbsent(field, name -> new Counts(new LongAdder(), new LongAdder()));
    counts.hits.add(hits);
    counts.withVector.add(withVector);
  }

  /** Counts a shard search that kept its first pass because of a failure. */
  void countFailed(String reason) {
    failed.increment();
    lastFailure = reason;
  }

  /** Counts a search that came through a pipeline. */
  void countSearch(SessionProcessor.Outcome outcome) {
    Objects.requireNonNull(searches.get(outcome)).increment();
  }

  /**
   * Counts a search that a pipeline could not give a session. A reason that lasts is logged once.
   */
  void countSearchFailed(String reason, Exception failure) {
    countSearch(SessionProcessor.Outcome.FAILED);
    if (!reason.equals(lastSearchFailure)) {
      lastSearchFailure = reason;
      LOGGER.debug("a search is not given its session", failure);
    }
  }

  NodeStatus status() {
    return new NodeStatus(
        models.statuses(),
        models.ignored(),
        sessions.sum(),
        clicks.sum(),
        encodingNanos.sum(),
        rescored.sum(),
        failed.sum(),
        lastFailure,
        fieldHits(),
        searchCounts(),
        lastSearchFailure);
  }

  private Map<String, Long> searchCounts() {
    Map<String, Long> counts = new TreeMap<>();
    searches.forEach(
        (outcome, count) -> counts.put(outcome.name().toLowerCase(Locale.ROOT), count.sum()));
    return counts;
  }

  private List<NodeStatus.FieldHits> fieldHits() {
    List<NodeStatus.FieldHits> all = new ArrayList<>();
    new TreeMap<>(hitsByField)
        .forEach((model, fields) -> new TreeMap<>(fields)
            .forEach((field, counts) -> all.add(new NodeStatus.FieldHits(
                model, field, counts.hits.sum(), counts.withVector.sum()))));
    return all;
  }
}
