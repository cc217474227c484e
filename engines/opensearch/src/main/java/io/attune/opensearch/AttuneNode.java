package io.attune.opensearch;

import io.attune.lucene.SessionRescorer;
import io.attune.serving.ServingModel;
import io.attune.serving.SessionVector;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.opensearch.common.cache.Cache;
import org.opensearch.common.cache.CacheBuilder;
import org.opensearch.common.unit.TimeValue;

/** What the plugin keeps on this node. Safe for use by several threads. */
final class AttuneNode {
  private static final long MOST_EXPLAINED = 200;

  private final Models models;
  private final LongSupplier nanoTime;
  // A shard ranks in one step of a search, and explains in another.
  private final Cache<String, SessionRescorer> explained =
      CacheBuilder.<String, SessionRescorer>builder()
          .setMaximumWeight(MOST_EXPLAINED)
          .setExpireAfterWrite(TimeValue.timeValueMinutes(1))
          .build();
  private final LongAdder sessions = new LongAdder();
  private final LongAdder clicks = new LongAdder();
  private final LongAdder encodingNanos = new LongAdder();
  private final LongAdder rescored = new LongAdder();
  private final LongAdder failed = new LongAdder();

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

  /** Rankings of requests that asked for explanations. */
  Cache<String, SessionRescorer> explained() {
    return explained;
  }

  /**
   * What a session looks for, by the model that is in use.
   *
   * @throws IllegalArgumentException when there is no such model
   */
  RequestSession.Encoded encode(RequestSession.Clicked session) {
    long start = nanoTime.getAsLong();
    ServingModel served = models.inUse(session.model());
    SessionVector vector = served.vector(session.clicks());
    encodingNanos.add(nanoTime.getAsLong() - start);
    sessions.increment();
    clicks.add(session.clicks().size());
    return new RequestSession.Encoded(session.model(), served.version(), vector);
  }

  /** A shard's hits were ranked by session. */
  void countRescored() {
    rescored.increment();
  }

  /** A shard's hits kept their first pass because something failed. */
  void countFailed() {
    failed.increment();
  }

  NodeStatus status() {
    return new NodeStatus(
        models.statuses(),
        models.unread(),
        sessions.sum(),
        clicks.sum(),
        encodingNanos.sum(),
        rescored.sum(),
        failed.sum());
  }
}
