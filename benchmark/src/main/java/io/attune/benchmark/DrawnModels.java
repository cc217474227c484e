package io.attune.benchmark;

import io.attune.incremental.IncrementalEncoder;
import io.attune.model.Model;
import io.attune.model.NarmConfig;
import io.attune.serving.ServingModel;
import io.attune.session.Vocabulary;
import io.attune.vector.ItemVectors;
import io.attune.vector.Tensor;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
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
    int d = dimension;
    NarmConfig config = NarmConfig.builder().dimension(d).hidden(d).build();
    Map<String, Tensor> weights = new HashMap<>();
    weights.put("gru.w_ih", tensor(random, 3 * d, d));
    weights.put("gru.w_hh", tensor(random, 3 * d, d));
    weights.put("gru.b_ih", tensor(random, 3 * d));
    weights.put("gru.b_hh", tensor(random, 3 * d));
    weights.put("attention.a1", tensor(random, d, d));
    weights.put("attention.a2", tensor(random, d, d));
    weights.put("attention.v", tensor(random, d));
    weights.put("decoder.b", tensor(random, 2 * d, d));
    Tensor table = tensor(random, items + 1, d);
    weights.put(Model.ITEMS, table);
    ItemVectors vectors = ItemVectors.of(table);
    Vocabulary vocabulary =
        Vocabulary.of(IntStream.rangeClosed(1, items).mapToObj(DrawnModels::id).toList());
    return new ServingModel(
        version, vocabulary, vectors, IncrementalEncoder.of(config, weights, vectors));
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
