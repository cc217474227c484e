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
 * The models that this process has open: all its tasks share one. The last two are kept, since a
 * long-lived application may go from one to the next while tasks of the last still run; what nobody
 * uses any longer the garbage collector takes.
 */
final class ModelCache {
  private static final int KEPT = 2;

  private static final ModelCache HERE = new ModelCache();

  /** By version; so are the batches. */
  private final Map<String, SavedModel> models = new LinkedHashMap<>();

  private final Map<Batch, BatchRecommender> batches = new LinkedHashMap<>();
  private long opened;

  private record Batch(
      String model, BatchOptions options, @Nullable List<String> candidates) {}

  private ModelCache() {}

  /** A model, opened if it is not; how often it had to be is added to the tally. */
  static SavedModel model(ModelFiles files, JobCounts.Tally tally) {
    synchronized (HERE) {
      long before = HERE.opened;
      SavedModel model = HERE.open(files);
      tally.add(Count.MODELS_OPENED, HERE.opened - before);
      return model;
    }
  }

  /**
   * What recommends by a model; safe for use by several threads.
   *
   * @param candidates ids of the items that may be recommended; null for all
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
        // Tasks are the threads here.
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
              "was replaced while the job runs: it holds version " + model.version()
                  + ", the job began with " + files.version() + "; run it again");
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
    if (all.size() > KEPT) {
      all.remove(all.keySet().iterator().next());
    }
    return value;
  }
}
