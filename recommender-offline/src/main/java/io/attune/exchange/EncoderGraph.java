package io.attune.exchange;

import io.attune.model.AttentionScore;
import io.attune.model.ConvolutionConfig;
import io.attune.model.DriftConfig;
import io.attune.model.EncoderConfig;
import io.attune.model.EnsembleConfig;
import io.attune.model.GruConfig;
import io.attune.model.HierarchicalConfig;
import io.attune.model.MeanConfig;
import io.attune.model.MemoryNetworkConfig;
import io.attune.model.NarmConfig;
import io.attune.model.Readout;
import io.attune.model.StampConfig;
import io.attune.model.TransformerConfig;
import io.attune.vector.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * Session encoders as ONNX operators: the query vector after all clicks of one session, equal to
 * that of {@code io.attune.incremental}. Matrices have a row for each click; a query is float32 (1,
 * D).
 */
final class EncoderGraph {
  private final GraphLayers layers;
  private final Map<String, Tensor> weights;
  private final UnaryOperator<String> naming;

  /**
   * Encoders with the weights of a model.
   *
   * @param naming maps an encoder's name of a weight to that in the model
   */
  EncoderGraph(OnnxGraph graph, Map<String, Tensor> weights, UnaryOperator<String> naming) {
    this.layers = new GraphLayers(graph, weights, naming);
    this.weights = weights;
    this.naming = naming;
  }

  /**
   * Adds an encoder.
   *
   * @param x float32 (L, D): the embedded clicks, oldest first
   * @return float32 (1, D)
   * @throws IllegalArgumentException if the encoder cannot be exported; the message says why
   */
  String query(EncoderConfig config, String x) {
    return switch (config) {
      case MeanConfig mean ->
        layers.normalized(mean.similarity(), layers.mean(layers.last(x, mean.lastClicks())));
      case GruConfig gru -> gru(gru, x);
      case NarmConfig narm -> narm(narm, x);
      case StampConfig stamp -> stamp(stamp, x);
      case ConvolutionConfig convolution -> convolution(convolution, x);
      case TransformerConfig transformer -> new TransformerGraph(transformer, layers).query(x);
      case MemoryNetworkConfig memory -> memory(memory, query(memory.encoder(), x));
      case EnsembleConfig ensemble -> ensemble(ensemble, x);
      case DriftConfig drift -> {
        int size = drift.encoder().dimension();
        float[] ones = new float[DriftConfig.ELEMENTS];
        Arrays.fill(ones, 1);
        yield layers.beside(
            query(drift.encoder(), layers.columns(x, 0, size)),
            layers.graph().weight("drift", new Tensor(new long[] {1, ones.length}, ones)));
      }
      case HierarchicalConfig hierarchical ->
        throw new IllegalArgumentException(
            "a hierarchical encoder cannot be exported: it finds visits by the times of clicks;"
                + " export a transformer, narm, gru, convolution, stamp, mean, memory-network or"
                + " ensemble");
    };
  }

  private String gru(GruConfig config, String x) {
    String state = layers.last(layers.gru(x, config.hidden()), 1);
    return layers.normalized(
        config.similarity(), layers.product(state, layers.weight("decoder.b")));
  }

  private String narm(NarmConfig config, String x) {
    String states = layers.gru(x, config.hidden()); // (L, H)
    String last = layers.last(states, 1); // (1, H)
    String seen = layers.last(states, config.lastClicks()); // (W, H)
    String scores = scores(config, last, seen); // (1, W)
    String left = config.topClicks() == 0 ? scores : layers.highest(scores, config.topClicks());
    List<String> parts = new ArrayList<>();
    if (config.readout() != Readout.MEAN) {
      String shares = config.softmaxAttention()
          ? layers.softmax(left)
          : config.topClicks() == 0 ? left : layers.zeroWhereInfinite(left);
      String context = layers.beside(last, layers.product(shares, seen));
      parts.add(layers.product(context, layers.weight("decoder.b")));
    }
    if (config.readout() != Readout.LAST) {
      String clicks = layers.last(x, config.lastClicks());
      parts.add(layers.product(layers.softmax(left), clicks));
    }
    return layers.normalized(config.similarity(), layers.sum(parts));
  }

  /** The scores of the clicks in the window, (1, W). */
  private String scores(NarmConfig config, String last, String seen) {
    return switch (config.score()) {
      case ADDITIVE -> {
        String keys = layers.product(seen, layers.weight("attention.a2"));
        String query = layers.product(last, layers.weight("attention.a1"));
        String scored = layers.product(
            layers.op("Sigmoid", layers.op("Add", keys, query)), layers.column("attention.v"));
        yield layers.transposed(scored);
      }
      case GENERAL ->
        layers.product(
            layers.product(last, layers.weight("attention.a1")), layers.transposed(seen));
      case DOT, SCALED_DOT -> {
        String dots = layers.product(last, layers.transposed(seen));
        yield config.score() == AttentionScore.DOT
            ? dots
            : layers.scaled(dots, 1 / Math.sqrt(config.hidden()));
      }
    };
  }

