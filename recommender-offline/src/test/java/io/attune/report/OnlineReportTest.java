package io.attune.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.attune.online.InterleavedSearches;
import io.attune.online.InterleavedSearches.CreditedClick;
import io.attune.online.OnlineComparison;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OnlineReportTest {
  @TempDir
  private Path folder;

  private static OnlineComparison comparison(int ofA, int ofB, Map<String, Long> notes) {
    List<CreditedClick> clicks = IntStream.range(0, ofA + ofB)
        .mapToObj(i -> new CreditedClick("s" + i, 1 + i % 2, "<tv>", i >= ofA))
        .toList();
    return OnlineComparison.of(
        new InterleavedSearches(
            List.of("words", "learned"),
            3000,
            2000,
            1010,
            990,
            2,
            Instant.parse("2026-03-01T00:00:00Z"),
            Instant.parse("2026-03-11T00:00:00Z"),
            clicks,
            notes),
        false,
        1);
  }

  @Test
  void theTextBeginsWithTheVerdict() {
    List<String> lines =
        OnlineReport.lines(comparison(400, 600, Map.of("repeated clicks on the same hit", 3L)));

    assertThat(lines.getFirst()).isEqualTo("learned wins: it has 60.0 % of 1,000 credited clicks");
    assertThat(lines)
        .contains(
            "3,000 interleaved searches, 2,000 of them with hits of both teams, from"
                + " 2026-03-01T00:00:00Z to 2026-03-11T00:00:00Z; the model changed meanwhile,"
                + " 2 versions",
            "sample ratio: words chose first in 1,010 of 2,000 draws, 50.5 %, as fair coins do"
                + " (chi-square 0.20, p 0.6547)",
            "3 repeated clicks on the same hit");
    assertThat(lines)
        .anyMatch(line -> line.matches("learned: 60\\.0 %, 95 % interval 5[67]\\.\\d to"
            + " 6[23]\\.\\d % over 1,000 sessions; p < 0\\.0001 however often it was looked at"
            + " \\(which decides\\), < 0\\.0001 in a single look that was planned"));
    assertThat(lines).anyMatch(line -> line.startsWith("position  clicks  sessions  learned, %"));
  }

  @Test
  void whatIsNotDecidedSaysHowLongItTakes() {
    assertThat(OnlineReport.verdict(comparison(475, 525, Map.of())))
        .matches("not decided yet: learned has 52\\.5 % of 1,000 credited clicks; at this rate and"
            + " with this share, about \\d\\d more days");
    assertThat(OnlineReport.verdict(comparison(500, 500, Map.of())))
        .endsWith("no end is in sight, since the rankings hardly differ");
    assertThat(OnlineReport.verdict(comparison(3, 4, Map.of())))
        .endsWith("too little to say how long it will take");
    assertThat(OnlineReport.lines(comparison(0, 0, Map.of())))
        .startsWith("not decided yet: no click counts for one of the rankings")
        .contains("no credited clicks");
    assertThat(OnlineReport.verdict(comparison(600, 400, Map.of())))
        .isEqualTo("words wins: it has 60.0 % of 1,000 credited clicks");
  }

  @Test
  void jsonHasTheSameFigures() throws IOException {
    Path file = folder.resolve("comparison.json");
    OnlineReport.writeJson(comparison(400, 600, Map.of("odd", 3L)), file);

    JsonNode json = JsonMapper.builder().build().readTree(file.toFile());
    assertThat(json.path("outcome").asText()).isEqualTo("learned");
    assertThat(json.path("share").path("share").asDouble()).isEqualTo(0.6);
    assertThat(json.path("share").path("of").asText()).isEqualTo("learned");
    assertThat(json.path("share").path("interval")).hasSize(2);
    assertThat(json.path("sampleRatio").path("first").toString()).isEqualTo("[1010,990]");
    assertThat(json.path("positions").path("2").path("clicks").asInt()).isEqualTo(500);
    assertThat(json.path("notes").path("odd").asInt()).isEqualTo(3);
    OnlineReport.writeJson(comparison(0, 0, Map.of()), file);
    assertThat(Files.readString(file)).contains("\"undecided\"").doesNotContain("NaN");
  }

  @Test
  void thePageHasTheVerdictAndLoadsNothing() throws IOException {
    Path file = folder.resolve("comparison.html");
    OnlineReport.writePage(comparison(400, 600, Map.of("odd <clicks>", 3L)), file);

    assertThat(Files.readString(file))
        .contains(
            "<h1>words against learned</h1>",
            "Learned wins: it has 60.0 % of 1,000 credited clicks.",
            "3 odd &lt;clicks&gt;",
            "&lt;tv&gt;",
            "By position")
        .doesNotContain("<script", "src=", "href=", "url(", "<tv>");
    OnlineReport.writePage(comparison(0, 0, Map.of()), file);
    assertThat(Files.readString(file)).contains("Not decided yet").doesNotContain("NaN");
  }
}
