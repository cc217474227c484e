package io.attune.exchange;

import io.attune.model.Direction;
import io.attune.model.Edges;
import io.attune.model.LayerSharing;
import io.attune.model.PositionAngles;
import io.attune.model.PositionEncoding;
import io.attune.model.TimeBias;
import io.attune.model.TransformerConfig;

/**
 * A causal Transformer as ONNX operators. All clicks are encoded, each by those in its window; the
 * query is read at the last one.
 */
final class TransformerGraph {
  private final TransformerConfig config;
  private final GraphLayers layers;
  private final OnnxGraph graph;
  private final int size; // D
  private final int headSize;

  /**
   * A Transformer of a configuration.
   *
   * @throws IllegalArgumentException if it cannot be exported; the message says which setting it is
   */
  TransformerGraph(TransformerConfig config, GraphLayers layers) {
    require(
        config.direction() == Direction.CAUSAL,
        "direction bidirectional",
        "each click changes the encoding of all earlier ones");
    require(config.timeBias() == TimeBias.NONE, "timeBias gap", "it reads the times of clicks");
    require(config.edges() == Edges.NONE, "edges session-graph", "it reads which items followed");
    require(
        config.sharing() != LayerSharing.HALTING,
        "sharing halting",
        "how many layers it applies depends on the click");
    this.config = config;
    this.layers = layers;
    this.graph = layers.graph();
    this.size = config.dimension();
    this.headSize = size / config.heads();
  }

  private static void require(boolean holds, String setting, String reason) {
    if (!holds) {
      throw new IllegalArgumentException("a transformer with " + setting
          + " cannot be exported, since " + reason + "; export one that is trained without");
    }
  }

  /** The query vector, (1, D), of embedded clicks, (L, D). */
  String query(String x) {
    String length = layers.op(
        "Squeeze", layers.op("Slice", layers.op("Shape", x), graph.integers(0), graph.integers(1)));
    String places = layers.op("Range", graph.integer(0), length, graph.integer(1)); // int64 (L)
    String mask = mask(places);
    String[] angles =
        config.positions() == PositionEncoding.ROTARY ? angles(places, headSize) : new String[0];
    String output = layers.scaled(x, Math.sqrt(size));
    output = switch (config.positions()) {
      case LEARNED ->
        layers.op(
            "Add",
            output,
            layers.op(
                "Gather",
                layers.weight("positions"),
                layers.op("Mod", places, graph.integer(config.lastClicks()))));
      case SINUSOIDAL -> layers.op("Add", output, sinusoidal(places));
      case ROTARY, NONE -> output;
    };
    boolean independent = config.sharing() == LayerSharing.INDEPENDENT;
    for (int layer = 0; layer < config.layers(); layer++) {
      output = block(independent ? "block" + layer : "block", output, mask, angles);
    }
    String normed = layers.norm(output, "norm");
    String query = layers.readout(config.readout(), normed, x, config.lastClicks(), size);
    return layers.normalized(config.similarity(), query);
  }

  /** What is added to the scores of clicks (L, L): 0 in the window, else negative infinity. */
  private String mask(String places) {
    String back = layers.op(
        "Sub",
        layers.op("Unsqueeze", places, graph.integers(1)),
        layers.op("Unsqueeze", places, graph.integers(0)));
    String seen = layers.op(
        "And",
        layers.op("GreaterOrEqual", back, graph.integer(0)),
        layers.op("Less", back, graph.integer(config.lastClicks())));
    return layers.op("Where", seen, graph.number(0), layers.infinity());
  }

