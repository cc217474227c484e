package io.attune.opensearch;

import io.attune.lucene.ItemSource;
import io.attune.serving.ServingModel;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** A version of a model that this node holds, with what joins it to documents. */
final class HeldModel {
  private final ServingModel served;
  private final Map<String, ItemSource.Joined> joins = new ConcurrentHashMap<>();

  private volatile Map<String, String> stamps = Map.of();

  HeldModel(ServingModel served) {
    this.served = served;
  }

  /** Whether the files are still those that it was read from, as far as their stamps tell. */
  boolean isReadFrom(Map<String, String> now) {
    return stamps.equals(now);
  }

  /** Remembers the stamps of the files that hold it. */
  void readFrom(Map<String, String> now) {
    stamps = now;
  }

  ServingModel served() {
    return served;
  }

  String version() {
    return served.version();
  }

  /** Its item vectors by the ids in a field; the same object for the same field. */
  ItemSource joinedBy(String field) {
    return joins.computeIfAbsent(field, name -> new ItemSource.Joined(name, served));
  }
}
