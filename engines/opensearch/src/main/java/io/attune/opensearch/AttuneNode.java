package io.attune.opensearch;

import io.attune.serving.ServingModel;
import io.attune.serving.SessionVector;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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

/** What the plugin keeps on this node. Safe for use by several threads. */
final class AttuneNode {
  private static final Logger LOGGER = LogManager.getLogger(AttuneNode.class);

  private final Models models;
  private final LongSupplier nanoTime;
  private final LongAdder sessions = new LongAdder();
  private final LongAdder clicks = new LongAdder();
  private final LongAdder encodingNanos = new LongAdder();
  private final LongAdder rescored = new LongAdder();
  private final LongAdder failed = new LongAdder();
  private final Map<String, Map<String, Joined>> joined = new ConcurrentHashMap<>();
  private volatile String lastFailure = "";
  private volatile Executor encoders = Runnable::run;

  /** Hits that sessions of a model looked up by a field, and those that have a vector. */
  private record Joined(LongAdder hits, LongAdder withVector) {}

  /**
   * Nothing yet.
   *
   * @param nanoTime a clock in nanoseconds
   */
  AttuneNode(Models models, LongSupplier nanoTime) {
    this.models = models;
    this.nanoTime = nanoTime;
  }

  Models models() {
    return models;
  }

  /** Sessions of searches that this node coordinates are encoded by these from now on. */
  void encodeBy(Executor threads) {
    encoders = threads;
  }

  /**
   * What a session looks for, by the model that is in use.
   *
   * @return unknown where this node cannot know it, but another might
   * @throws IllegalArgumentException when no node has such a model
   */
  RequestSession encode(RequestSession.Clicked session) {
    long start = nanoTime.getAsLong();
    return switch (models.find(session.model())) {
      case Models.Missing missing -> new RequestSession.Unknown(session.model(), missing.reason());
      case Models.InUse found -> {
        ServingModel served = found.served();
        SessionVector vector;
        try {
          vector = served.vector(session.clicks());
        } catch (RuntimeException e) {
          LOGGER.warn("the model {} cannot encode a session", session.model(), e);
          yield new RequestSession.Unknown(
              session.model(), "the model [" + session.model() + "] cannot encode the session");
        }
        encodingNanos.add(nanoTime.getAsLong() - start);
        sessions.increment();
        clicks.add(session.clicks().size());
        yield new RequestSession.Encoded(session.model(), served.version(), vector);
      }
    };
  }

  /**
   * The same by other threads.
   *
   * @param result told first
   * @param listener told when it is done, or why it failed
   */
  void encode(
      RequestSession.Clicked session, Consumer<RequestSession> result, ActionListener<?> listener) {
    try {
      encoders.execute(ActionRunnable.run(listener, () -> result.accept(encode(session))));
    } catch (RejectedExecutionException e) {
      result.accept(new RequestSession.Unknown(
          session.model(), "too many sessions are waiting to be encoded"));
      listener.onResponse(null);
    }
  }

  /**
   * A shard's hits were ranked by session.
   *
   * @param field by which their vectors were found
   * @param hits that were looked at
   * @param withVector those of them that have one
   */
  void countRescored(String model, String field, int hits, int withVector) {
    rescored.increment();
    Joined counts = joined
        .computeIfAbsent(model, name -> new ConcurrentHashMap<>())
        .computeIfAbsent(field, name -> new Joined(new LongAdder(), new LongAdder()));
    counts.hits.add(hits);
    counts.withVector.add(withVector);
  }

  /** A shard's hits kept their first pass because something failed. */
  void countFailed(String reason) {
    failed.increment();
    lastFailure = reason;
  }

  NodeStatus status() {
    return new NodeStatus(
        models.statuses(),
        models.unread(),
        sessions.sum(),
        clicks.sum(),
        encodingNanos.sum(),
        rescored.sum(),
        failed.sum(),
        lastFailure,
        joinedHits());
  }

  private List<NodeStatus.JoinedHits> joinedHits() {
    List<NodeStatus.JoinedHits> all = new ArrayList<>();
    new TreeMap<>(joined)
        .forEach((model, fields) -> new TreeMap<>(fields)
            .forEach((field, counts) -> all.add(new NodeStatus.JoinedHits(
                model, field, counts.hits.sum(), counts.withVector.sum()))));
    return all;
  }
}
