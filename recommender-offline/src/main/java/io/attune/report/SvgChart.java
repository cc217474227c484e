package io.attune.report;

import static j2html.TagCreator.tag;

import io.attune.evaluation.Figures;
import io.attune.evaluation.Interval;
import j2html.tags.ContainerTag;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** The two charts of a report, in SVG: bars with intervals, and lines over labels. */
final class SvgChart {
  private static final int WIDTH = 480;
  private static final int LINE = 34;
  private static final int NAMES = 130;
  private static final int FIGURES = 52;
  private static final int HEIGHT = 220;

  /** Okabe and Ito's colours, which the colour-blind can tell apart. */
  private static final List<String> COLOURS = List.of(
      "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#555555", "#b3a000");

  private SvgChart() {}

  /** A mean in percent, and where it lies. */
  record Bar(String name, double mean, Interval interval) {}

  /** Values in percent, one a label; NaN where there is none. */
  record Line(String name, double[] values) {}

  /** Bars, one below the other, from zero. */
  static ContainerTag<?> bars(String title, List<Bar> bars) {
    double most = bars.stream().mapToDouble(bar -> bar.interval.high()).max().orElse(1);
    double scale = (WIDTH - NAMES - FIGURES) / Math.max(most, 1e-9);
    ContainerTag<?> svg = svg(title, bars.size() * LINE);
    for (int i = 0; i < bars.size(); i++) {
      Bar bar = bars.get(i);
      double y = i * LINE;
      double low = NAMES + scale * bar.interval.low();
      double high = NAMES + scale * bar.interval.high();
      svg.with(text(NAMES - 8, y + 21, "end", bar.name));
      svg.with(rect(NAMES, y + 6, scale * bar.mean, LINE - 12, COLOURS.getFirst())
          .attr("fill-opacity", "0.75"));
      svg.with(path("M%s %sH%sM%s %sv10M%s %sv10"
              .formatted(f(low), f(y + 17), f(high), f(low), f(y + 12), f(high), f(y + 12)))
          .attr("stroke", "#1a1a1a"));
      svg.with(text(high + 6, y + 21, "start", Figures.decimal(bar.mean, 2)));
    }
    return svg;
  }

  /** Lines over labels, from zero, with a legend below. */
  static ContainerTag<?> lines(String title, List<String> labels, List<Line> lines) {
    double most = Math.max(
        1e-9,
        lines.stream()
            .flatMapToDouble(line -> Arrays.stream(line.values))
            .filter(Double::isFinite)
            .max()
            .orElse(1));
    int left = 46;
    int bottom = HEIGHT - 24;
    int legend = (lines.size() + 1) / 2 * 20;
    double step = (WIDTH - left - 20.0) / Math.max(1, labels.size() - 1);
    ContainerTag<?> svg = svg(title, HEIGHT + legend);
    for (int part = 0; part <= 4; part++) {
      double y = bottom - (bottom - 10) * part / 4.0;
      svg.with(path("M%s %sH%s".formatted(left, f(y), WIDTH - 8)).attr("stroke", "#dddddd"));
      svg.with(text(left - 6, y + 4, "end", Figures.decimal(most * part / 4, most < 4 ? 2 : 0)));
    }
    int every = Math.max(1, (labels.size() + 5) / 6);
    for (int i = 0; i < labels.size(); i += every) {
      svg.with(text(left + i * step, bottom + 18, i == 0 ? "start" : "middle", labels.get(i)));
    }
    for (int number = 0; number < lines.size(); number++) {
      Line line = lines.get(number);
      String colour = COLOURS.get(number % COLOURS.size());
      StringBuilder way = new StringBuilder();
      boolean drawing = false;
      for (int i = 0; i < line.values.length; i++) {
        double value = line.values[i];
        if (Double.isFinite(value)) {
          double y = bottom - (bottom - 10) * value / most;
          way.append(drawing ? "L" : "M").append(f(left + i * step)).append(' ').append(f(y));
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
      svg.with(path(way.toString()).attr("stroke", colour).attr("stroke-width", "2"));
      double x = left + number % 2 * (WIDTH - left) / 2.0;
      double y = HEIGHT + number / 2 * 20 + 6;
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

  private static ContainerTag<?> path(String way) {
    return tag("path").attr("d", way).attr("fill", "none");
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
