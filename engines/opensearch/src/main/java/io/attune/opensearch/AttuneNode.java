package io.attune.opensearch;

import io.attune.lucene.SessionRescorer;
import java.util.concurrent.atomic.LongAdder;
import org.opensearch.common.cache.Cache;
import org.opensearch.common.cache.CacheBuilder;
import org.opensearch.common.unit.TimeValue;

/**
 * What the plugin keeps on this node.
 *
 * @param models it holds
 * @param explained rankings of requests that asked for explanations: a shard ranks in one step of a
 *     search and explains in another
 * @param rescored shard requests that were rescored
 * @param failed shard requests that kept their first pass because something failed
 */
record AttuneNode(
    Models models, Cache<String, SessionRescorer> explained, LongAdder rescored, LongAdder failed) {
  private static final long MOST_EXPLAINED = 200;

  AttuneNode(Models models) {
    this(
        models,
        CacheBuilder.<String, SessionRescorer>builder()
            .setMaximumWeight(MOST_EXPLAINED)
            .setExpireAfterWrite(TimeValue.timeValueMinutes(1))
            .build(),
        new LongAdder(),
        new LongAdder());
  }
}
