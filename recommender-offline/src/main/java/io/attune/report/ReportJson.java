package io.attune.report;

import io.attune.evaluation.BeyondAccuracy;
import io.attune.evaluation.Comparison;
import io.attune.evaluation.ContinuedSessions;
import io.attune.evaluation.EvaluationReport;
import io.attune.evaluation.EvaluationReport.Details;
import io.attune.evaluation.Interval;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes an evaluation report as JSON, with metrics as fractions. */
public final class ReportJson {
  private ReportJson() {}

  /** Writes a report. */
  public static void write(EvaluationReport report, Path file) throws IOException {
    JsonFile.write(file, tree(report));
  }

  private static Map<String, Object> tree(EvaluationReport report) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("predictions", report.predictions());
    tree.put("sessions", report.sessions());
    Map<String, Object> models = new LinkedHashMap<>();
    Map<String, Object> intervals = new LinkedHashMap<>();
    Map<String, Object> overSessions = new LinkedHashMap<>();
    Map<String, Object> details = new LinkedHashMap<>();
    report.rows().forEach(row -> {
      Map<String, Double> means = new LinkedHashMap<>();
      Map<String, double[]> bounds = new LinkedHashMap<>();
      Map<String, Double> sessionMeans = new LinkedHashMap<>();
      row.figures().forEach((metric, figure) -> {
        means.put(metric.name(), figure.mean());
        bounds.put(metric.name(), bounds(figure.interval()));
        sessionMeans.put(metric.name(), figure.overSessions());
      });
      models.put(row.name(), means);
      intervals.put(row.name(), bounds);
      overSessions.put(row.name(), sessionMeans);
      if (row.details() != null) {
        details.put(row.name(), details(row.details()));
      }
    });
    tree.put("models", models);
    tree.put("intervals", intervals);
    tree.put("overSessions", overSessions);
    tree.put("details", details);
    tree.put(
        "comparisons", report.comparisons().stream().map(ReportJson::comparison).toList());
    tree.put("slices", report.slices().stream().map(ReportJson::slices).toList());
    if (!report.continued().isEmpty()) {
      tree.put(
          "continued", report.continued().stream().map(ReportJson::continued).toList());
    }
    tree.put("headlines", report.headlines());
    tree.put("findings", report.findings());
    report.verdict().ifPresent(verdict -> tree.put("verdict", verdict));
    tree.putAll(report.conditions());
    return tree;
  }

  private static Map<String, Object> continued(ContinuedSessions continued) {
    List<Map<String, Object>> rows = new ArrayList<>();
    for (ContinuedSessions.Row row : continued.rows()) {
      Map<String, Object> tree = new LinkedHashMap<>();
      tree.put("by", row.label());
      row.means().forEach((measure, mean) -> tree.put(measure.label(), number(mean)));
      Map<String, Object> differences = new LinkedHashMap<>();
      row.differences().forEach((measure, difference) -> {
        Map<String, Object> each = new LinkedHashMap<>();
        each.put("difference", difference.mean());
        each.put("interval", bounds(difference.interval()));
        each.put("p", difference.pValue());
        differences.put(measure.label(), each);
      });
      tree.put("toTheList", differences);
      rows.add(tree);
    }
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("model", continued.model());
    tree.put("steps", continued.steps());
    tree.put("places", continued.predictions());
    tree.put("rows", rows);
    return tree;
  }

  private static Map<String, Object> details(Details details) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("unknownTargets", details.unknownTargets());
    tree.put("unknownClicks", details.unknownClicks());
    tree.put("tied", details.tied());
    tree.put("lists", lists(details.beyondAccuracy()));
    tree.put("milliseconds", details.timing().latencies());
    tree.put("requestsBy", details.timing().servedBy());
    tree.put("seconds", details.timing().seconds());
    return tree;
  }

  private static Map<String, @Nullable Object> lists(BeyondAccuracy lists) {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("cutoff", lists.cutoff());
    tree.put("coverage", number(lists.coverage()));
    tree.put("gini", number(lists.gini()));
    tree.put("popularity", number(lists.popularity()));
    tree.put("novelty", number(lists.novelty()));
    return tree;
  }

  private static double[] bounds(Interval interval) {
    return new double[] {interval.low(), interval.high()};
  }

  /** A number, or null for NaN, which JSON cannot express. */
  private static @Nullable Double number(double value) {
    return Double.isFinite(value) ? value : null;
  }

  private static Map<String, Object> comparison(Comparison comparison) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("better", comparison.better());
    tree.put("other", comparison.other());
    tree.put("metric", comparison.metric().name());
    tree.put("difference", comparison.difference().mean());
    tree.put("interval", bounds(comparison.difference().interval()));
    tree.put("p", comparison.pValue());
    tree.put("shown", comparison.isSignificant());
    return tree;
  }

  private static Map<String, Object> slices(EvaluationReport.Slices slices) {
    List<Map<String, Object>> parts = new ArrayList<>();
    for (int slice = 0; slice < slices.sizes().length; slice++) {
      int at = slice;
      Map<String, Object> models = new LinkedHashMap<>();
      slices.means().forEach((name, means) -> {
        Map<String, Double> figures = new LinkedHashMap<>();
        means.forEach((metric, values) -> figures.put(metric.name(), values[at]));
        models.put(name, figures);
      });
      if (slices.sizes()[slice] > 0) {
        Map<String, Object> part = new LinkedHashMap<>();
        part.put("slice", slices.slicing().labels().get(slice));
        part.put("predictions", slices.sizes()[slice]);
        part.put("models", models);
        parts.add(part);
      }
    }
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("by", slices.slicing().name());
    tree.put("parts", parts);
    return tree;
  }
}
