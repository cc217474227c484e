package io.attune.server;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.attune.model.AttentionScore;
import io.attune.model.ClickedCorrection;
import io.attune.model.ClickedFeatures;
import io.attune.model.LearnedBlend;
import io.attune.model.Manifest;
import io.attune.model.Model;
import io.attune.model.NarmConfig;
import io.attune.model.Readout;
import io.attune.session.Vocabulary;
import io.attune.vector.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Models of random weights that know the items i1, i2, … and have seen the later ones more often.
 */
final class RandomModel {
  private static final int DIMENSION = 8;
  private static final int HIDDEN = 4;

  private RandomModel() {}

  /** Saves one and returns it. */
  static Model save(Path directory, int items, long seed) throws IOException {
    Random random = new Random(seed);
    List<String> ids = IntStream.rangeClosed(1, items).mapToObj(i -> "i" + i).toList();
    Map<String, Tensor> weights = Map.of(
        Model.ITEMS,
        tensor(random, items + 1, DIMENSION),
        "gru.w_ih",
        tensor(random, 3 * HIDDEN, DIMENSION),
        "gru.w_hh",
        tensor(random, 3 * HIDDEN, HIDDEN),
        "gru.b_ih",
        tensor(random, 3 * HIDDEN),
        "gru.b_hh",
        tensor(random, 3 * HIDDEN),
        "decoder.b",
        tensor(random, 2 * HIDDEN, DIMENSION),
        ClickedCorrection.TENSOR,
        tensor(random, ClickedFeatures.COUNT));
    Manifest manifest = new Manifest(
        Manifest.FORMAT,
        NarmConfig.builder()
            .dimension(DIMENSION)
            .hidden(HIDDEN)
            .score(AttentionScore.DOT)
            .softmaxAttention(true)
            .readout(Readout.LAST)
            .build(),
        items,
        new Manifest.Provenance(
            "test",
            "",
            seed,
            0,
            0,
            "none",
            null,
            "2025-03-01T00:00:00Z",
            JsonNodeFactory.instance.objectNode(),
            JsonNodeFactory.instance.objectNode()),
        List.of(),
        Map.of());
    long[] counts = IntStream.rangeClosed(1, items).asLongStream().toArray();
    Model model = new Model(manifest, Vocabulary.of(ids), counts, weights);
    model.save(directory);
    return Model.load(directory);
  }

  private static Tensor tensor(Random random, long... shape) {
    int size = 1;
    for (long each : shape) {
      size *= (int) each;
    }
    float[] values = new float[size];
    for (int i = shape.length == 2 && shape[0] > 20 ? (int) shape[1] : 0; i < size; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return new Tensor(shape, values);
  }

  /** A learned blend for which the session counts the more, the more words there are. */
  static LearnedBlend blend() {
    List<String> contexts = List.of(
        "words", "entropy", "hits", "drop", "highest session score", "spread of session scores");
    Map<String, Double> weights = new HashMap<>();
    for (String part : List.of("first pass", "rank", "session")) {
      weights.put(part, 0.5);
      contexts.forEach(context -> weights.put(part + " × " + context, 0.0));
    }
    for (String context : contexts) {
      weights.put("mean of " + context, 0.0);
      weights.put("deviation of " + context, 1.0);
    }
    weights.put("session × words", 1.0);
    return new LearnedBlend(
        weights, new LearnedBlend.Origin("test", "", "2025-11-28", 1, 1, Map.of()));
  }
}
