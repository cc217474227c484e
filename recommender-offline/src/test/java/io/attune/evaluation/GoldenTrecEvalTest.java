package io.attune.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.attune.metric.Metric;
import io.attune.metric.Metric.Measure;
import io.attune.metric.Ties;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GoldenTrecEvalTest {
  /** It prints four decimals. */
  private static final double PRINTED = 5.1e-5;

  @TempDir
  private Path folder;

  @Test
  void metricsMatchTrecEval() throws IOException {
    JsonNode golden = golden();
    EvaluatedRun run = EvaluatedRun.of(
        "run",
        TrecFile.readRun(write(golden.path("run"))),
        TrecFile.readQrels(write(golden.path("qrels"))),
        Ties.CONSERVATIVE);
    assertThat(run.queries()).hasSize(22).contains("q21");
    assertThat(run.unjudged()).containsExactly("q99");
    JsonNode figures = golden.path("figures");
    for (var mean : figures.path("all").properties()) {
      double[] values = run.values(metric(mean.getKey()));
      for (int query = 0; query < values.length; query++) {
        assertThat(values[query])
            .as("%s of %s", mean.getKey(), run.queries().get(query))
            .isCloseTo(
                figures.path(run.queries().get(query)).path(mean.getKey()).asDouble(-1),
                within(PRINTED));
      }
      assertThat(Arrays.stream(values).average().orElseThrow())
          .as(mean.getKey())
          .isCloseTo(mean.getValue().asDouble(), within(PRINTED));
    }
  }

  private static Metric metric(String name) {
    String[] parts = name.split("@", 2);
    return new Metric(Measure.valueOf(parts[0]), Integer.parseInt(parts[1]));
  }

  private Path write(JsonNode lines) throws IOException {
    return Files.write(
        Files.createTempFile(folder, "golden", ".trec"),
        lines.valueStream().map(JsonNode::asText).toList());
  }

  private static JsonNode golden() throws IOException {
    try (InputStream json = GoldenTrecEvalTest.class.getResourceAsStream("golden-trec-eval.json")) {
      return new ObjectMapper().readTree(Objects.requireNonNull(json));
    }
  }
}
