package io.attune.exchange;

import io.attune.model.ConvolutionConfig;
import io.attune.model.Readout;
import io.attune.model.Similarity;
import io.attune.vector.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;

/** What the graphs of encoders are made of. All values are float32 matrices, unless said. */
final class GraphLayers {
  private static final double NORM_EPSILON = 1e-5;
  private static final double LENGTH_EPSILON = 1e-12;

  private final OnnxGraph graph;
  private final Map<String, Tensor> weights;
  private final UnaryOperator<String> naming;

  GraphLayers(OnnxGraph graph, Map<String, Tensor> weights, UnaryOperator<String> naming) {
    this.graph = graph;
    this.weights = weights;
    this.naming = naming;
  }

  OnnxGraph graph() {
    return graph;
  }

  /** A weight by the encoder's name of it. */
  Tensor tensor(String name) {
    return Objects.requireNonNull(weights.get(naming.apply(name)), name);
  }

  /** Adds a weight of the model. */
  String weight(String name) {
    return graph.weight(naming.apply(name), tensor(name));
  }

  /** Adds a weight of one dimension as a column, (size, 1). */
  String column(String name) {
    Tensor vector = tensor(name);
    Tensor column = new Tensor(new long[] {vector.values().length, 1}, vector.values());
    return graph.weight(naming.apply(name) + ".column", column);
  }

  /** Adds an operator without attributes. */
  String op(String operator, String... inputs) {
    return graph.node(operator, inputs);
  }

  String product(String left, String right) {
    return op("MatMul", left, right);
  }

  String scaled(String x, double factor) {
    return op("Mul", x, graph.number(factor));
  }

  String transposed(String x) {
    return graph.node("Transpose", new OnnxGraph.Attributes().with("perm", new long[] {1, 0}), x);
  }

  String beside(String left, String right) {
    return graph.node("Concat", new OnnxGraph.Attributes().with("axis", 1), left, right);
  }

  String sum(List<String> parts) {
    return parts.stream().reduce((left, right) -> op("Add", left, right)).orElseThrow();
  }

  /** {@code x W + b}. */
  String linear(String x, String name) {
    return op("Add", product(x, weight(name + ".w")), weight(name + ".b"));
  }

  /** The softmax of each row. */
  String softmax(String x) {
    return graph.node("Softmax", new OnnxGraph.Attributes().with("axis", -1), x);
  }

  /** Layer normalisation of each row. */
  String norm(String x, String name) {
    return graph.node(
        "LayerNormalization",
        new OnnxGraph.Attributes().with("axis", -1).with("epsilon", (float) NORM_EPSILON),
        x,
        weight(name + ".gain"),
        weight(name + ".bias"));
  }

  /** The last rows, at most so many. */
  String last(String x, int count) {
    return op(
        "Slice", x, graph.integers(-count), graph.integers(Long.MAX_VALUE), graph.integers(0));
  }

  /** The last rows of a table, as many as another has. */
  String lastAsManyAs(String x, String table) {
    String rows = op("Slice", op("Shape", x), graph.integers(0), graph.integers(1));
    return op("Slice", table, op("Neg", rows), graph.integers(Long.MAX_VALUE), graph.integers(0));
  }

  /** Some columns. */
  String columns(String x, int from, int to) {
    return op("Slice", x, graph.integers(from), graph.integers(to), graph.integers(1));
  }

  /** The mean of the rows, (1, D). */
  String mean(String x) {
    return graph.node(
        "ReduceMean",
        new OnnxGraph.Attributes().with("axes", new long[] {0}).with("keepdims", 1),
        x);
  }

  /** A row of length one, or of zeros. */
  String unit(String row) {
    String squares = graph.node(
        "ReduceSum",
        new OnnxGraph.Attributes().with("keepdims", 1),
        op("Mul", row, row),
        graph.integers(1));
    return op("Div", row, op("Sqrt", op("Add", squares, graph.number(LENGTH_EPSILON))));
  }

  /** A query vector as items are compared with it. */
  String normalized(Similarity similarity, String query) {
    return similarity.normalized() ? scaled(unit(query), similarity.scale()) : query;
  }

