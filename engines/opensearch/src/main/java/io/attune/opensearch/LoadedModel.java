package io.attune.opensearch;

import io.attune.lucene.ItemSource;
import io.attune.serving.ServingModel;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;

/** A loaded version of a model, with the sources of its item vectors. */
final class LoadedModel {
  private final ServingModel model;
  private final Map<String, ItemSource.Joined> sources = new ConcurrentHashMap<>();

  private volatile Map<String, String> fingerprints = Map.of();

  LoadedModel(ServingModel model) {
    this.model = model;
  }

  /** Whether another one is of the same version, with the same blend. */
  boolean isSame(LoadedModel other) {
    return version().equals(other.version()) && Objects.equals(model.blend(), other.model.blend());
  }

  /** Whether it was loaded from files with these fingerprints. */
  boolean isLoadedFrom(Map<String, String> current) {
    return fingerprints.equals(current);
  }

  /** Sets the fingerprints of the files that it is stored in. */
  void setFingerprints(Map<String, String> current) {
    fingerprints = current;
  }

  ServingModel model() {
    return model;
  }

  String version() {
    return model.version();
  }

  /** Returns its item vectors joined by the ids in a field; always the same object for a field. */
  ItemSource itemSource(String field) {
    return sources.computeIfAbsent(field, name -> new ItemSource.Joined(name, model));
  }
}
