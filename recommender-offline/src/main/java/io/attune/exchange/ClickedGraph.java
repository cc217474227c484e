package io.attune.exchange;

import io.attune.model.ClickedCorrection;
import io.attune.model.ClickedFeatures;

/**
 * The correction of clicked items as ONNX operators: {@link ClickedFeatures} for each of the last
 * clicks, of which the last on each item counts.
 */
final class ClickedGraph {
  private final OnnxGraph graph;
  private final float[] weights;

  ClickedGraph(OnnxGraph graph, ClickedCorrection correction) {
    this.graph = graph;
    this.weights = correction.weights();
  }

  /**
   * Corrects scores.
   *
   * @param clicks int64 (L): item rows, oldest first
   * @param scores float32 (V + 1)
   * @return float32 (V + 1)
   */
  String correct(String clicks, String scores) {
    String rows = graph.node(
        "Slice",
        clicks,
        graph.integers(-ClickedFeatures.WINDOW),
        graph.integers(Long.MAX_VALUE),
        graph.integers(0)); // int64 (C)
    String count = graph.node("Squeeze", graph.node("Shape", rows)); // int64, C
    String places = graph.node("Range", graph.integer(0), count, graph.integer(1));
    String place = graph.cast(places, OnnxGraph.Type.FLOAT); // float32 (C), as all below
    String length = graph.cast(count, OnnxGraph.Type.FLOAT); // float32, C
    String same = graph.cast(
        graph.node(
            "Equal",
            graph.node("Unsqueeze", rows, graph.integers(1)),
            graph.node("Unsqueeze", rows, graph.integers(0))),
        OnnxGraph.Type.FLOAT); // (C, C)
    String clicked = sum(same);
    String last = minusOne(graph.node(
        "ReduceMax",
        new OnnxGraph.Attributes().with("axes", new long[] {1}).with("keepdims", 0),
        graph.node("Mul", same, graph.node("Add", place, graph.number(1)))));
    String isLast = equal(last, place); // of its item
    String items = graph.node("ReduceSum", new OnnxGraph.Attributes().with("keepdims", 0), isLast);
    String repeats = graph.node("Sub", graph.number(1), graph.node("Div", items, length));
    String newest = minusOne(length);
    String age =
        graph.node("Min", graph.node("Sub", newest, last), graph.number(ClickedFeatures.AGES - 1));
    // Whether the click before the last one is on the same item.
    String beforeLast = equal(place, minusOne(newest));
    String twice = graph.node("MatMul", same, column(beforeLast)); // (C, 1), of each click
    String ofLast = graph.node("MatMul", row(equal(place, newest)), twice); // (1, 1)
    String often = graph.node("Log", clicked);
    String log = graph.node("Log", length);
    String[] features = new String[ClickedFeatures.COUNT];
    for (int i = 0; i < ClickedFeatures.AGES; i++) {
      features[i] = equal(age, graph.number(i));
    }
    features[4] = often;
    features[5] = graph.node("Reshape", ofLast, graph.integers(1));
    features[6] = log;
    features[7] = repeats;
    String[] crossed = {often, log, repeats};
    for (int i = 0; i < crossed.length; i++) {
      features[8 + i] = graph.node("Mul", features[0], crossed[i]);
      features[11 + i] = graph.node("Mul", features[1], crossed[i]);
    }
    String addition = graph.number(0);
    for (int i = 0; i < features.length; i++) {
      addition =
          graph.node("Add", addition, graph.node("Mul", features[i], graph.number(weights[i])));
    }
    return graph.node(
        "ScatterElements",
        new OnnxGraph.Attributes().with("axis", 0).with("reduction", "add"),
        scores,
        rows,
        graph.node("Mul", addition, isLast));
  }

  private String minusOne(String x) {
    return graph.node("Sub", x, graph.number(1));
  }

  private String sum(String matrix) {
    return graph.node(
        "ReduceSum", new OnnxGraph.Attributes().with("keepdims", 0), matrix, graph.integers(1));
  }

  private String equal(String one, String other) {
    return graph.cast(graph.node("Equal", one, other), OnnxGraph.Type.FLOAT);
  }

  private String column(String vector) {
    return graph.node("Unsqueeze", vector, graph.integers(1));
  }

  private String row(String vector) {
    return graph.node("Unsqueeze", vector, graph.integers(0));
  }
}
