package io.attune.benchmark;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.attune.incremental.IncrementalEncoder;
import io.attune.model.Manifest;
import io.attune.model.Model;
import io.attune.model.NarmConfig;
import io.attune.serving.ServingModel;
import io.attune.session.Vocabulary;
import io.attune.vector.ItemVectors;
import io.attune.vector.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** Models with drawn weights: as fast as trained ones. */
final class DrawnModels {
  private DrawnModels() {}

  /** The id of an item, from 1. */
  static String id(int item) {
    return "i" + item;
  }

  /** A NARM over items {@code i1} to {@code iV}, on the heap. */
  static ServingModel narm(SplittableRandom random, int items, int dimension) {
    return narm(random, items, dimension, "drawn");
  }

  /** The same of a version. */
  static ServingModel narm(SplittableRandom random, int items, int dimension, String version) {
    Map<String, Tensor> weights = weights(random, items, dimension);
    ItemVectors vectors = ItemVectors.of(Objects.requireNonNull(weights.get(Model.ITEMS)));
    return new ServingModel(
        version,
        vocabulary(items),
        vectors,
        IncrementalEncoder.of(config(dimension), weights, vectors));
  }

  /** Saves one, whose items have no counts. */
  static Model save(Path directory, SplittableRandom random, int items, int dimension)
      throws IOException {
    Manifest.Provenance provenance = new Manifest.Provenance(
        "",
        "",
        1,
        0,
        0,
        "none",
        null,
        null,
        JsonNodeFactory.instance.objectNode(),
        JsonNodeFactory.instance.objectNode());
    Manifest manifest =
        new Manifest(Manifest.FORMAT, config(dimension), items, provenance, List.of(), Map.of());
    Model model =
        new Model(manifest, vocabulary(items), new long[items], weights(random, items, dimension));
    model.save(directory);
    return model;
  }

  private static NarmConfig config(int dimension) {
    return NarmConfig.builder().dimension(dimension).hidden(dimension).build();
  }

  private static Vocabulary vocabulary(int items) {
    return Vocabulary.of(
        IntStream.rangeClosed(1, items).mapToObj(DrawnModels::id).toList());
  }

  private static Map<String, Tensor> weights(SplittableRandom random, int items, int d) {
    Map<String, Tensor> weights = new HashMap<>();
    weights.put("gru.w_ih", tensor(random, 3 * d, d));
    weights.put("gru.w_hh", tensor(random, 3 * d, d));
    weights.put("gru.b_ih", tensor(random, 3 * d));
    weights.put("gru.b_hh", tensor(random, 3 * d));
    weights.put("attention.a1", tensor(random, d, d));
    weights.put("attention.a2", tensor(random, d, d));
    weights.put("attention.v", tensor(random, d));
    weights.put("decoder.b", tensor(random, 2 * d, d));
    weights.put(Model.ITEMS, tensor(random, items + 1, d));
    return weights;
  }

  private static Tensor tensor(SplittableRandom random, int... shape) {
    long[] sizes = Arrays.stream(shape).asLongStream().toArray();
    float[] values = new float[Arrays.stream(shape).reduce(1, Math::multiplyExact)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (random.nextFloat() * 2 - 1) * 0.17f;
    }
    return new Tensor(sizes, values);
  }
}
