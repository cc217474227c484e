package io.attune.report;

import static j2html.TagCreator.tag;

import io.attune.evaluation.Figures;
import io.attune.evaluation.Interval;
import j2html.tags.ContainerTag;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** SVG charts: bars with confidence intervals, and lines. */
final class SvgChart {
  private static final int WIDTH = 480;
  private static final int BAR_HEIGHT = 34;
  private static final int NAME_WIDTH = 130;
  private static final int VALUE_WIDTH = 52;
  private static final int PLOT_HEIGHT = 220;

  /** A palette for colour-blind readers, after Okabe and Ito. */
  private static final List<String> COLOURS = List.of(
      "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#555555", "#b3a000");

  private SvgChart() {}

  /** A mean in percent with its confidence interval. */
  record Bar(String name, double mean, Interval interval) {}

  /** Values in percent, one per label; NaN for none. */
  record Line(String name, double[] values) {}

  /** A chart of horizontal bars that start at zero. */
  static ContainerTag<?> bars(String title, List<Bar> bars) {
    double max = bars.stream().mapToDouble(bar -> bar.interval.high()).max().orElse(1);
    double scale = (WIDTH - NAME_WIDTH - VALUE_WIDTH) / Math.max(max, 1e-9);
    ContainerTag<?> svg = svg(title, bars.size() * BAR_HEIGHT);
    for (int i = 0; i < bars.size(); i++) {
      Bar bar = bars.get(i);
      double y = i * BAR_HEIGHT;
      double low = NAME_WIDTH + scale * bar.interval.low();
      double high = NAME_WIDTH + scale * bar.interval.high();
      svg.with(text(NAME_WIDTH - 8, y + 21, "end", bar.name));
      svg.with(rect(NAME_WIDTH, y + 6, scale * bar.mean, BAR_HEIGHT - 12, COLOURS.getFirst())
          .attr("fill-opacity", "0.75"));
      svg.with(path("M%s %sH%sM%s %sv10M%s %sv10"
              .formatted(f(low), f(y + 17), f(high), f(low), f(y + 12), f(high), f(y + 12)))
          .attr("stroke", "#1a1a1a"));
      svg.with(text(high + 6, y + 21, "start", Figures.decimal(bar.mean, 2)));
    }
    return svg;
  }

  /** A line chart whose axis starts at zero, with a legend below. */
  static ContainerTag<?> lines(String title, List<String> labels, List<Line> lines) {
    double max = Math.max(
        1e-9,
        lines.stream()
            .flatMapToDouble(line -> Arrays.stream(line.values))
            .filter(Double::isFinite)
            .max()
            .orElse(1));
    int left = 46;
    int bottom = PLOT_HEIGHT - 24;
    int legend = (lines.size() + 1) / 2 * 20;
    double step = (WIDTH - left - 20.0) / Math.max(1, labels.size() - 1);
    ContainerTag<?> svg = svg(title, PLOT_HEIGHT + legend);
    for (int part = 0; part <= 4; part++) {
      double y = bottom - (bottom - 10) * part / 4.0;
      svg.with(path("M%s %sH%s".formatted(left, f(y), WIDTH - 8)).attr("stroke", "#dddddd"));
      svg.with(text(left - 6, y + 4, "end", Figures.decimal(max * part / 4, max < 4 ? 2 : 0)));
    }
    int every = Math.max(1, (labels.size() + 5) / 6);
    for (int i = 0; i < labels.size(); i += every) {
      svg.with(text(left + i * step, bottom + 18, i == 0 ? "start" : "middle", labels.get(i)));
    }
    for (int number = 0; number < lines.size(); number++) {
      Line line = lines.get(number);
      String colour = COLOURS.get(number % COLOURS.size());
      StringBuilder path = new StringBuilder();
      boolean drawing = false;
      for (int i = 0; i < line.values.length; i++) {
        double value = line.values[i];
        if (Double.isFinite(value)) {
          double y = bottom - (bottom - 10) * value / max;
          path.append(drawing ? "L" : "M")
              .append(f(left + i * step))
              .append(' ')
              .append(f(y));
          svg.with(tag("circle")
              .attr("cx", f(left + i * step))
              .attr("cy", f(y))
              .attr("r", "3")
              .attr("fill", colour)
              .with(tag("title")
                  .withText(line.name + ", " + labels.get(i) + ": " + Figures.decimal(value, 2))));
        }
        drawing = Double.isFinite(value);
      }
      svg.with(path(path.toString()).attr("stroke", colour).attr("stroke-width", "2"));
      double x = left + number % 2 * (WIDTH - left) / 2.0;
      double y = PLOT_HEIGHT + number / 2 * 20 + 6;
      svg.with(rect(x, y - 4, 18, 4, colour));
      svg.with(text(x + 24, y + 3, "start", line.name));
    }
    return svg;
  }

  private static ContainerTag<?> svg(String title, int height) {
    return tag("svg")
        .attr("xmlns", "http://www.w3.org/2000/svg")
        .attr("viewBox", "0 0 " + WIDTH + " " + height)
        .attr("role", "img")
        .attr("aria-label", title);
  }

  private static ContainerTag<?> rect(
      double x, double y, double width, double height, String colour) {
    return tag("rect")
        .attr("x", f(x))
        .attr("y", f(y))
        .attr("width", f(width))
        .attr("height", f(height))
        .attr("fill", colour);
  }

  private static ContainerTag<?> path(String data) {
    return tag("path").attr("d", data).attr("fill", "none");
  }

  private static ContainerTag<?> text(double x, double y, String anchor, String text) {
    return tag("text")
        .attr("x", f(x))
        .attr("y", f(y))
        .attr("text-anchor", anchor)
        .withText(text);
  }

  private static String f(double number) {
    return String.format(Locale.ROOT, "%.1f", number);
  }
}
