package io.attune.server;

import io.micrometer.core.instrument.Measurement;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.distribution.CountAtBucket;
import io.micrometer.core.instrument.distribution.HistogramSnapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * Meters in the text format of Prometheus, version 0.0.4: gauges, counters, and timers as
 * histograms in seconds. Micrometer's own registry for it would bring four more libraries.
 */
final class PrometheusText {
  static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

  private PrometheusText() {}

  /** Writes all meters, by name. */
  static String of(MeterRegistry registry) {
    Map<String, List<Meter>> byName = new TreeMap<>();
    for (Meter meter : registry.getMeters()) {
      // The buckets of a timer are meters of their own too; they are written with the timer.
      if (meter.getId().syntheticAssociation() == null) {
        byName.computeIfAbsent(name(meter), name -> new ArrayList<>()).add(meter);
      }
    }
    StringBuilder text = new StringBuilder();
    byName.forEach((name, meters) -> write(name, meters, text));
    return text.toString();
  }

  /** The name with its unit, such as {@code attune_requests_seconds}. */
  private static String name(Meter meter) {
    String name = meter.getId().getName().replaceAll("[^a-zA-Z0-9_]", "_");
    String unit = meter.getId().getBaseUnit();
    return switch (meter.getId().getType()) {
      case TIMER, LONG_TASK_TIMER -> name + "_seconds";
      case COUNTER -> name + (unit == null ? "" : "_" + unit) + "_total";
      case GAUGE, DISTRIBUTION_SUMMARY, OTHER ->
        unit == null || unit.isEmpty() ? name : name + "_" + unit;
    };
  }

  private static void write(String name, List<Meter> meters, StringBuilder text) {
    Meter first = meters.getFirst();
    String description = first.getId().getDescription();
    if (description != null) {
      text.append("# HELP ").append(name).append(' ');
      text.append(description.replace("\\", "\\\\").replace("\n", "\\n")).append('\n');
    }
    text.append("# TYPE ").append(name).append(' ').append(type(first)).append('\n');
    for (Meter meter : meters) {
      if (meter instanceof Timer timer) {
        writeHistogram(name, timer, text);
      } else {
        for (Measurement measurement : meter.measure()) {
          line(name + suffix(meter, measurement), tags(meter, ""), measurement.getValue(), text);
        }
      }
    }
  }

  private static String type(Meter meter) {
    return switch (meter.getId().getType()) {
      case COUNTER -> "counter";
      case GAUGE -> "gauge";
      case TIMER -> meter instanceof Timer ? "histogram" : "summary";
      case LONG_TASK_TIMER, DISTRIBUTION_SUMMARY, OTHER -> "untyped";
    };
  }

  private static String suffix(Meter meter, Measurement measurement) {
    return switch (measurement.getStatistic()) {
      case TOTAL_TIME -> "_sum";
      case COUNT -> meter.getId().getType() == Meter.Type.TIMER ? "_count" : "";
      case VALUE, UNKNOWN, TOTAL -> "";
      case MAX, ACTIVE_TASKS, DURATION ->
        "_" + measurement.getStatistic().getTagValueRepresentation();
    };
  }

  private static void writeHistogram(String name, Timer timer, StringBuilder text) {
    HistogramSnapshot snapshot = timer.takeSnapshot();
    for (CountAtBucket bucket : snapshot.histogramCounts()) {
      String bound = Double.toString(bucket.bucket(TimeUnit.SECONDS));
      line(name + "_bucket", tags(timer, "le=\"" + bound + "\""), bucket.count(), text);
    }
    line(name + "_bucket", tags(timer, "le=\"+Inf\""), (double) snapshot.count(), text);
    line(name + "_sum", tags(timer, ""), snapshot.total(TimeUnit.SECONDS), text);
    line(name + "_count", tags(timer, ""), (double) snapshot.count(), text);
  }

  private static String tags(Meter meter, String more) {
    List<String> tags = new ArrayList<>();
    for (Tag tag : meter.getId().getTags()) {
      String value =
          tag.getValue().replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
      tags.add(tag.getKey().replaceAll("[^a-zA-Z0-9_]", "_") + "=\"" + value + "\"");
    }
    if (!more.isEmpty()) {
      tags.add(more);
    }
    return tags.isEmpty() ? "" : "{" + String.join(",", tags) + "}";
  }

  private static void line(String name, String tags, double value, StringBuilder text) {
    text.append(name).append(tags).append(' ');
    text.append(
        Double.isNaN(value)
            ? "NaN"
            : Double.isInfinite(value) ? (value > 0 ? "+Inf" : "-Inf") : Double.toString(value));
    text.append('\n');
  }
}