  /** The scores of a row that are among its highest; the others become negative infinity. */
  String highest(String scores, int count) {
    String width = op("Slice", op("Shape", scores), graph.integers(1), graph.integers(2));
    String most = op("Min", width, graph.integers(count));
    String least = graph.node(
        "ReduceMin",
        new OnnxGraph.Attributes().with("axes", new long[] {1}).with("keepdims", 1),
        graph.nodes("TopK", new OnnxGraph.Attributes().with("axis", 1), 2, scores, most)[0]);
    return op("Where", op("Less", scores, least), infinity(), scores);
  }

  String zeroWhereInfinite(String scores) {
    return op("Where", op("IsInf", scores), graph.number(0), scores);
  }

  /** Negative infinity. */
  String infinity() {
    return graph.number(Double.NEGATIVE_INFINITY);
  }

  /** The states of a gated recurrent unit after each click, (L, H). */
  String gru(String x, int hidden) {
    String states = graph.node(
        "GRU",
        new OnnxGraph.Attributes().with("hidden_size", hidden).with("linear_before_reset", 1),
        op("Unsqueeze", x, graph.integers(1)),
        gates("gru.w_ih", hidden),
        gates("gru.w_hh", hidden),
        biases(hidden));
    return op("Reshape", states, graph.integers(-1, hidden));
  }

  /** A weight of the gates in the operator's order: update, reset, candidate. */
  private String gates(String name, int hidden) {
    Tensor weight = tensor(name);
    int size = (int) weight.shape()[1];
    return graph.weight(
        naming.apply(name) + ".onnx",
        new Tensor(new long[] {1, 3L * hidden, size}, ordered(weight.values(), hidden * size)));
  }

  private String biases(int hidden) {
    float[] both = new float[6 * hidden];
    System.arraycopy(ordered(tensor("gru.b_ih").values(), hidden), 0, both, 0, 3 * hidden);
    System.arraycopy(ordered(tensor("gru.b_hh").values(), hidden), 0, both, 3 * hidden, 3 * hidden);
    return graph.weight(
        naming.apply("gru.b") + ".onnx", new Tensor(new long[] {1, 6L * hidden}, both));
  }

  /** Exchanges the first two of three parts. */
  private static float[] ordered(float[] gates, int part) {
    float[] ordered = gates.clone();
    System.arraycopy(gates, part, ordered, 0, part);
    System.arraycopy(gates, 0, ordered, part, part);
    return ordered;
  }

  /** A causal convolution with its normalisation and ReLU, (L, D). */
  String convolution(ConvolutionConfig config, int index, String x) {
    String name = "convolution" + index;
    int d = config.dimension();
    int delay = config.delay(index);
    float[] taps = tensor(name + ".w").values();
    String before = graph.weight(
        "zeros_" + delay + "_" + d, new Tensor(new long[] {delay, d}, new float[delay * d]));
    String padded = graph.node("Concat", new OnnxGraph.Attributes().with("axis", 0), before, x);
    String sum = weight(name + ".b");
    for (int tap = 0; tap < config.kernel(); tap++) {
      int back = tap * config.dilation(index);
      float[] values = new float[d * d];
      System.arraycopy(taps, tap * d * d, values, 0, d * d);
      String weight =
          graph.weight(naming.apply(name) + ".tap" + tap, new Tensor(new long[] {d, d}, values));
      String seen = op(
          "Slice",
          padded,
          graph.integers(delay - back),
          graph.integers(back == 0 ? Long.MAX_VALUE : -back),
          graph.integers(0));
      sum = op("Add", product(seen, weight), sum);
    }
    return op("Relu", norm(sum, name + ".norm"));
  }

  /**
   * A query vector of a network's outputs and the clicks, (1, D).
   *
   * @param outputs (L, D)
   * @param x (L, D): the clicks as embedded
   * @param window how many clicks a mean is over
   */
  String readout(Readout kind, String outputs, String x, int window, int size) {
    String last = last(outputs, 1);
    if (kind == Readout.LAST) {
      return last;
    }
    String scores = transposed(product(last(outputs, window), column("readout.w")));
    String mean = product(softmax(scores), last(x, window));
    return switch (kind) {
      case LAST, MEAN -> mean;
      case SUM -> op("Add", mean, scaled(last, 1 / Math.sqrt(size)));
      case PROJECTED -> op("Add", mean, product(last, weight("readout.projection")));
    };
  }
}
