package io.attune.model;

import io.attune.vector.ClickedScores;
import io.attune.vector.Tensor;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A learned correction of the scores of items that the session has clicked. An encoder tells what a
 * visitor is interested in, and scores what was clicked by the same measure as what is new. Whether
 * visitors come back to what they have seen is another question, and logs differ: readers of news
 * never do, buyers often. So b(item) = weights · {@linkplain ClickedFeatures features} is added to
 * the score of each clicked item, and nothing to others.
 *
 * <p>Kin: Ren, Chen, Li, Ren, Ma and de Rijke 2019, "RepeatNet: a repeat aware neural
 * recommendation machine for session-based recommendation", equation 1, where the next item is
 * either repeated or explored.
 *
 * <p>Differs from it: one softmax over all items with a bias for the clicked ones, learned on
 * sessions that the encoder was not trained on, when the encoder is done.
 *
 * @param weights ({@value ClickedFeatures#COUNT}); all zero without a correction
 */
public record ClickedCorrection(float[] weights) {
  /** The name of the weights among those of a {@link Model}; missing without a correction. */
  public static final String TENSOR = "clicked";

  /** No correction. */
  public static final ClickedCorrection NONE =
      new ClickedCorrection(new float[ClickedFeatures.COUNT]);

  /** Checks the weights. */
  public ClickedCorrection {
    if (weights.length != ClickedFeatures.COUNT) {
      throw new IllegalArgumentException("the model's weight " + TENSOR + " should have "
          + ClickedFeatures.COUNT + " elements, but has " + weights.length);
    }
    for (float weight : weights) {
      if (!Float.isFinite(weight)) {
        throw new IllegalArgumentException(
            "the model's weight " + TENSOR + " should be finite, but has " + weight);
      }
    }
  }

  /**
   * The correction of a model.
   *
   * @param weights as {@link Model#weights}
   * @throws IllegalArgumentException if it is not finite, or not of {@value ClickedFeatures#COUNT}
   *     elements
   */
  public static ClickedCorrection of(Map<String, Tensor> weights) {
    Tensor tensor = weights.get(TENSOR);
    return tensor == null ? NONE : new ClickedCorrection(tensor.values());
  }

  /** The mean of the corrections of two models whose scores are averaged. */
  static @Nullable Tensor mean(@Nullable Tensor one, @Nullable Tensor other) {
    if (one == null && other == null) {
      return null;
    }
    float[] mean = new float[ClickedFeatures.COUNT];
    for (Tensor each : new Tensor[] {one, other}) {
      for (int i = 0; i < mean.length && each != null; i++) {
        mean[i] += EnsembleConfig.SHARE * each.values()[i];
      }
    }
    return new ClickedCorrection(mean).tensor();
  }

  /** The weights as a model keeps them: float32 ({@value ClickedFeatures#COUNT}). */
  public Tensor tensor() {
    return new Tensor(new long[] {weights.length}, weights);
  }

  /** Whether nothing is corrected. */
  public boolean isNone() {
    for (float weight : weights) {
      if (weight != 0) {
        return false;
      }
    }
    return true;
  }

  /**
   * Computes what is added to the scores of the items of a session.
   *
   * @param clicks item rows, oldest first
   * @param length number of clicks that are read, the first
   */
  public ClickedScores scores(int[] clicks, int length) {
    if (length == 0 || isNone()) {
      return ClickedScores.NONE;
    }
    ClickedFeatures features = ClickedFeatures.of(clicks, length);
    float[] additions = new float[features.rows().length];
    for (int item = 0; item < additions.length; item++) {
      additions[item] = addition(features.values()[item]);
    }
    int from = Math.max(0, length - ClickedFeatures.WINDOW);
    return new ClickedScores(features.rows(), additions, Arrays.copyOfRange(clicks, from, length));
  }

  /** What is added to the score of an item with these features. */
  public float addition(float[] features) {
    double sum = 0;
    for (int i = 0; i < weights.length; i++) {
      sum += (double) weights[i] * features[i];
    }
    return (float) sum;
  }
}
