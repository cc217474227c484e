package io.attune.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.attune.encoder.EncoderConfigs;
import io.attune.model.DriftConfig;
import io.attune.model.Edges;
import io.attune.model.EncoderConfig;
import io.attune.model.EnsembleConfig;
import io.attune.model.HierarchicalConfig;
import io.attune.model.LayerSharing;
import io.attune.model.MeanConfig;
import io.attune.model.MemoryNetworkConfig;
import io.attune.model.Model;
import io.attune.model.TimeBias;
import io.attune.model.TransformerConfig;
import io.attune.recommender.Prefix;
import io.attune.recommender.TrainedModels;
import io.attune.serving.ServingModel;
import io.attune.serving.ServingRecommender;
import io.attune.session.Sessions;
import io.attune.session.Vocabulary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What ONNX Runtime makes of an exported model, against the model in plain Java. */
class OnnxExportTest {
  private static final int ITEMS = 40;

  private final Sessions sessions = sessions();

  @TempDir
  private Path folder;

  static Stream<EncoderConfig> exported() {
    return Stream.concat(
        EncoderConfigs.causal().filter(OnnxExportTest::isExported),
        Stream.of(
            MeanConfig.builder().dimension(12).lastClicks(1).build(),
            new DriftConfig(small().build()),
            small().lastClicks(200).build()));
  }

  static Stream<EncoderConfig> refused() {
    return EncoderConfigs.all().filter(config -> !isExported(config));
  }

  private static TransformerConfig.Builder small() {
    return TransformerConfig.builder().dimension(12).lastClicks(5);
  }

  private static boolean isExported(EncoderConfig config) {
    return switch (config) {
      case HierarchicalConfig hierarchical -> false;
      case TransformerConfig transformer ->
        transformer.timeBias() == TimeBias.NONE
            && transformer.edges() == Edges.NONE
            && transformer.sharing() != LayerSharing.HALTING
            && !transformer.equals(EncoderConfigs.bidirectional());
      case MemoryNetworkConfig memory -> isExported(memory.encoder());
      case EnsembleConfig ensemble -> isExported(ensemble.first()) && isExported(ensemble.second());
      case DriftConfig drift -> isExported(drift.encoder());
      default -> true;
    };
  }

  @ParameterizedTest
  @MethodSource("exported")
  void everyPrefixHasTheQueryVectorAndTheScoresOfThePlainJavaModel(EncoderConfig config)
      throws IOException, OrtException {
    Model model = TrainedModels.corrected(TrainedModels.briefly(sessions, config), 5);
    compare(model);
  }

  @Test
  void aModelWithoutACorrectionHasTheBareProducts() throws IOException, OrtException {
    compare(TrainedModels.briefly(sessions, small().build()));
  }

  private void compare(Model model) throws IOException, OrtException {
    OnnxExport.write(model, "1", folder);
    ServingModel serving = ServingModel.of(model);
    ServingRecommender plain = new ServingRecommender("plain", serving);
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(1);
      try (OrtSession onnx =
          environment.createSession(folder.resolve(OnnxExport.GRAPH).toString(), options)) {
        for (int s = 0; s < 8; s++) {
          int[] clicks = sessions.items(s);
          for (int length = 1; length <= clicks.length; length++) {
            compare(model, plain, new Prefix(clicks, length), environment, onnx);
          }
        }
      }
    }
  }

  private static void compare(
      Model model,
      ServingRecommender plain,
      Prefix prefix,
      OrtEnvironment environment,
      OrtSession onnx)
      throws OrtException {
    float[] expected = new float[ITEMS + 1];
    plain.score(List.of(prefix), expected);
    List<String> ids = Arrays.stream(prefix.clicks(), 0, prefix.length())
        .mapToObj(model.vocabulary()::id)
        .toList();
    float[] query = plain.model().vector(ids).query();
    long[] rows =
        Arrays.stream(prefix.clicks(), 0, prefix.length()).asLongStream().toArray();
    try (OnnxTensor input = OnnxTensor.createTensor(environment, rows);
        OrtSession.Result result = onnx.run(Map.of("clicks", input))) {
      float[] found = (float[]) result.get("query").orElseThrow().getValue();
      float[] scores = (float[]) result.get("scores").orElseThrow().getValue();
      assertThat(found).hasSameSizeAs(query);
      double length = Math.sqrt(
          IntStream.range(0, query.length).mapToDouble(i -> query[i] * query[i]).sum());
      for (int i = 0; i < query.length; i++) {
        assertThat(found[i]).isCloseTo(query[i], within((float) (1e-5 * Math.max(1, length))));
      }
      assertThat(scores).hasSameSizeAs(expected);
      assertThat(scores[0]).isEqualTo(Float.NEGATIVE_INFINITY);
      for (int row = 1; row <= ITEMS; row++) {
        assertThat(scores[row])
            .as("row %d after %d clicks", row, prefix.length())
            .isCloseTo(expected[row], within((float) (1e-5 * Math.max(1, length))));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("refused")
  void whatCannotBeExportedIsRefusedByName(EncoderConfig config) throws IOException {
    Model model = TrainedModels.briefly(sessions, config);
    assertThatThrownBy(() -> OnnxExport.write(model, "1", folder.resolve("refused")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageMatching("a (hierarchical encoder|transformer with (timeBias gap|edges"
            + " session-graph|sharing halting|direction bidirectional)) cannot be exported.*");
    assertThat(folder.resolve("refused")).doesNotExist();
  }

  @Test
  void idsAndInstructionsLieBesideTheGraph() throws IOException {
    Model model =
        TrainedModels.briefly(sessions, MeanConfig.builder().dimension(12).build());
    OnnxExport.write(model, "1", folder);
    assertThat(Files.readAllLines(folder.resolve(OnnxExport.IDS)))
        .isEqualTo(model.vocabulary().ids());
    assertThat(folder.resolve(OnnxExport.README))
        .content()
        .contains("(mean) with the vectors of 40 items", "scores[row] = items[row] · query\n");
    model.save(folder.resolve("model"));
    assertThatThrownBy(() -> OnnxExport.write(model, "1", folder.resolve("model")))
        .isInstanceOf(VectorFileException.class)
        .hasMessageContaining("holds a model, which an export would damage");
  }

  private static Sessions sessions() {
    SplittableRandom random = new SplittableRandom(12);
    List<int[]> rows = new ArrayList<>();
    List<long[]> times = new ArrayList<>();
    for (int s = 0; s < 60; s++) {
      // One is longer than what corrections and windows look at.
      int[] session = new int[s == 0 ? 70 : s < 4 ? 20 : 2 + random.nextInt(9)];
      int at = random.nextInt(ITEMS);
      for (int i = 0; i < session.length; i++) {
        session[i] = 1 + Math.floorMod(at + random.nextInt(5), ITEMS);
      }
      rows.add(session);
      times.add(random.longs(session.length, 0, 1L << (10 + s % 30)).sorted().toArray());
    }
    Vocabulary vocabulary =
        Vocabulary.of(IntStream.rangeClosed(1, ITEMS).mapToObj(i -> "i" + i).toList());
    return Sessions.of(vocabulary, rows, times);
  }
}
