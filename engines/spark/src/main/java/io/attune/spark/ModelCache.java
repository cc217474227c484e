package io.attune.spark;

import io.attune.batch.BatchOptions;
import io.attune.batch.BatchRecommender;
import io.attune.batch.Candidates;
import io.attune.model.ModelException;
import io.attune.saved.SavedModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The models that are open in this process, shared by all its tasks. The last two are kept, since a
 * long-lived application may switch to another model while tasks of the previous one are running.
 * Older ones are garbage collected when no task uses them.
 */
final class ModelCache {
  private static final int MAX_MODELS = 2;

  private static final ModelCache HERE = new ModelCache();

  /** By version, like the batch recommenders. */
  private final Map<String, SavedModel> models = new LinkedHashMap<>();

  private final Map<Batch, BatchRecommender> batches = new LinkedHashMap<>();
  private long opened;

  private record Batch(
      String model, BatchOptions options, @Nullable List<String> candidates) {}

  private ModelCache() {}

  /** Returns a model, opening it if necessary, which is counted in the tally. */
  static SavedModel model(ModelFiles files, JobCounts.Tally tally) {
    synchronized (HERE) {
      long before = HERE.opened;
      SavedModel model = HERE.open(files);
      tally.add(Count.MODELS_OPENED, HERE.opened - before);
      return model;
    }
  }

  /**
   * Returns the batch recommender of a model, which is thread-safe.
   *
   * @param candidates the ids of the items that may be recommended; null for all
   */
  static BatchRecommender batch(
      ModelFiles files,
      BatchOptions options,
      @Nullable List<String> candidates,
      JobCounts.Tally tally) {
    synchronized (HERE) {
      SavedModel model = model(files, tally);
      return kept(HERE.batches, new Batch(files.version(), options, candidates), () -> {
        Candidates allowed = candidates == null
            ? Candidates.all(model.vocabulary())
            : Candidates.of(model.vocabulary(), candidates);
        // One thread, since tasks run in parallel.
        return BatchRecommender.of(model, allowed, options, 1);
      });
    }
  }

  private SavedModel open(ModelFiles files) {
    return kept(models, files.version(), () -> {
      try {
        opened++;
        SavedModel model = SavedModel.openIncremental(files.directory(), "model");
        if (!model.version().equals(files.version())) {
          throw new ModelException(
              files.directory(),
              "was replaced during the job: its version is " + model.version()
                  + ", but the job started with " + files.version() + "; run the job again");
        }
        return model;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    });
  }

  private static <K, V> V kept(Map<K, V> all, K key, Supplier<V> make) {
    V known = all.remove(key);
    V value = known == null ? make.get() : known;
    all.put(key, value);
    if (all.size() > MAX_MODELS) {
      all.remove(all.keySet().iterator().next());
    }
    return value;
  }
}
