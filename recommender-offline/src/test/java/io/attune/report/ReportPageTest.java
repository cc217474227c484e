package io.attune.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.attune.evaluation.SampleReport;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportPageTest {

  /** A script that measures the page and stores the result in the document. */
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
  void thePageHasTheMetricsAndLoadsNothing() {
    String page = ReportPage.html(SampleReport.create());
    assertThat(page)
        .contains(
            "No model significantly beats the best baseline", "old &lt;clicks&gt;", "25.00 ± ")
        .doesNotContain("<script", "http://localhost", "src=", "<link");
  }

  @Test
  void aBrowserRendersThePageOnPhonesAndDesktops() throws Exception {
    Optional<Path> browser = browser();
    assumeTrue(browser.isPresent(), "no chromium on the path");
    Path page = folder.resolve("page.html");
    ReportPage.write(SampleReport.create(), page);
    Files.writeString(page, Files.readString(page).replace("</body>", PROBE + "</body>"));
    for (int width : new int[] {500, 1200}) {
      JsonNode seen = look(browser.get(), page, width);
      assertThat(seen.path("contentWidth").asInt())
          .as("no sideways scrolling at %d", width)
          .isLessThanOrEqualTo(seen.path("width").asInt());
      assertThat(seen.path("outside")).as("outside of its chart").isEmpty();
      assertThat(seen.path("headings").valueStream().map(JsonNode::asText))
          .containsExactly(
              "Cautions",
              "Metrics",
              "Comparisons",
              "Lists, unknown items and latency",
              "By clicks before",
              "Training of model");
      assertThat(seen.path("charts").valueStream().map(JsonNode::asText))
          .contains(
              "HR@20 by recommender",
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
}
