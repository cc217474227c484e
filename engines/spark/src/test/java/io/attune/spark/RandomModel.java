package io.attune.spark;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.attune.model.ClickedCorrection;
import io.attune.model.ClickedFeatures;
import io.attune.model.GruConfig;
import io.attune.model.Manifest;
import io.attune.model.Model;
import io.attune.session.Vocabulary;
import io.attune.vector.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;

/** Models with random weights, whose version depends on the seed. */
final class RandomModel {
  private static final int HIDDEN = 8;
  private static final int DIMENSION = 12;

  private RandomModel() {}

  /** Saves a model that knows the items i0, i1, … */
  static Path save(Path directory, int items, long seed) throws IOException {
    Random random = new Random(seed);
    GruConfig config = GruConfig.builder().dimension(DIMENSION).hidden(HIDDEN).build();
    Tensor table = tensor(random, items + 1, DIMENSION);
    for (int row = 0; row <= items; row++) {
      normalize(table.values(), row * DIMENSION, row == 0 ? 0 : 1);
    }
    Map<String, Tensor> weights = Map.of(
        Model.ITEMS,
        table,
        "gru.w_ih",
        tensor(random, 3 * HIDDEN, DIMENSION),
        "gru.w_hh",
        tensor(random, 3 * HIDDEN, HIDDEN),
        "gru.b_ih",
        tensor(random, 3 * HIDDEN),
        "gru.b_hh",
        tensor(random, 3 * HIDDEN),
        "decoder.b",
        tensor(random, HIDDEN, DIMENSION),
        ClickedCorrection.TENSOR,
        tensor(random, ClickedFeatures.COUNT));
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
        new Manifest(Manifest.FORMAT, config, items, provenance, List.of(), Map.of());
    List<String> ids = IntStream.range(0, items).mapToObj(i -> "i" + i).toList();
    long[] counts = random.longs(items, 0, 50).toArray();
    new Model(manifest, Vocabulary.of(ids), counts, weights).save(directory);
    return directory;
  }

  private static void normalize(float[] values, int from, float length) {
    double squares = 1e-12;
    for (int i = 0; i < DIMENSION; i++) {
      squares += values[from + i] * values[from + i];
    }
    for (int i = 0; i < DIMENSION; i++) {
      values[from + i] *= (float) (length / Math.sqrt(squares));
    }
  }

  private static Tensor tensor(Random random, int... shape) {
    float[] values = new float[Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return new Tensor(Arrays.stream(shape).asLongStream().toArray(), values);
  }
}
