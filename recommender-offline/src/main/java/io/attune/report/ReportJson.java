package io.attune.report;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.attune.evaluation.BeyondAccuracy;
import io.attune.evaluation.Comparison;
import io.attune.evaluation.EvaluationReport;
import io.attune.evaluation.EvaluationReport.Details;
import io.attune.model.AtomicFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An evaluation as JSON, metrics as fractions. */
public final class ReportJson {
  private ReportJson() {}

  public static void write(EvaluationReport report, Path file) throws IOException {
    Map<String, Object> tree = tree(report);
    AtomicFile.replace(
        file,
        beside -> JsonMapper.builder()
            .build()
            .writerWithDefaultPrettyPrinter()
            .writeValue(beside.toFile(), tree));
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
      Map<String, double[]> ranges = new LinkedHashMap<>();
      Map<String, Double> ofSessions = new LinkedHashMap<>();
      row.figures().forEach((metric, figure) -> {
        means.put(metric.name(), figure.mean());
        ranges.put(
            metric.name(),
            new double[] {figure.interval().low(), figure.interval().high()});
        ofSessions.put(metric.name(), figure.overSessions());
      });
      models.put(row.name(), means);
      intervals.put(row.name(), ranges);
      overSessions.put(row.name(), ofSessions);
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
    tree.put("headlines", report.headlines());
    tree.put("findings", report.findings());
    report.verdict().ifPresent(verdict -> tree.put("verdict", verdict));
    tree.putAll(report.conditions());
    return tree;
  }

  private static Map<String, Object> details(Details details) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("unknownTargets", details.unknownTargets());
    tree.put("unknownClicks", details.unknownClicks());
    tree.put("tied", details.tied());
    tree.put("lists", variety(details.variety()));
    tree.put("milliseconds", details.timed().single());
    tree.put("requestsBy", details.timed().path());
    tree.put("seconds", details.timed().seconds());
    return tree;
  }

  private static Map<String, @Nullable Object> variety(BeyondAccuracy variety) {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("cutoff", variety.cutoff());
    tree.put("coverage", number(variety.coverage()));
    tree.put("gini", number(variety.gini()));
    tree.put("popularity", number(variety.popularity()));
    tree.put("novelty", number(variety.novelty()));
    return tree;
  }

  /** JSON has no word for what is not a number: null, where there was nothing to take a mean of. */
  private static @Nullable Double number(double value) {
    return Double.isFinite(value) ? value : null;
  }

  private static Map<String, Object> comparison(Comparison comparison) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("better", comparison.better());
    tree.put("other", comparison.other());
    tree.put("metric", comparison.metric().name());
    tree.put("difference", comparison.difference().mean());
    tree.put("interval", new double[] {
      comparison.difference().interval().low(),
      comparison.difference().interval().high()
    });
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
