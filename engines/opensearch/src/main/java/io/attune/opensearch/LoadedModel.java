package io.attune.opensearch;

import io.attune.lucene.ItemSource;
import io.attune.serving.ServingModel;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;

/** A loaded version of a model, with the sources of its item vectors. */
final class LoadedModel {
  /**
   * Joins with texts that are kept, those used last. Requests name the fields, in any combination,
   * and a join keeps a vector for each document whose item is new.
   */
  static final int MAX_WITH_TEXTS = 8;

  private final ServingModel model;
  private final Map<String, ItemSource.Joined> sources = new ConcurrentHashMap<>();
  private final Map<WithTexts, ItemSource.Joined> withTexts =
      new LinkedHashMap<>(MAX_WITH_TEXTS, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<WithTexts, ItemSource.Joined> eldest) {
          return size() > MAX_WITH_TEXTS;
        }
      };

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

  private record WithTexts(String field, TextFields texts) {}

  /**
   * Returns its item vectors joined by the ids in a field; the same object each time, so that a
   * segment is joined once.
   *
   * @param texts of which items that it does not know get vectors
   */
  ItemSource itemSource(String field, TextFields texts) {
    if (texts.isEmpty()) {
      return sources.computeIfAbsent(field, name -> new ItemSource.Joined(name, model));
    }
    synchronized (withTexts) {
      return withTexts.computeIfAbsent(
          new WithTexts(field, texts), join -> new ItemSource.Joined(field, texts, model));
    }
  }
}
