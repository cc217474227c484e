package io.attune.report;

import io.attune.evaluation.BeyondAccuracy;
import io.attune.evaluation.ContinuedSessions;
import io.attune.evaluation.Difference;
import io.attune.evaluation.EvaluationReport;
import io.attune.evaluation.EvaluationReport.Details;
import io.attune.evaluation.EvaluationReport.Row;
import io.attune.evaluation.EvaluationReport.Slices;
import io.attune.evaluation.EvaluationReport.Timing;
import io.attune.evaluation.Figures;
import io.attune.evaluation.SequenceMeasure;
import io.attune.metric.Metric;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Renders an evaluation report as text, a line per string. */
public final class ReportText {
  private ReportText() {}

  /** The report without slices, and with the comparisons of the best recommenders only. */
  public static List<String> lines(EvaluationReport report) {
    List<String> lines = new ArrayList<>();
    report.headlines().forEach(headline -> lines.add("Warning: " + headline));
    report.verdict().ifPresent(lines::add);
    report.findings().forEach(finding -> lines.add("Caution: " + finding));
    lines.add("%s in %s; metrics in percent, ± half the 95 %% confidence interval"
        .formatted(
            Figures.count(report.predictions(), "prediction"),
            Figures.count(report.sessions(), "session")));
    lines.add("");
    lines.addAll(mainTable(report));
    List<Metric> others = report.metrics().stream()
        .filter(metric -> metric.cutoff() < report.largestCutoff())
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
        .flatMap(metric -> report.comparisonsOfBest(metric).stream())
        .map(EvaluationReport::describe)
        .toList();
    if (!tests.isEmpty()) {
      lines.add("");
      lines.addAll(tests);
    }
    for (ContinuedSessions continued : report.continued()) {
      lines.add("");
      TextTable table = new TextTable(continuedHeader(continued));
      continued.rows().forEach(row -> table.add(continuedCells(row)));
      lines.addAll(table.lines());
    }
    return lines;
  }

  /** The metrics at the largest cutoff, with confidence intervals. */
  public static List<String> mainTable(EvaluationReport report) {
    return table(
        report,
        report.metrics().stream()
            .filter(metric -> metric.cutoff() == report.largestCutoff())
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

  private static List<String> details(EvaluationReport report) {
    TextTable table = new TextTable(detailHeader(report));
    for (Row row : report.rows()) {
      Details details = row.details();
      if (details != null) {
        table.add(detailCells(report, row.name(), details));
      }
    }
    return table.lines();
  }

  static List<String> detailHeader(EvaluationReport report) {
    return List.of(
        "model",
        "coverage@" + report.largestCutoff(),
        "Gini",
        "popularity",
        "novelty (bits)",
        "tied",
        "unknown targets",
        "unknown clicks",
        "served by",
        "p50 ms",
        "p90 ms",
        "p99 ms",
        "throughput");
  }

  /** The cells of one recommender under {@link #detailHeader}. */
  static List<String> detailCells(EvaluationReport report, String name, Details details) {
    BeyondAccuracy lists = details.beyondAccuracy();
    Timing timing = details.timing();
    return List.of(
        name,
        Figures.percent(lists.coverage()) + " %",
        Figures.decimal(lists.gini(), 3),
        Figures.decimal(lists.popularity(), 3),
        Figures.decimal(lists.novelty(), 2),
        Figures.percent((double) details.tied() / report.predictions()) + " %",
        Figures.count(details.unknownTargets()),
        Figures.count(details.unknownClicks()),
        timing.servedBy(),
        Figures.decimal(timing.latencies().p50(), 2),
        Figures.decimal(timing.latencies().p90(), 2),
        Figures.decimal(timing.latencies().p99(), 2),
        Figures.count(Math.round(report.predictions() / timing.seconds())) + "/s");
  }

  static List<String> continuedHeader(ContinuedSessions continued) {
    String title = "%s, the rest of a session in %s"
        .formatted(continued.model(), Figures.count(continued.predictions(), "place"));
    List<String> header = new ArrayList<>(List.of(title));
    for (SequenceMeasure measure : SequenceMeasure.values()) {
      header.add(measure.label());
      header.add("to the list");
    }
    return header;
  }

  /** The cells of one row under {@link #continuedHeader}. */
  static List<String> continuedCells(ContinuedSessions.Row row) {
    List<String> cells = new ArrayList<>(List.of(row.label()));
    row.means().forEach((measure, mean) -> {
      cells.add(Figures.percent(mean));
      Difference difference = row.differences().get(measure);
      cells.add(
          difference == null
              ? ""
              : "%s%s ± %s"
                  .formatted(
                      difference.mean() < 0 ? "" : "+",
                      Figures.percent(difference.mean()),
                      Figures.percent(difference.interval().halfWidth())));
    });
    return cells;
  }

  /** A table for each slicing, with the metrics of each slice. */
  public static List<String> slices(EvaluationReport report) {
    List<String> lines = new ArrayList<>();
    for (Slices slices : report.slices()) {
      TextTable table = new TextTable(sliceHeader(report, slices.slicing().name()));
      for (int slice : nonEmpty(slices)) {
        table.add(sliceCells(report, slices, slice));
      }
      lines.add("");
      lines.addAll(table.lines());
    }
    return lines;
  }

  static int[] nonEmpty(Slices slices) {
    return IntStream.range(0, slices.sizes().length)
        .filter(slice -> slices.sizes()[slice] > 0)
        .toArray();
  }

  static List<String> sliceHeader(EvaluationReport report, String first) {
    List<String> header = new ArrayList<>(List.of(first, "predictions"));
    for (Row row : report.rows()) {
      report.primaryMetrics().forEach(metric -> header.add(row.name() + " " + metric.name()));
    }
    return header;
  }

  /** The cells of one slice under {@link #sliceHeader}. */
  static List<String> sliceCells(EvaluationReport report, Slices slices, int slice) {
    List<String> cells = new ArrayList<>(
        List.of(slices.slicing().labels().get(slice), Figures.count(slices.sizes()[slice])));
    for (Row row : report.rows()) {
      for (Metric metric : report.primaryMetrics()) {
        cells.add(Figures.percent(slices.means(row.name(), metric)[slice]));
      }
    }
    return cells;
  }
}
