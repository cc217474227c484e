package io.attune.opensearch;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.attune.model.ClickedCorrection;
import io.attune.model.ClickedFeatures;
import io.attune.model.EncoderConfig;
import io.attune.model.GruConfig;
import io.attune.model.Manifest;
import io.attune.model.Model;
import io.attune.model.TextMap;
import io.attune.session.Vocabulary;
import io.attune.vector.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Models with random weights, those of a correction of clicked items among them; each seed gives
 * another version.
 */
public final class RandomModel {
  private static final int HIDDEN = 8;
  private static final int FEATURES = 512;

  private RandomModel() {}

  /**
   * Writes one.
   *
   * @param items that it knows
   */
  public static void save(Path directory, List<String> items, int dimension, long seed)
      throws IOException {
    Random random = new Random(seed);
    GruConfig config = GruConfig.builder().dimension(dimension).hidden(HIDDEN).build();
    Tensor table = tensor(random, items.size() + 1, dimension);
    for (int row = 0; row <= items.size(); row++) {
      normalize(table.values(), row * dimension, row == 0 ? 0 : dimension, dimension);
    }
    Map<String, Tensor> weights = Map.of(
        Model.ITEMS,
        table,
        "gru.w_ih",
        tensor(random, 3 * HIDDEN, dimension),
        "gru.w_hh",
        tensor(random, 3 * HIDDEN, HIDDEN),
        "gru.b_ih",
        tensor(random, 3 * HIDDEN),
        "gru.b_hh",
        tensor(random, 3 * HIDDEN),
        "decoder.b",
        tensor(random, HIDDEN, dimension),
        ClickedCorrection.TENSOR,
        tensor(random, ClickedFeatures.COUNT));
    save(directory, config, items, weights, seed);
  }

  /** Writes one that makes vectors of texts too: other words, another vector. */
  static void saveWithTexts(Path directory, List<String> items, int dimension, long seed)
      throws IOException {
    Path plain = directory.resolveSibling("." + directory.getFileName());
    save(plain, items, dimension, seed);
    Model model = Model.load(plain);
    Random random = new Random(seed);
    float[] rarity = new float[FEATURES];
    Arrays.fill(rarity, 1);
    Map<String, Tensor> weights = new HashMap<>(model.weights());
    new TextMap(rarity, tensor(random, FEATURES, dimension), 0.8f).addTo(weights, Model.ITEMS);
    // Rows that nobody clicked have their vectors from words; here that is none of them.
    long[] clicks = new long[items.size()];
    Arrays.fill(clicks, 1);
    new Model(model.manifest(), model.vocabulary(), clicks, weights).save(directory);
  }

  /** Writes a model of any weights. */
  static void save(
      Path directory,
      EncoderConfig config,
      List<String> items,
      Map<String, Tensor> weights,
      long seed)
      throws IOException {
    Manifest.Provenance provenance = new Manifest.Provenance(
        "test",
        "",
        seed,
        0,
        0,
        "none",
        null,
        null,
        JsonNodeFactory.instance.objectNode(),
        JsonNodeFactory.instance.objectNode());
    Manifest manifest =
        new Manifest(Manifest.FORMAT, config, items.size(), provenance, List.of(), Map.of());
    new Model(manifest, Vocabulary.of(items), new long[items.size()], weights).save(directory);
  }

  /** Brings a row to length one, or clears it. */
  private static void normalize(float[] values, int from, int kept, int dimension) {
    double squares = 1e-12;
    for (int i = 0; i < dimension; i++) {
      squares += values[from + i] * values[from + i];
    }
    for (int i = 0; i < dimension; i++) {
      values[from + i] = i < kept ? (float) (values[from + i] / Math.sqrt(squares)) : 0;
    }
  }

  private static Tensor tensor(Random random, int... shape) {
    long[] sizes = new long[shape.length];
    int length = 1;
    for (int i = 0; i < shape.length; i++) {
      sizes[i] = shape[i];
      length *= shape[i];
    }
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return new Tensor(sizes, values);
  }
}
