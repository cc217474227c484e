package io.attune.cli;

import io.attune.evaluation.EvaluationReport;
import io.attune.report.ReportJson;
import io.attune.report.ReportPage;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The files that an evaluation is written to. */
final class ReportMixin {
  @Option(
      names = "--report",
      paramLabel = "FILE.html",
      description = "Write an HTML page with tables and charts.")
  @FileUse(FileUse.Kind.WRITE_FILE)
  private @Nullable Path page;

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "Write the metrics, and what was decided, as JSON.")
  @FileUse(FileUse.Kind.WRITE_FILE)
  private @Nullable Path json;

  /** Writes those that are given. */
  void write(EvaluationReport report) throws IOException {
    if (json != null) {
      ReportJson.write(report, json);
    }
    if (page != null) {
      ReportPage.write(report, page);
    }
  }
}
