package io.attune.serving;

import io.attune.recommender.Prefix;
import io.attune.recommender.Recommendation;
import io.attune.recommender.Recommender;
import io.attune.session.Vocabulary;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/** A serving model as a recommender: no engine, and safe for use by several threads. */
public final class ServingRecommender implements Recommender {
  private final String name;
  private final ServingModel model;

  public ServingRecommender(String name, ServingModel model) {
    this.name = name;
    this.model = model;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Vocabulary vocabulary() {
    return model.vocabulary();
  }

  @Override
  public void score(List<Prefix> prefixes, float[] scores) {
    // Prefixes of one session share its array, which is walked once.
    Map<int[], List<Integer>> bySession = new IdentityHashMap<>();
    for (int i = 0; i < prefixes.size(); i++) {
      bySession
          .computeIfAbsent(prefixes.get(i).clicks(), session -> new ArrayList<>())
          .add(i);
    }
    bySession.forEach((clicks, wanted) -> {
      wanted.sort(Comparator.comparingInt(i -> prefixes.get(i).length()));
      SessionState state = model.encoder().start();
      for (int i : wanted) {
        while (state.length() < prefixes.get(i).length()) {
          model.encoder().advance(state, clicks[state.length()]);
        }
        score(model.encoder().query(state).query(), i, scores);
      }
    });
  }

  private void score(float[] query, int prefix, float[] scores) {
    int stride = model.items().size() + 1;
    float[] row = new float[stride];
    model.items().scores(query, 0, stride, row);
    row[Vocabulary.UNKNOWN] = Float.NEGATIVE_INFINITY;
    System.arraycopy(row, 0, scores, prefix * stride, stride);
  }

  @Override
  public List<Recommendation> top(Prefix prefix, int count, boolean excludeClicked) {
    int[] clicks = IntStream.of(prefix.clicks()).limit(prefix.length()).toArray();
    IntPredicate excluded =
        row -> excludeClicked && IntStream.of(clicks).anyMatch(click -> click == row);
    ItemVectors.Best best = model.items().top(model.vector(clicks).query(), count, excluded);
    List<Recommendation> recommendations = new ArrayList<>();
    for (int i = 0; i < best.rows().length; i++) {
      int row = best.rows()[i];
      recommendations.add(new Recommendation(model.vocabulary().id(row), row, best.scores()[i]));
    }
    return recommendations;
  }
}
