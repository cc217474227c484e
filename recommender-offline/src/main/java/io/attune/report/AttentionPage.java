package io.attune.report;

import static j2html.TagCreator.each;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.li;
import static j2html.TagCreator.ol;
import static j2html.TagCreator.p;
import static j2html.TagCreator.tag;

import io.attune.model.AtomicFile;
import io.attune.serving.SessionVector;
import j2html.tags.ContainerTag;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * An HTML page that shows the attention of a session on its clicks, after each click, as heat maps.
 */
public final class AttentionPage {
  private static final int CELL = 44;
  private static final String STYLE = "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;"
      + "margin:1rem auto;padding:0 1rem;color:#1a1a1a}svg{max-width:100%;height:auto}"
      + "text{font:13px system-ui,sans-serif}";

  private AttentionPage() {}

  /**
   * The session after one of its clicks.
   *
   * @param vector the encoded session
   * @param heads the attention of each head of the last layer, (N, clicks); empty without heads
   */
  public record Step(SessionVector vector, float[][] heads) {}

  /**
   * Writes the page.
   *
   * @param steps the session after each of its clicks
   * @param recommended the names of the recommended items, best first, with what their scores
   *     include
   * @param name the name of an item by its row
   */
  public static void write(
      List<Step> steps, List<String> recommended, IntFunction<String> name, Path file)
      throws IOException {
    AtomicFile.replace(
        file, temporary -> Files.writeString(temporary, html(steps, recommended, name)));
  }

  private static String html(List<Step> steps, List<String> recommended, IntFunction<String> name) {
    int[] clicks = steps.getLast().vector().clicks();
    int heads = steps.getLast().heads().length;
    return HtmlPage.of(
        "Session attention",
        STYLE,
        List.of(
            p("Each row shows the session after one more click. The darker a cell, the more"
                + " attention the click of its column gets."),
            heatMap(
                steps.stream().map(step -> step.vector().attention()).toList(),
                "attention after each click"),
            each(
                IntStream.range(0, heads).boxed().toList(),
                head -> each(
                    h2(String.format(
                        Locale.ROOT, "Head %d of %d in the last layer", head + 1, heads)),
                    heatMap(
                        steps.stream().map(step -> step.heads()[head]).toList(),
                        "attention of head " + (head + 1) + " after each click"))),
            h2("Clicks"),
            ol(each(Arrays.stream(clicks).boxed().toList(), row -> li(name.apply(row)))),
            h2("Recommended items"),
            ol(each(recommended, each -> li(each)))));
  }

  /** A triangle of cells with a row per step and a column per click. */
  private static ContainerTag<?> heatMap(List<float[]> steps, String label) {
    int count = steps.size();
    int size = (count + 1) * CELL;
    ContainerTag<?> svg = tag("svg")
        .attr("xmlns", "http://www.w3.org/2000/svg")
        .attr("viewBox", "0 0 " + size + " " + size)
        .attr("width", Integer.toString(size))
        .attr("role", "img")
        .attr("aria-label", label);
    for (int row = 0; row < count; row++) {
      svg.with(label(CELL / 2, (row + 1) * CELL + CELL / 2 + 5, Integer.toString(row + 1)));
      svg.with(label((row + 1) * CELL + CELL / 2, CELL / 2 + 5, Integer.toString(row + 1)));
      float[] attention = steps.get(row);
      int first = row + 1 - attention.length; // clicks before the encoder's window have no cell
      for (int i = 0; i < attention.length; i++) {
        int x = (first + i + 1) * CELL;
        int y = (row + 1) * CELL;
        String share = String.format(Locale.ROOT, "%.0f %%", 100 * attention[i]);
        svg.with(tag("rect")
            .attr("x", Integer.toString(x))
            .attr("y", Integer.toString(y))
            .attr("width", Integer.toString(CELL - 2))
            .attr("height", Integer.toString(CELL - 2))
            .attr("fill", "#1f5fa8")
            .attr("fill-opacity", String.format(Locale.ROOT, "%.3f", 0.06 + 0.94 * attention[i]))
            .with(tag("title").withText("click " + (first + i + 1) + ": " + share)));
        svg.with(label(x + CELL / 2 - 1, y + CELL / 2 + 5, share)
            .attr("fill", attention[i] > 0.45 ? "#ffffff" : "#1a1a1a"));
      }
    }
    return svg;
  }

  private static ContainerTag<?> label(int x, int y, String text) {
    return tag("text")
        .attr("x", Integer.toString(x))
        .attr("y", Integer.toString(y))
        .attr("text-anchor", "middle")
        .withText(text);
  }
}
