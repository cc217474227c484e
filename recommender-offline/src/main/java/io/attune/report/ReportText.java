package io.attune.report;

import io.attune.evaluation.EvaluationReport;
import io.attune.evaluation.EvaluationReport.Details;
import io.attune.evaluation.EvaluationReport.Row;
import io.attune.evaluation.Figures;
import io.attune.metric.Metric;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** An evaluation as lines of text. */
public final class ReportText {
  private ReportText() {}

  /** All of it but the slices, and of the comparisons those of the best. */
  public static List<String> lines(EvaluationReport report) {
    List<String> lines = new ArrayList<>();
    report.headlines().forEach(headline -> lines.add("Warning: " + headline));
    report.verdict().ifPresent(lines::add);
    report.findings().forEach(finding -> lines.add("Doubtful: " + finding));
    lines.add("%s in %s; metrics in percent, ± half of the 95 %% interval"
        .formatted(
            Figures.count(report.predictions(), "prediction"),
            Figures.count(report.sessions(), "session")));
    lines.add("");
    lines.addAll(main(report));
    List<Metric> others = report.metrics().stream()
        .filter(metric -> metric.cutoff() < report.cutoff())
        .filter(metric -> metric.measure().relevant() == Metric.Relevant.NEXT)
        .toList();
    if (!others.isEmpty()) {
      lines.add("");
      lines.addAll(table(report, others, false));
    }
    if (report.rows().stream().anyMatch(row -> row.details() != null)) {
      lines.add("");
      lines.addAll(details(report));
    }
    List<String> tests = report.metrics().stream()
        .flatMap(metric -> report.ofTheBest(metric).stream())
        .map(EvaluationReport::sentence)
        .toList();
    if (!tests.isEmpty()) {
      lines.add("");
      lines.addAll(tests);
    }
    return lines;
  }

  /** The metrics at the largest cutoff with their intervals. */
  public static List<String> main(EvaluationReport report) {
    return table(
        report,
        report.metrics().stream()
            .filter(metric -> metric.cutoff() == report.cutoff())
            .toList(),
        true);
  }

  private static List<String> table(
      EvaluationReport report, List<Metric> metrics, boolean intervals) {
    List<String> header = new ArrayList<>(List.of("model"));
    metrics.forEach(metric -> header.add(metric.name()));
    TextTable table = new TextTable(header);
    for (Row row : report.rows()) {
      Stream<String> figures = metrics.stream()
          .map(row::figure)
          .map(figure -> Figures.percent(figure.mean())
              + (intervals ? " ± " + Figures.percent(figure.interval().halfWidth()) : ""));
      table.add(Stream.concat(Stream.of(row.name()), figures).toList());
    }
    return table.lines();
  }

  /** What the lists are like, what could not be answered, and how long it took. */
  private static List<String> details(EvaluationReport report) {
    TextTable table = new TextTable(detailNames(report));
    for (Row row : report.rows()) {
      Details details = row.details();
      if (details != null) {
        table.add(details(report, row.name(), details));
      }
    }
    return table.lines();
  }

  public static List<String> detailNames(EvaluationReport report) {
    return List.of(
        "model",
        "coverage@" + report.cutoff(),
        "Gini",
        "popularity",
        "novelty bit",
        "tied",
        "unknown targets",
        "unknown clicks",
        "requests by",
        "p50 ms",
        "p90 ms",
        "p99 ms",
        "in batches");
  }

  /** One recommender, by {@link #detailNames}. */
  public static List<String> details(EvaluationReport report, String name, Details details) {
    return List.of(
        name,
        Figures.percent(details.variety().coverage()) + " %",
        Figures.decimal(details.variety().gini(), 3),
        Figures.decimal(details.variety().popularity(), 3),
        Figures.decimal(details.variety().novelty(), 2),
        Figures.percent((double) details.tied() / report.predictions()) + " %",
        Figures.count(details.unknownTargets()),
        Figures.count(details.unknownClicks()),
        details.timed().path(),
        Figures.decimal(details.timed().single().p50(), 2),
        Figures.decimal(details.timed().single().p90(), 2),
        Figures.decimal(details.timed().single().p99(), 2),
        Figures.count(Math.round(report.predictions() / details.timed().seconds())) + "/s");
  }

  /** The slices. */
  public static List<String> slices(EvaluationReport report) {
    List<String> lines = new ArrayList<>();
    for (EvaluationReport.Slices slices : report.slices()) {
      List<String> header = new ArrayList<>(List.of(slices.slicing().name(), "predictions"));
      for (Row row : report.rows()) {
        report.primary().forEach(metric -> header.add(row.name() + " " + metric.name()));
      }
      TextTable table = new TextTable(header);
      for (int slice = 0; slice < slices.sizes().length; slice++) {
        if (slices.sizes()[slice] == 0) {
          continue;
        }
        table.add(slice(report, slices, slice));
      }
      lines.add("");
      lines.addAll(table.lines());
    }
    return lines;
  }

  /** The label of a slice, its size, and each recommender's metrics there. */
  public static List<String> slice(
      EvaluationReport report, EvaluationReport.Slices slices, int slice) {
    List<String> cells = new ArrayList<>(
        List.of(slices.slicing().labels().get(slice), Figures.count(slices.sizes()[slice])));
    for (Row row : report.rows()) {
      for (Metric metric : report.primary()) {
        cells.add(Figures.percent(slices.of(row.name(), metric)[slice]));
      }
    }
    return cells;
  }
}