  private String block(String name, String x, String mask, String[] angles) {
    String parts = layers.linear(layers.norm(x, name + ".attention.norm"), name + ".attention.in");
    String query = heads(layers.columns(parts, 0, size), angles, false);
    String key = heads(layers.columns(parts, size, 2 * size), angles, true);
    String value = heads(layers.columns(parts, 2 * size, 3 * size), new String[0], false);
    String scores = layers.scaled(layers.product(query, key), 1 / Math.sqrt(headSize));
    String shares = layers.softmax(layers.op("Add", scores, mask));
    String attended = graph.node(
        "Transpose",
        new OnnxGraph.Attributes().with("perm", new long[] {1, 0, 2}),
        layers.product(shares, value));
    String joined = layers.op("Reshape", attended, graph.integers(-1, size));
    String residual = layers.op("Add", x, layers.linear(joined, name + ".attention.out"));
    String inner = layers.linear(layers.norm(residual, name + ".feed.norm"), name + ".feed.in");
    return layers.op("Add", residual, layers.linear(gelu(inner), name + ".feed.out"));
  }

  /**
   * Divides a matrix into heads, (N, L, D / N) or transposed (N, D / N, L).
   *
   * @param angles cosines and sines to rotate by; none for values
   */
  private String heads(String x, String[] angles, boolean transposed) {
    String divided = layers.op("Reshape", x, graph.integers(-1, config.heads(), headSize));
    String rotated = angles.length == 0 ? divided : rotated(divided, angles);
    long[] order = transposed ? new long[] {1, 2, 0} : new long[] {1, 0, 2};
    return graph.node("Transpose", new OnnxGraph.Attributes().with("perm", order), rotated);
  }

  private String rotated(String x, String[] angles) {
    int half = headSize / 2;
    String one = part(x, 0, half);
    String other = part(x, half, headSize);
    String cosines = layers.op("Unsqueeze", angles[0], graph.integers(1)); // (L, 1, D / 2N)
    String sines = layers.op("Unsqueeze", angles[1], graph.integers(1));
    return graph.node(
        "Concat",
        new OnnxGraph.Attributes().with("axis", 2),
        layers.op("Sub", layers.op("Mul", one, cosines), layers.op("Mul", other, sines)),
        layers.op("Add", layers.op("Mul", other, cosines), layers.op("Mul", one, sines)));
  }

  private String part(String x, int from, int to) {
    return layers.op("Slice", x, graph.integers(from), graph.integers(to), graph.integers(2));
  }

  /** Cosines and sines of the places, (L, pairs) each, computed in double precision. */
  private String[] angles(String places, int elements) {
    double[] periods = new double[Math.ceilDiv(elements, 2)];
    for (int pair = 0; pair < periods.length; pair++) {
      periods[pair] = 1 / PositionAngles.angle(1, pair, elements);
    }
    String angle = layers.op(
        "Div",
        layers.op("Unsqueeze", graph.cast(places, OnnxGraph.Type.DOUBLE), graph.integers(1)),
        graph.doubles("periods_" + elements, periods));
    // ONNX Runtime has no cosine in double precision.
    String quarter = graph.doubles("quarter", Math.PI / 2);
    return new String[] {
      graph.cast(layers.op("Sin", layers.op("Add", angle, quarter)), OnnxGraph.Type.FLOAT),
      graph.cast(layers.op("Sin", angle), OnnxGraph.Type.FLOAT)
    };
  }

  private String sinusoidal(String places) {
    String[] angles = angles(places, size);
    String pairs = graph.node(
        "Concat",
        new OnnxGraph.Attributes().with("axis", 2),
        layers.op("Unsqueeze", angles[1], graph.integers(2)),
        layers.op("Unsqueeze", angles[0], graph.integers(2)));
    int even = 2 * Math.ceilDiv(size, 2);
    return layers.columns(layers.op("Reshape", pairs, graph.integers(-1, even)), 0, size);
  }

  /** {@code x · (1 + erf(x / √2)) / 2}. */
  private String gelu(String x) {
    String erf = layers.op("Erf", layers.scaled(x, Math.sqrt(0.5)));
    return layers.op("Mul", layers.scaled(x, 0.5), layers.op("Add", erf, graph.number(1)));
  }
}
