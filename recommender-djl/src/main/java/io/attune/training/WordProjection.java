package io.attune.training;

import io.attune.model.TextFeatures;
import io.attune.session.Vocabulary;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Initial item vectors of which those of items with words in common are alike: each feature of the
 * texts has a random vector, and an item the sum of those of its features, the rarer the more.
 *
 * <p>Source: Bingham and Mannila 2001, "Random projection in dimensionality reduction: applications
 * to image and text data", section 2.1. Differs from the paper: the mean of the items is taken off.
 */
final class WordProjection {
  /** Places that features are hashed to. Collisions count more here than in a regression. */
  private static final int FEATURES = 1 << 16;

  /** What only one item has tells it apart, as its random vector does anyway. */
  private static final int SHARED = 2;

  /** What words weigh; the rest is random, so that items of the same words differ. */
  private static final float SHARE = 0.8f;

  /** What has to be left of an item's words without the mean, by squares: less is rounding. */
  private static final double LEAST = 1e-6;

  private final int rows; // V + 1
  private final List<TextFeatures> features; // of rows 1 to V
  private final float[] rarity;
  private final long seed;

  /**
   * Reads the words of items.
   *
   * @param texts by id; an item that shares no word with another keeps its random vector
   */
  WordProjection(Vocabulary items, Map<String, String> texts, long seed) {
    this.rows = items.size() + 1;
    this.features = IntStream.range(1, rows)
        .parallel()
        .mapToObj(row -> TextFeatures.of(texts.getOrDefault(items.id(row), ""), FEATURES))
        .toList();
    this.rarity = TextFeatures.rarity(features, FEATURES, SHARED);
    this.seed = seed;
  }

  /**
   * Mixes random vectors with those of the words.
   *
   * @param vectors float32 (V + 1, D), row 0 being padding, which stays; changed in place. Rows
   *     keep about their length
   * @param dimension D
   */
  void mixInto(float[] vectors, int dimension) {
    float[] sums = sums(dimension);
    double[] mean = new double[dimension];
    for (int i = 0; i < sums.length; i++) {
      mean[i % dimension] += sums[i];
    }
    long written = features.stream().filter(this::hasWords).count();
    for (int row = 1; row < rows; row++) {
      int from = row * dimension;
      double whole = 0;
      double words = 0;
      double random = 0;
      for (int i = from; i < from + dimension; i++) {
        whole += sums[i] * sums[i];
        sums[i] -= (float) (mean[i - from] / written);
        words += sums[i] * sums[i];
        random += vectors[i] * vectors[i];
      }
      if (!hasWords(features.get(row - 1)) || words < LEAST * whole) {
        continue; // its words tell it from no other item, so it keeps its random vector
      }
      float scale = (float) Math.sqrt(random / words);
      for (int i = from; i < from + dimension; i++) {
        vectors[i] = (1 - SHARE) * vectors[i] + SHARE * scale * sums[i];
      }
    }
  }

  private boolean hasWords(TextFeatures text) {
    return IntStream.of(text.places()).anyMatch(place -> rarity[place] > 0);
  }

  /** The weighted sums of the random vectors of features, (V + 1, D). */
  private float[] sums(int dimension) {
    SplittableRandom random = new SplittableRandom(seed);
    float[][] directions = new float[FEATURES][dimension];
    for (float[] direction : directions) {
      for (int k = 0; k < dimension; k++) {
        direction[k] = 2 * random.nextFloat() - 1;
      }
    }
    float[] sums = new float[rows * dimension];
    IntStream.range(1, rows).parallel().forEach(row -> {
      TextFeatures text = features.get(row - 1);
      float[] weights = text.weights(rarity);
      for (int i = 0; i < weights.length; i++) {
        float[] direction = directions[text.places()[i]];
        for (int k = 0; k < dimension; k++) {
          sums[row * dimension + k] += weights[i] * direction[k];
        }
      }
    });
    return sums;
  }
}
