package io.attune.report;

import de.siegmar.fastcsv.writer.CsvWriter;
import io.attune.batch.ParquetTable;
import io.attune.batch.ParquetTable.Column;
import io.attune.batch.ParquetTable.Kind;
import io.attune.evaluation.Predictions;
import io.attune.evaluation.Ranks;
import io.attune.metric.Metric;
import io.attune.metric.Ties;
import io.attune.report.EvaluationExport.RankFormat;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A table of target ranks, with a row per prediction and a column per recommender. A rank is empty
 * for a miss, and an item is empty if the log has no id for it.
 */
record RankTable(Predictions predictions, List<Ranks> all, Ties ties) {

  void write(RankFormat format, Path file) throws IOException {
    switch (format) {
      case CSV -> writeCsv(file);
      case PARQUET -> writeParquet(file);
    }
  }

  private void writeCsv(Path file) throws IOException {
    try (CsvWriter csv = CsvWriter.builder().build(file)) {
      csv.writeRecord(columns().stream().map(Column::name).toList());
      for (int p = 0; p < predictions.size(); p++) {
        csv.writeRecord(
            Arrays.stream(row(p)).map(value -> Objects.toString(value, "")).toList());
      }
    }
  }

  private void writeParquet(Path file) throws IOException {
    try (ParquetTable table = new ParquetTable(file, "ranks", columns())) {
      for (int p = 0; p < predictions.size(); p++) {
        table.addRow(row(p));
      }
    }
  }

  private List<Column> columns() {
    List<Column> columns = new ArrayList<>(List.of(
        new Column("session", Kind.STRING),
        new Column("clicks_before", Kind.INT32),
        new Column("item", Kind.STRING, true)));
    all.forEach(ranks -> columns.add(new Column(ranks.recommender(), Kind.INT32, true)));
    return columns;
  }

  private @Nullable Object[] row(int prediction) {
    @Nullable Object[] row = new Object[3 + all.size()];
    int item = predictions.test().item(predictions.click(prediction));
    row[0] = predictions.test().id(predictions.session(prediction));
    row[1] = predictions.clicksBefore(prediction);
    row[2] = item == 0 ? null : predictions.test().vocabulary().id(item);
    for (int i = 0; i < all.size(); i++) {
      int rank = all.get(i).rank(prediction, ties);
      row[3 + i] = rank == Metric.MISS ? null : rank;
    }
    return row;
  }
}
