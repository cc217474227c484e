package io.attune.batch;

import io.attune.incremental.SessionState;
import io.attune.recommender.Prefix;
import io.attune.recommender.VectorRecommender;
import io.attune.saved.SavedModel;
import io.attune.serving.ServingModel;
import io.attune.vector.BoundedScan;
import io.attune.vector.ClickedScores;
import io.attune.vector.ItemScan;
import io.attune.vector.ItemVectors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Encodes prefixes to query vectors. Thread-safe. */
interface QueryEncoder {
  /** Returns the query vector of each prefix, float32 (D). */
  List<float[]> encode(List<Prefix> prefixes);

  /** What is added to the scores of the items of a prefix. */
  ClickedScores clicked(Prefix prefix);

  /** Prepares an exact scan, as {@link VectorRecommender#scan}. */
  default ItemScan scan(ItemVectors items, int[] candidates, int count, List<float[]> sample) {
    return BoundedScan.of(items, candidates, count, sample);
  }

  /** Encodes prefixes of similar lengths in batches, by the engine. */
  record BatchEncoder(SavedModel.Engine model) implements QueryEncoder {
    /** Longer sessions are encoded click by click, since attention in batches is quadratic. */
    private static final int MAX_LENGTH = 256;

    @Override
    public List<float[]> encode(List<Prefix> prefixes) {
      ServingModel incremental = model.incremental();
      List<Prefix> batch = incremental == null
          ? prefixes
          : prefixes.stream().filter(prefix -> prefix.length() <= MAX_LENGTH).toList();
      int dimension = model.items().dimension();
      float[] encoded = model.recommender().separateQueries(batch);
      List<float[]> vectors = new ArrayList<>(prefixes.size());
      int from = 0;
      for (Prefix prefix : prefixes) {
        if (incremental == null || prefix.length() <= MAX_LENGTH) {
          vectors.add(Arrays.copyOfRange(encoded, from, from + dimension));
          from += dimension;
        } else {
          vectors.add(ClickByClickEncoder.encode(incremental, prefix));
        }
      }
      return vectors;
    }

    @Override
    public ClickedScores clicked(Prefix prefix) {
      return model.recommender().clicked(prefix);
    }

    @Override
    public ItemScan scan(ItemVectors items, int[] candidates, int count, List<float[]> sample) {
      return model.recommender().scan(items, candidates, count, sample);
    }
  }

  /** Encodes prefixes click by click, in plain Java. */
  record ClickByClickEncoder(ServingModel model) implements QueryEncoder {
    @Override
    public List<float[]> encode(List<Prefix> prefixes) {
      return prefixes.stream().map(prefix -> encode(model, prefix)).toList();
    }

    @Override
    public ClickedScores clicked(Prefix prefix) {
      return model.correction().scores(prefix.clicks(), prefix.length());
    }

    static float[] encode(ServingModel model, Prefix prefix) {
      SessionState state = model.encoder().start();
      for (int i = 0; i < prefix.length(); i++) {
        model.encoder().advance(state, prefix.clicks()[i], prefix.time(i));
      }
      return model.vector(state).query();
    }
  }
}
