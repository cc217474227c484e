package io.attune.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.attune.evaluation.BeyondAccuracy;
import io.attune.evaluation.EvaluationReport;
import io.attune.evaluation.EvaluationReport.Details;
import io.attune.evaluation.EvaluationReport.Entry;
import io.attune.evaluation.EvaluationReport.Kind;
import io.attune.evaluation.EvaluationReport.Timed;
import io.attune.evaluation.Latencies;
import io.attune.evaluation.ScoredRun;
import io.attune.evaluation.Slicing;
import io.attune.metric.Metric;
import io.attune.model.Manifest;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportPageTest {

  /** Measures the page from inside, and leaves what it saw in the document. */
  private static final String PROBE = """
      <script>
      const box = e => e.getBoundingClientRect();
      const outside = [...document.querySelectorAll('svg text, svg rect, svg circle')].filter(e => {
        const outer = box(e.ownerSVGElement), inner = box(e);
        return inner.left < outer.left - 1 || inner.right > outer.right + 1
            || inner.top < outer.top - 1 || inner.bottom > outer.bottom + 1;
      }).map(e => e.outerHTML);
      const seen = {
        width: innerWidth,
        contentWidth: document.documentElement.scrollWidth,
        outside: outside,
        charts: [...document.querySelectorAll('svg')].map(e => e.getAttribute('aria-label')),
        bars: [...document.querySelectorAll('svg')[0].querySelectorAll('rect')].map(e => box(e).width),
        headings: [...document.querySelectorAll('h2')].map(e => e.textContent),
        verdict: document.querySelector('.verdict').textContent,
        tables: [...document.querySelectorAll('table')].map(e => e.rows.length)
      };
      const note = document.createElement('pre');
      note.id = 'seen';
      note.textContent = btoa(unescape(encodeURIComponent(JSON.stringify(seen))));
      document.body.append(note);
      </script>
      """;

  @TempDir
  private Path folder;

  @Test
  void theFiguresAreOnThePageAndNothingIsLoaded() {
    String page = ReportPage.of(report());
    assertThat(page)
        .contains("No model is shown to beat the baselines", "old &lt;clicks&gt;", "25.00 ± ")
        .doesNotContain("<script", "http://localhost", "src=", "<link");
  }

  @Test
  void aBrowserShowsItAllOnAPhoneAndOnADesk() throws Exception {
    Optional<Path> browser = browser();
    assumeTrue(browser.isPresent(), "no chromium on the path");
    Path page = folder.resolve("page.html");
    ReportPage.write(report(), page);
    Files.writeString(page, Files.readString(page).replace("</body>", PROBE + "</body>"));
    for (int width : new int[] {500, 1200}) {
      JsonNode seen = look(browser.get(), page, width);
      assertThat(seen.path("contentWidth").asInt())
          .as("no sideways scrolling at %d", width)
          .isLessThanOrEqualTo(seen.path("width").asInt());
      assertThat(seen.path("outside")).as("outside of its chart").isEmpty();
      assertThat(seen.path("headings").valueStream().map(JsonNode::asText))
          .containsExactly(
              "Doubtful",
              "Figures",
              "Comparisons",
              "Lists, gaps and time",
              "By clicks before",
              "Training of model");
      assertThat(seen.path("charts").valueStream().map(JsonNode::asText))
          .contains(
              "HR@20 of each recommender",
              "MRR@20 by clicks before",
              "loss by epoch",
              "validation by epoch");
      // 25 and 50 percent: one bar is twice as long.
      double first = seen.path("bars").path(0).asDouble();
      double second = seen.path("bars").path(1).asDouble();
      assertThat(second / first).isBetween(1.98, 2.02);
      assertThat(seen.path("verdict").asText()).contains("baseline beats model at HR@20");
      assertThat(seen.path("tables").path(0).asInt()).isEqualTo(3);
    }
  }

  private JsonNode look(Path browser, Path page, int width) throws Exception {
    File dom = folder.resolve("dom" + width + ".html").toFile();
    Process process = new ProcessBuilder(
            browser.toString(),
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--user-data-dir=" + folder.resolve("profile" + width),
            "--window-size=" + width + ",900",
            "--dump-dom",
            page.toUri().toString())
        .redirectOutput(dom)
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start();
    if (!process.waitFor(2, TimeUnit.MINUTES)) {
      process.destroyForcibly();
      throw new IOException("the browser did not end");
    }
    Matcher note = Pattern.compile("<pre id=\"seen\">([A-Za-z0-9+/=]+)</pre>")
        .matcher(Files.readString(dom.toPath()));
    assertThat(note.find()).as("the page's script ran").isTrue();
    byte[] json = Base64.getDecoder().decode(note.group(1));
    return new ObjectMapper().readTree(new String(json, StandardCharsets.UTF_8));
  }

  private static Optional<Path> browser() {
    return Stream.of("chromium", "chromium-browser", "google-chrome")
        .flatMap(name -> Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
            .map(folder -> Path.of(folder, name)))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /** A model that hits every fourth time, and a baseline that hits every second time. */
  private static EvaluationReport report() {
    int predictions = 400;
    int[] sessions = IntStream.range(0, predictions).map(p -> p / 2).toArray();
    Slicing slicing = new Slicing(
        "clicks before",
        List.of("1", "2", "3"),
        IntStream.range(0, predictions).map(p -> p % 2).toArray());
    List<Manifest.Epoch> epochs = List.of(
        new Manifest.Epoch("select", 1, 7.5, Map.of("HR@20", 0.2, "MRR@20", 0.1), 3),
        new Manifest.Epoch("select", 2, 6.5, Map.of("HR@20", 0.3, "MRR@20", 0.15), 3),
        new Manifest.Epoch("refit", 1, 7.4, Map.of(), 3));
    return EvaluationReport.of(
        Map.of("holdout", "7d"),
        List.of(),
        List.of("old <clicks>"),
        List.of(5, 20),
        List.of(
            new Entry(new Every(4, "model"), Kind.MODEL, details(epochs)),
            new Entry(new Every(2, "baseline"), Kind.BASELINE, details(List.of()))),
        sessions,
        predictions / 2,
        List.of(slicing));
  }

  private static Details details(List<Manifest.Epoch> epochs) {
    return new Details(
        3,
        2,
        1,
        new BeyondAccuracy(20, 0.5, 0.4, 0.6, 12),
        new Timed(new Latencies(100, 0.1, 0.2, 0.3), "engine", 2),
        epochs);
  }

  private record Every(int n, String name) implements ScoredRun {
    @Override
    public double[] values(Metric metric) {
      return IntStream.range(0, 400).mapToDouble(p -> p % n == 0 ? 1 : 0).toArray();
    }
  }
}
