package io.attune.report;

import static j2html.TagCreator.div;
import static j2html.TagCreator.each;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.h3;
import static j2html.TagCreator.li;
import static j2html.TagCreator.p;
import static j2html.TagCreator.section;
import static j2html.TagCreator.table;
import static j2html.TagCreator.tbody;
import static j2html.TagCreator.td;
import static j2html.TagCreator.th;
import static j2html.TagCreator.thead;
import static j2html.TagCreator.tr;
import static j2html.TagCreator.ul;

import io.attune.evaluation.EvaluationReport;
import io.attune.evaluation.EvaluationReport.Details;
import io.attune.evaluation.EvaluationReport.Row;
import io.attune.evaluation.EvaluationReport.Slices;
import io.attune.evaluation.Figures;
import io.attune.evaluation.Interval;
import io.attune.metric.Metric;
import io.attune.model.AtomicFile;
import io.attune.model.Manifest;
import j2html.tags.DomContent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * An HTML page of an evaluation report, with tables and charts. The page is self-contained: it
 * loads nothing, runs no script, and fits on a phone.
 */
public final class ReportPage {
  static final String STYLE = """
      body{font:16px/1.5 system-ui,sans-serif;max-width:62rem;margin:1rem auto;padding:0 1rem;color:#1a1a1a}
      h1{font-size:1.6rem}h2{margin-top:2.5rem;font-size:1.3rem}
      .verdict,.caution{border-left:.4rem solid #d55e00;background:#fdf1e8;padding:.6rem 1rem}
      .scroll{overflow-x:auto}
      table{border-collapse:collapse;font-variant-numeric:tabular-nums}
      th,td{padding:.25rem .7rem;text-align:right;border-bottom:1px solid #ddd;white-space:nowrap}
      th:first-child,td:first-child{text-align:left}
      small{color:#555}
      svg{display:block;width:100%;max-width:36rem;height:auto;margin:1rem 0}
      text{font:13px system-ui,sans-serif;fill:#1a1a1a}
      """;

  private ReportPage() {}

  /** Writes the page of a report. */
  public static void write(EvaluationReport report, Path file) throws IOException {
    AtomicFile.replace(file, temporary -> Files.writeString(temporary, html(report)));
  }

  static String html(EvaluationReport report) {
    List<DomContent> parts = new ArrayList<>();
    parts.add(p("%s in %s. %s"
        .formatted(
            Figures.count(report.predictions(), "prediction"),
            Figures.count(report.sessions(), "session"),
            conditions(report.conditions()))));
    report.headlines().forEach(each -> parts.add(p("Warning: " + each).withClass("verdict")));
    report.verdict().ifPresent(verdict -> parts.add(p(verdict).withClass("verdict")));
    if (!report.findings().isEmpty()) {
      parts.add(section(
              h2("Cautions"),
              p("Each of these makes the test easier or the metrics less reliable."),
              ul(each(report.findings(), finding -> li(finding))))
          .withClass("caution"));
    }
    parts.add(metrics(report));
    parts.add(comparisons(report));
    if (report.rows().stream().anyMatch(row -> row.details() != null)) {
      parts.add(details(report));
    }
    if (!report.continued().isEmpty()) {
      parts.add(continued(report));
    }
    report.slices().forEach(slices -> parts.add(slices(report, slices)));
    report.rows().stream()
        .filter(row -> row.details() != null && !row.details().epochs().isEmpty())
        .forEach(row -> parts.add(training(row, Objects.requireNonNull(row.details()))));
    return HtmlPage.of("Evaluation report", STYLE, parts);
  }

  private static String conditions(Map<String, Object> conditions) {
    return String.join(
        ", ",
        conditions.entrySet().stream()
            .map(entry -> entry.getKey() + ": " + entry.getValue())
            .toList());
  }

  private static DomContent metrics(EvaluationReport report) {
    List<DomContent> parts = new ArrayList<>();
    parts.add(h2("Metrics"));
    parts.add(
        p(
            "In percent, with 95 % confidence intervals from resampled sessions. HR, MRR and"
                + " NDCG score the next item only; MAP, P and R score all remaining items of the session."));
    for (Metric metric : report.primaryMetrics()) {
      parts.add(h3(metric.name()));
      parts.add(SvgChart.bars(
          metric.name() + " by recommender",
          report.rows().stream().map(row -> bar(row, metric)).toList()));
    }
    List<String> header = Stream.concat(Stream.of(""), report.metrics().stream().map(Metric::name))
        .toList();
    List<List<String>> rows = report.rows().stream()
        .map(row -> Stream.concat(
                Stream.of(row.name()), report.metrics().stream().map(metric -> figure(row, metric)))
            .toList())
        .toList();
    parts.add(grid(header, rows));
    parts.add(p("The same metrics, averaged so that each session has the same weight:"));
    parts.add(grid(
        header,
        report.rows().stream()
            .map(row -> Stream.concat(
                    Stream.of(row.name()),
                    report.metrics().stream()
                        .map(metric -> Figures.percent(row.figure(metric).overSessions())))
                .toList())
            .toList()));
    return section(parts.toArray(DomContent[]::new));
  }

