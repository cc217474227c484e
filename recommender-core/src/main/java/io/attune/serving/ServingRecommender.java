package io.attune.serving;

import io.attune.incremental.PrefixReplay;
import io.attune.recommender.Prefix;
import io.attune.recommender.Recommendation;
import io.attune.recommender.Recommender;
import io.attune.session.Vocabulary;
import io.attune.vector.ClickedScores;
import io.attune.vector.ItemVectors;
import io.attune.vector.QuantizedVectors;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * A serving model as a recommender.
 *
 * <p>Top lists are computed by one scan of all items in bounded memory, either of the model's table
 * or of a quantized copy, which is about five times faster and gives the same results. Thread-safe.
 */
public final class ServingRecommender implements Recommender {
  private final String name;
  private final ServingModel model;
  private final @Nullable QuantizedVectors quantized;
  private final PrefixReplay replay;

  /**
   * A recommender that scans the model's own table.
   *
   * @param name the recommender's name, for tables
   */
  public ServingRecommender(String name, ServingModel model) {
    this(name, model, 0);
  }

  /**
   * A recommender that scans a quantized copy of the items if it fits.
   *
   * @param name the recommender's name, for tables
   * @param copyBytes maximum memory for the copy; if it needs more, the model's table is scanned
   */
  public ServingRecommender(String name, ServingModel model, long copyBytes) {
    this.name = name;
    this.model = model;
    this.replay = new PrefixReplay(model.encoder(), model.items().dimension());
    this.quantized = QuantizedVectors.bytes(model.items()) <= copyBytes
        ? QuantizedVectors.of(model.items())
        : null;
  }

  @Override
  public String name() {
    return name;
  }

  /** The model that is served. */
  public ServingModel model() {
    return model;
  }

  @Override
  public Vocabulary vocabulary() {
    return model.vocabulary();
  }

  @Override
  public void score(List<Prefix> prefixes, float[] scores) {
    int stride = model.items().size() + 1;
    float[][] queries = queries(prefixes);
    for (int i = 0; i < queries.length; i++) {
      scores[i * stride] = Float.NEGATIVE_INFINITY;
      for (int row = 1; row < stride; row++) {
        scores[i * stride + row] = model.items().dot(queries[i], row);
      }
      clicked(prefixes.get(i)).addTo(scores, i * stride);
    }
  }

  @Override
  public List<Recommendation> top(Prefix prefix, int count, boolean excludeClicked) {
    BitSet excluded = new BitSet();
    for (int i = 0; i < prefix.length() && excludeClicked; i++) {
      excluded.set(prefix.clicks()[i]);
    }
    float[] query = queries(List.of(prefix))[0];
    IntPredicate candidate = row -> !excluded.get(row);
    ClickedScores.Scan scan = quantized == null ? model.items()::top : quantized::top;
    ItemVectors.Top top = clicked(prefix).top(model.items(), query, count, candidate, scan);
    List<Recommendation> best = new ArrayList<>();
    for (int i = 0; i < top.rows().length; i++) {
      int row = top.rows()[i];
      best.add(new Recommendation(vocabulary().id(row), row, top.scores()[i]));
    }
    return best;
  }

  private ClickedScores clicked(Prefix prefix) {
    return model.correction().scores(prefix.clicks(), prefix.length());
  }

  /** float32 (B, D). */
  private float[][] queries(List<Prefix> prefixes) {
    float[][] queries = new float[prefixes.size()][];
    replay.encode(prefixes, (prefix, query, shares) -> queries[prefix] = query);
    return queries;
  }
}