  private String stamp(StampConfig config, String x) {
    String seen = layers.last(x, config.lastClicks()); // (W, D)
    String last = layers.last(x, 1);
    String mean = layers.mean(seen);
    String background = layers.linear(mean, "attention.w3");
    String keys = layers.product(seen, layers.weight("attention.w1"));
    if (config.agePositions()) {
      keys = layers.op("Add", keys, layers.lastAsManyAs(seen, layers.weight("ages")));
    }
    String question = last;
    String read = mean;
    for (int hop = 0; hop < config.hops(); hop++) {
      String query =
          layers.op("Add", layers.product(question, layers.weight("attention.w2")), background);
      String scores = layers.transposed(layers.product(
          layers.op("Sigmoid", layers.op("Add", keys, query)), layers.column("attention.w0")));
      read = layers.product(config.softmaxAttention() ? layers.softmax(scores) : scores, seen);
      question = layers.op("Add", question, read);
    }
    String query = layers.op(
        "Mul",
        layers.op("Tanh", layers.linear(read, "session")),
        layers.op("Tanh", layers.linear(last, "last")));
    return layers.normalized(config.similarity(), query);
  }

  private String convolution(ConvolutionConfig config, String x) {
    String output = layers.scaled(x, Math.sqrt(config.dimension()));
    for (int block = 0; block < config.blocks(); block++) {
      String inner = layers.convolution(config, 2 * block, output);
      output = layers.op("Add", output, layers.convolution(config, 2 * block + 1, inner));
    }
    String query = layers.readout(config.readout(), output, x, config.window(), config.dimension());
    return layers.normalized(config.similarity(), query);
  }

  /** Joins a query vector with what it reads of a memory. */
  private String memory(MemoryNetworkConfig config, String query) {
    int d = config.dimension();
    Filled memory = filled(config);
    if (memory.keys.shape()[0] == 0) {
      return query;
    }
    String key = layers.unit(query);
    String keys = layers.graph().weight(naming.apply("memory.keys.filled"), memory.keys); // (D, M)
    String values = layers.graph().weight(naming.apply("memory.values.filled"), memory.values);
    String shares = layers.softmax(layers.scaled(layers.product(key, keys), config.sharpness()));
    String read = layers.product(shares, values);
    Tensor gate = tensor("gate.w");
    Tensor column = new Tensor(new long[] {2L * d, 1}, gate.values());
    String opened = layers.op(
        "Sigmoid",
        layers.op(
            "Add",
            layers.product(
                layers.beside(key, read),
                layers.graph().weight(naming.apply("gate.column"), column)),
            layers.weight("gate.b")));
    String away = layers.op("Sub", layers.scaled(read, config.similarity().scale()), query);
    String closed = layers.op("Sub", layers.graph().number(1), opened);
    return layers.normalized(
        config.similarity(), layers.op("Add", query, layers.op("Mul", closed, away)));
  }

  /** The slots of a memory that hold something: keys of length one, (D, M), and values, (M, D). */
  private record Filled(Tensor keys, Tensor values) {}

  private Filled filled(MemoryNetworkConfig config) {
    int d = config.dimension();
    float[] keys = tensor(MemoryNetworkConfig.KEYS).values();
    float[] values = tensor(MemoryNetworkConfig.VALUES).values();
    List<Integer> slots = new ArrayList<>();
    for (int slot = 0; slot < config.slots(); slot++) {
      if (length(keys, slot * d, d) > 0) {
        slots.add(slot);
      }
    }
    int count = slots.size();
    float[] columns = new float[d * count];
    float[] rows = new float[count * d];
    for (int i = 0; i < count; i++) {
      int from = slots.get(i) * d;
      double length = length(keys, from, d);
      for (int j = 0; j < d; j++) {
        columns[j * count + i] = (float) (keys[from + j] / length);
      }
      System.arraycopy(values, from, rows, i * d, d);
    }
    long[] keyShape = count == 0 ? new long[] {0, d} : new long[] {d, count};
    return new Filled(new Tensor(keyShape, columns), new Tensor(new long[] {count, d}, rows));
  }

  private static double length(float[] values, int from, int count) {
    double squares = 0;
    for (int i = from; i < from + count; i++) {
      squares += (double) values[i] * values[i];
    }
    return Math.sqrt(squares);
  }

  private Tensor tensor(String name) {
    return layers.tensor(name);
  }

  private String ensemble(EnsembleConfig config, String x) {
    int first = config.first().dimension();
    int both = config.dimension();
    String one = new EncoderGraph(layers.graph(), weights, EnsembleConfig::first)
        .query(config.first(), layers.columns(x, 0, first));
    String other = new EncoderGraph(layers.graph(), weights, EnsembleConfig::second)
        .query(config.second(), layers.columns(x, first, both));
    return layers.scaled(layers.beside(one, other), EnsembleConfig.SHARE);
  }
}
