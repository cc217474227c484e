package io.attune.report;

import static j2html.TagCreator.tag;

import j2html.tags.ContainerTag;
import java.util.List;
import java.util.Locale;

/**
 * Pictures of attention as SVG, that stand in a page or alone: the darker a cell, the more
 * attention a click gets.
 */
public final class AttentionPicture {
  private static final int CELL = 44;
  private static final int NAME = 7; // width of a letter
  private static final int COLUMN = 100;
  private static final String INK = "#1a1a1a";

  private AttentionPicture() {}

  /**
   * A triangle of cells with a row after each click, and a column for each click.
   *
   * @param steps the shares of attention after each click, oldest click first; of fewer clicks than
   *     there were if the encoder's window has fewer
   * @param label what it shows, for those who do not see it
   */
  public static String afterEachClick(List<float[]> steps, String label) {
    int count = steps.size();
    int size = (count + 1) * CELL;
    ContainerTag<?> svg = svg(size, size, label);
    for (int row = 0; row < count; row++) {
      svg.with(text(CELL / 2, (row + 1) * CELL + CELL / 2 + 5, Integer.toString(row + 1)));
      svg.with(text((row + 1) * CELL + CELL / 2, CELL / 2 + 5, Integer.toString(row + 1)));
      float[] attention = steps.get(row);
      int first = row + 1 - attention.length; // clicks before the encoder's window have no cell
      for (int i = 0; i < attention.length; i++) {
        addCell(svg, (first + i + 1) * CELL, (row + 1) * CELL, CELL, attention[i], first + i + 1);
      }
    }
    return svg.render();
  }

  /**
   * A table of the clicks of one session, with a column for each of several encoders.
   *
   * @param clicks names of the clicked items, oldest first
   * @param columns names of the encoders
   * @param shares the shares of attention by encoder, oldest click first; of fewer clicks than
   *     there are if an encoder's window has fewer
   * @param label as in {@link #afterEachClick}
   */
  public static String beside(
      List<String> clicks, List<String> columns, List<float[]> shares, String label) {
    int names = NAME * clicks.stream().mapToInt(String::length).max().orElse(0) + CELL;
    ContainerTag<?> svg = svg(names + columns.size() * COLUMN, (clicks.size() + 1) * CELL, label);
    for (int row = 0; row < clicks.size(); row++) {
      svg.with(text(8, (row + 1) * CELL + CELL / 2 + 5, row + 1 + ". " + clicks.get(row))
          .attr("text-anchor", "start"));
    }
    for (int column = 0; column < columns.size(); column++) {
      int x = names + column * COLUMN;
      svg.with(text(x + COLUMN / 2, CELL / 2 + 5, columns.get(column)));
      float[] attention = shares.get(column);
      int first = clicks.size() - attention.length;
      for (int i = 0; i < attention.length; i++) {
        addCell(svg, x, (first + i + 1) * CELL, COLUMN, attention[i], first + i + 1);
      }
    }
    return svg.render();
  }

  private static ContainerTag<?> svg(int width, int height, String label) {
    return tag("svg")
        .attr("xmlns", "http://www.w3.org/2000/svg")
        .attr("viewBox", "0 0 " + width + " " + height)
        .attr("width", Integer.toString(width))
        .attr("font-family", "system-ui,sans-serif")
        .attr("font-size", "13")
        .attr("role", "img")
        .attr("aria-label", label)
        .with(rectangle(0, 0, width, height).attr("fill", "#ffffff"));
  }

  private static void addCell(
      ContainerTag<?> svg, int x, int y, int width, float attention, int click) {
    String share = String.format(Locale.ROOT, "%.0f %%", 100 * attention);
    svg.with(rectangle(x, y, width - 2, CELL - 2)
        .attr("fill", "#1f5fa8")
        .attr("fill-opacity", String.format(Locale.ROOT, "%.3f", 0.06 + 0.94 * attention))
        .with(tag("title").withText("click " + click + ": " + share)));
    svg.with(text(x + width / 2 - 1, y + CELL / 2 + 5, share)
        .attr("fill", attention > 0.8 ? "#ffffff" : INK));
  }

  private static ContainerTag<?> rectangle(int x, int y, int width, int height) {
    return tag("rect")
        .attr("x", Integer.toString(x))
        .attr("y", Integer.toString(y))
        .attr("width", Integer.toString(width))
        .attr("height", Integer.toString(height));
  }

  private static ContainerTag<?> text(int x, int y, String text) {
    return tag("text")
        .attr("x", Integer.toString(x))
        .attr("y", Integer.toString(y))
        .attr("text-anchor", "middle")
        .withText(text);
  }
}
