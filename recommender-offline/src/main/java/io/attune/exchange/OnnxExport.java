package io.attune.exchange;

import io.attune.model.AtomicFile;
import io.attune.model.ClickedCorrection;
import io.attune.model.Model;
import io.attune.model.ModelDirectory;
import io.attune.vector.Tensor;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * Exports a model as an ONNX graph with its items, for those who serve elsewhere.
 *
 * <p>The graph has one input, {@code clicks}: int64 (L), the rows of a session's items, oldest
 * first, at least one; a row is the number of the item's line among the ids, from 1. Its outputs
 * are {@code query}, float32 (D), the query vector, and {@code scores}, float32 (V + 1), the score
 * of each row, with negative infinity for row 0. The scores include the correction of clicked items
 * and popularity drift, as all of Attune's do.
 */
public final class OnnxExport {
  /** The file of the graph. */
  public static final String GRAPH = "model.onnx";

  /** The file of the item ids, one a line. */
  public static final String IDS = "ids.txt";

  /** The file that says how the others are used. */
  public static final String README = "README.md";

  private OnnxExport() {}

  /**
   * Writes a model into a directory, which is created if there is none; files of an earlier export
   * are replaced.
   *
   * @param version of Attune
   * @throws IllegalArgumentException if the encoder, or an id, cannot be exported, or the graph
   *     would be too large; the message says why. Nothing is written then
   * @throws VectorFileException if the directory holds a model
   */
  public static void write(Model model, String version, Path directory) throws IOException {
    OnnxGraph.Written graph = graph(model, version);
    for (String id : model.vocabulary().ids()) {
      if (id.indexOf('\n') >= 0 || id.indexOf('\r') >= 0) {
        throw new IllegalArgumentException(
            "the id '" + id.strip() + "' contains a line end, so ids cannot be written one a line");
      }
    }
    if (Files.exists(directory.resolve(ModelDirectory.MANIFEST))) {
      throw new VectorFileException(
          directory, "holds a model, which an export would damage; choose another directory");
    }
    Files.createDirectories(directory);
    AtomicFile.replace(directory.resolve(GRAPH), file -> {
      try (OutputStream out = Files.newOutputStream(file)) {
        graph.write(out);
      }
    });
    AtomicFile.replace(directory.resolve(IDS), file -> {
      try (BufferedWriter out = Files.newBufferedWriter(file)) {
        for (String id : model.vocabulary().ids()) {
          out.write(id);
          out.write('\n');
        }
      }
    });
    AtomicFile.replace(directory.resolve(README), file -> Files.writeString(file, readme(model)));
  }

  private static OnnxGraph.Written graph(Model model, String version) {
    OnnxGraph graph = new OnnxGraph();
    Tensor items = Objects.requireNonNull(model.weights().get(Model.ITEMS));
    int dimension = model.manifest().encoder().dimension();
    String clicks = graph.input("clicks", OnnxGraph.Type.INT64, "L");
    String table = graph.weight(Model.ITEMS, items);
    String inputs = model.manifest().encoder().similarity().tied()
        ? table
        : graph.weight(Model.INPUTS, Objects.requireNonNull(model.weights().get(Model.INPUTS)));
    String embedded = graph.node("Gather", inputs, clicks); // float32 (L, D)
    String query = new EncoderGraph(graph, model.weights(), UnaryOperator.identity())
        .query(model.manifest().encoder(), embedded);
    String vector = graph.node("Reshape", query, graph.integers(-1)); // float32 (D)
    String products = graph.node("MatMul", table, vector); // float32 (V + 1)
    ClickedCorrection correction = ClickedCorrection.of(model.weights());
    String scores = correction.isNone()
        ? products
        : new ClickedGraph(graph, correction).correct(clicks, products);
    String ofItems = graph.node(
        "Slice", scores, graph.integers(1), graph.integers(Long.MAX_VALUE), graph.integers(0));
    String padding =
        graph.weight("padding", new Tensor(new long[] {1}, new float[] {Float.NEGATIVE_INFINITY}));
    graph.output("query", vector, dimension);
    graph.output(
        "scores",
        graph.node("Concat", new OnnxGraph.Attributes().with("axis", 0), padding, ofItems),
        items.shape()[0]);
    Map<String, String> metadata = new TreeMap<>();
    metadata.put("encoder", model.manifest().encoder().kind());
    metadata.put("model", model.version());
    return graph.model(version, metadata);
  }

  private static String readme(Model model) {
    return String.format(
        Locale.ROOT,
        """
        # A session recommender as ONNX

        `%s` is an encoder of sessions (%s) with the vectors of %d items, operators of version %d;
        `%s` has the id of the item of each row, one a line, from row 1 on.

        Input `clicks`, int64 (L): the rows of the items that a session clicked, oldest first, at least
        one. Leave out items that are not in `%s`; row 0 is none.

        Output `query`, float32 (%d): the session's vector. Output `scores`, float32 (%d): the score of
        the item in each row, and negative infinity for row 0. The best scores are the items to
        recommend next.

        scores[row] = items[row] · query%s

        Model %s of Attune.
        """,
        GRAPH,
        model.manifest().encoder().kind(),
        model.vocabulary().size(),
        OnnxGraph.OPERATORS,
        IDS,
        IDS,
        model.manifest().encoder().dimension(),
        model.vocabulary().size() + 1,
        ClickedCorrection.of(model.weights()).isNone()
            ? ""
            : " + a correction of the items that the session clicked,\nso the scores of clicked items"
                + " do not follow from `query` alone",
        model.version());
  }
}
