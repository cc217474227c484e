package io.attune.opensearch;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.attune.opensearch.cluster.Http;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.opensearch.node.NodeValidationException;

/** The README's commands work in a cluster like the example's. */
class ReadmeTest {
  private static final List<String> ITEMS = IntStream.rangeClosed(1, 50)
      .mapToObj(i -> String.format(Locale.ROOT, "hik-%03d", i))
      .toList();
  private static final int DIMENSION = 12;
  private static final Pattern CURL = Pattern.compile(
      "curl -X (\\S+) \"?\\$node(/[^\" ]*)\"? -H \"\\$json\" -d '\n(.*?)'\n\n", Pattern.DOTALL);

  @TempDir
  private static Path home;

  private static LocalNode node;
  private static Http http;

  @BeforeAll
  static void start() throws IOException, InterruptedException, NodeValidationException {
    RandomModel.save(home.resolve("config/attune/shop"), ITEMS, DIMENSION, 1);
    node = LocalNode.start(home);
    http = node.http();
    // As the example makes it.
    http.ok("PUT", "/shop", """
        {"settings": {"number_of_shards": 2, "number_of_replicas": 0},
         "mappings": {"properties": {"sku": {"type": "keyword"}, "title": {"type": "text"}}}}
        """);
    StringBuilder bulk = new StringBuilder();
    for (String item : ITEMS) {
      bulk.append("""
          {"index": {"_id": "%s"}}
          {"sku": "%s", "title": "a boot"}
          """.formatted(item, item));
    }
    http.ok("POST", "/shop/_bulk?refresh=true", bulk.toString());
  }

  @AfterAll
  static void stop() throws IOException {
    node.close();
  }

  /** The first block of code below a heading. */
  private static String block(String heading) throws IOException {
    String readme = Files.readString(Path.of("README.md"));
    int from = readme.indexOf("\n```\n", readme.indexOf("\n## " + heading + "\n")) + 5;
    return readme.substring(from, readme.indexOf("```\n", from)) + "\n";
  }

  @Test
  void theSectionOnRetrievalWorksAsPasted() throws IOException, InterruptedException {
    String dimension = http.ok("GET", "/_attune/models", "")
        .at("/nodes")
        .iterator()
        .next()
        .at("/models/shop/dimension")
        .asText();
    assertThat(dimension).isEqualTo("" + DIMENSION);
    List<MatchResult> commands = CURL.matcher(block("Retrieve")).results().toList();
    assertThat(commands).hasSize(4);
    JsonNode last = null;
    for (MatchResult command : commands) {
      last = http.ok(
          command.group(1), command.group(2), command.group(3).replace("'$dimension'", dimension));
      assertThat(last.path("errors").asBoolean()).as("%s", last).isFalse();
    }
    assertThat(last).isNotNull();
    assertThat(last.at("/hits/hits")).hasSize(3);
  }

  @Test
  void theSectionOnRanksWorksAsPasted() throws IOException, InterruptedException {
    String[] lines = block("Re-rank").split("\n", 2);
    assertThat(lines[0]).isEqualTo("POST shop/_search");
    JsonNode hits = http.ok("POST", "/shop/_search", lines[1]).at("/hits/hits");
    assertThat(hits).hasSize(10);
    for (JsonNode hit : hits) {
      assertThat(hit.at("/fields/attune_model")).hasSize(1);
    }
  }
}
