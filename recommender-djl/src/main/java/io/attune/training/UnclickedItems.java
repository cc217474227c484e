package io.attune.training;

import io.attune.model.EncoderConfig;
import io.attune.model.Model;
import io.attune.model.TextMap;
import io.attune.session.SplitMix64;
import io.attune.session.Vocabulary;
import io.attune.vector.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Items with texts that nobody has clicked: they get the vectors that their words give them, by a
 * {@link TextRegression} on the items with clicks, and stand behind these in the tables. All that
 * ranks items ranks them too.
 *
 * <p>A vector from words lies between those of many items, and as long as a trained one it is near
 * every session: unclicked items would push clicked ones off the lists. So they are made shorter,
 * as much as needed on validation.
 */
final class UnclickedItems {
  /** Names the length among the weights of a training that is not over. */
  static final String LENGTH = "unclicked.length";

  /** What may be lost of HR@20 by the items with clicks, on validation, as a fraction. */
  static final double TOLERATED = 0.003;

  private static final float[] LENGTHS = {0.5f, 0.6f, 0.65f, 0.7f, 0.75f, 0.8f, 0.85f, 0.9f, 1};

  /** The length where nothing is validated. */
  static final float CAUTIOUS = 0.8f;

  /** As if at least so many of the items had no clicks: some will be added after training. */
  private static final double LEAST_SHARE = 0.01;

  private static final double MOST_SHARE = 0.25;

  private final TrainingData data;
  private final EncoderConfig encoder;

  /**
   * The unclicked items of a training.
   *
   * @param data with texts
   * @param encoder bare
   */
  UnclickedItems(TrainingData data, EncoderConfig encoder) {
    this.data = data;
    this.encoder = encoder;
  }

  /**
   * Finds how long their vectors may be, by giving some items with clicks what their words give
   * them.
   *
   * @param weights of a model that was not trained on the validation part
   * @param validation which ranks
   * @param seed of which items these are
   */
  UnclickedGain learn(Map<String, Tensor> weights, Validation validation, long seed) {
    int unclicked = data.unclicked().size();
    Vocabulary items = data.all().vocabulary();
    double share =
        Math.clamp((double) unclicked / (unclicked + items.size()), LEAST_SHARE, MOST_SHARE);
    BitSet covered = new BitSet();
    int last = 0;
    for (int row = 1; row <= items.size(); row++) {
      long drawn = SplitMix64.mix(SplitMix64.mix(seed) + row) >>> 11;
      boolean hasText = data.texts().containsKey(items.id(row));
      covered.set(row, hasText && drawn * 0x1p-53 < share);
      last = hasText ? row : last;
    }
    if (covered.isEmpty()) {
      covered.set(last); // of a small catalogue
    }
    Map<String, TextMap> regressions = regressions(weights, covered);
    // Of length 0 they score 0, and are on no list: as if they were not there.
    double alone = found(weights, covered, regressions, 0, validation).others();
    double trained = validation.hits(weights, covered).some();
    int low = 0; // the longest that is known to be short enough, or the shortest of all
    int high = LENGTHS.length; // the shortest that is known to be too long
    Validation.Hits best = found(weights, covered, regressions, LENGTHS[low], validation);
    while (high - low > 1) {
      int middle = (low + high) >>> 1;
      Validation.Hits tried = found(weights, covered, regressions, LENGTHS[middle], validation);
      if (alone - tried.others() <= TOLERATED) {
        low = middle;
        best = tried;
      } else {
        high = middle;
      }
    }
    return new UnclickedGain(
        "", unclicked, LENGTHS[low], alone - best.others(), trained, best.some());
  }

  private Validation.Hits found(
      Map<String, Tensor> weights,
      BitSet rows,
      Map<String, TextMap> regressions,
      float length,
      Validation validation) {
    return validation.hits(covered(weights, rows, regressions, length), rows);
  }

  /** The weights with what the words of some items say in place of what was trained. */
  private Map<String, Tensor> covered(
      Map<String, Tensor> weights, BitSet rows, Map<String, TextMap> regressions, float length) {
    Map<String, Tensor> all = new LinkedHashMap<>(weights);
    regressions.forEach((name, regression) ->
        all.computeIfPresent(name, (n, table) -> covered(table, rows, regression, length)));
    return all;
  }

  private Tensor covered(Tensor table, BitSet rows, TextMap regression, float length) {
    float[] values = table.values().clone();
    int width = (int) table.shape()[1];
    float usual = meanLength(table, width);
    rows.stream().forEach(row -> {
      String text = data.texts().getOrDefault(data.all().vocabulary().id(row), "");
      Arrays.fill(values, row * width, row * width + encoder.dimension(), 0);
      regression.withLength(length * usual).vector(text, values, row * width);
    });
    return new Tensor(table.shape(), values);
  }

  /**
   * What a model keeps of texts: for each table a map that makes vectors of texts.
   *
   * @param weights of a trained model, with or without popularity drift, which unclicked items have
   *     none of
   * @param length of the vectors, as a share of the mean length of the others
   */
  Map<String, Tensor> maps(Map<String, Tensor> weights, float length) {
    Map<String, Tensor> maps = new LinkedHashMap<>();
    regressions(weights, new BitSet()).forEach((name, map) -> {
      Tensor table = Objects.requireNonNull(weights.get(name));
      float usual = meanLength(table, (int) table.shape()[1]);
      map.withLength(length * usual).addTo(maps, name);
    });
    return maps;
  }

  private Map<String, TextMap> regressions(Map<String, Tensor> weights, BitSet without) {
    Vocabulary items = data.all().vocabulary();
    List<String> texts = new ArrayList<>();
    int[] rows = new int[items.size()];
    for (int row = 1; row <= items.size(); row++) {
      String text = data.texts().get(items.id(row));
      if (text != null && !without.get(row)) {
        rows[texts.size()] = row;
        texts.add(text);
      }
    }
    int[] known = Arrays.copyOf(rows, texts.size());
    Map<String, TextMap> regressions = new LinkedHashMap<>();
    for (String name : List.of(Model.ITEMS, Model.INPUTS)) {
      Tensor table = weights.get(name);
      if (table != null) {
        regressions.put(name, TextRegression.of(texts, known, table, encoder.dimension()));
      }
    }
    return regressions;
  }

  private float meanLength(Tensor table, int width) {
    double sum = 0;
    int rows = data.all().vocabulary().size();
    for (int row = 1; row <= rows; row++) {
      double squares = 0;
      for (int k = 0; k < encoder.dimension(); k++) {
        double value = table.values()[row * width + k];
        squares += value * value;
      }
      sum += Math.sqrt(squares);
    }
    return (float) (sum / rows);
  }
}