  private static SvgChart.Bar bar(Row row, Metric metric) {
    EvaluationReport.Figure figure = row.figure(metric);
    return new SvgChart.Bar(
        row.name(),
        100 * figure.mean(),
        new Interval(100 * figure.interval().low(), 100 * figure.interval().high()));
  }

  private static String figure(Row row, Metric metric) {
    EvaluationReport.Figure figure = row.figure(metric);
    return Figures.percent(figure.mean()) + " ± "
        + Figures.percent(figure.interval().halfWidth());
  }

  private static DomContent comparisons(EvaluationReport report) {
    return report.comparisons().isEmpty()
        ? section()
        : section(
            h2("Comparisons"),
            p("Paired randomization tests over sessions; p-values are adjusted for all comparisons"
                + " by the same metric (Holm)."),
            ul(each(report.comparisons(), each -> li(EvaluationReport.describe(each)))));
  }

  private static DomContent details(EvaluationReport report) {
    List<List<String>> rows = new ArrayList<>();
    for (Row row : report.rows()) {
      Details details = row.details();
      if (details != null) {
        rows.add(ReportText.detailCells(report, row.name(), details));
      }
    }
    return section(
        h2("Lists, unknown items and latency"),
        p("Coverage: the fraction of items that were recommended at least once. Gini: 0 if all"
            + " items are recommended equally often, near 1 if a few items take nearly all"
            + " positions. Popularity: the mean fraction of items with fewer clicks than a"
            + " recommended item; 0.5 means no popularity bias. Novelty: how rare recommended items"
            + " are in training. Tied: predictions whose target has the same score as another item."
            + " Latencies are of single requests, one after another, answered as in production;"
            + " throughput is that of this evaluation, in batches."),
        grid(ReportText.detailHeader(report), rows));
  }

  private static DomContent continued(EvaluationReport report) {
    List<DomContent> parts = new ArrayList<>();
    parts.add(h2("Continued sessions"));
    parts.add(
        p("Each model's best items beside the sequence of clicks that it continues sessions by,"
            + " against the rest of the session: in any order, and in the same order."));
    report
        .continued()
        .forEach(continued -> parts.add(grid(
            ReportText.continuedHeader(continued),
            continued.rows().stream().map(ReportText::continuedCells).toList())));
    return section(parts.toArray(DomContent[]::new));
  }

  private static DomContent slices(EvaluationReport report, Slices slices) {
    int[] nonEmpty = ReportText.nonEmpty(slices);
    List<String> labels =
        Arrays.stream(nonEmpty).mapToObj(slices.slicing().labels()::get).toList();
    List<DomContent> parts = new ArrayList<>();
    parts.add(h2("By " + slices.slicing().name()));
    for (Metric metric : report.primaryMetrics()) {
      if (nonEmpty.length > 1) {
        parts.add(h3(metric.name()));
        parts.add(SvgChart.lines(
            metric.name() + " by " + slices.slicing().name(),
            labels,
            report.rows().stream()
                .map(row -> new SvgChart.Line(
                    row.name(),
                    Arrays.stream(nonEmpty)
                        .mapToDouble(slice -> 100 * slices.means(row.name(), metric)[slice])
                        .toArray()))
                .toList()));
      }
    }
    List<List<String>> rows = new ArrayList<>();
    for (int slice : nonEmpty) {
      rows.add(ReportText.sliceCells(report, slices, slice));
    }
    parts.add(grid(ReportText.sliceHeader(report, ""), rows));
    return section(parts.toArray(DomContent[]::new));
  }

  private static DomContent training(Row row, Details details) {
    List<Manifest.Epoch> epochs = details.epochs();
    List<String> labels =
        epochs.stream().map(epoch -> epoch.phase() + " " + epoch.epoch()).toList();
    List<DomContent> parts = new ArrayList<>();
    parts.add(h2("Training of " + row.name()));
    parts.add(h3("Loss"));
    parts.add(SvgChart.lines(
        "loss by epoch",
        labels,
        List.of(new SvgChart.Line(
            "loss", epochs.stream().mapToDouble(Manifest.Epoch::loss).toArray()))));
    List<String> names = epochs.stream()
        .flatMap(epoch -> epoch.validation().keySet().stream())
        .filter(name -> name.contains("@"))
        .distinct()
        .sorted()
        .toList();
    if (!names.isEmpty()) {
      parts.add(h3("Validation metrics, percent"));
      parts.add(SvgChart.lines(
          "validation by epoch",
          labels,
          names.stream()
              .map(name -> new SvgChart.Line(
                  name,
                  epochs.stream()
                      .mapToDouble(epoch -> 100 * epoch.validation().getOrDefault(name, Double.NaN))
                      .toArray()))
              .toList()));
    }
    return section(parts.toArray(DomContent[]::new));
  }

  private static DomContent grid(List<String> header, List<List<String>> rows) {
    return div(table(
            thead(tr(each(header, cell -> th(cell)))),
            tbody(each(rows, row -> tr(each(row, cell -> td(cell)))))))
        .withClass("scroll");
  }
}
