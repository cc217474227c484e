package io.attune.batch;

import io.attune.batch.ParquetTable.Column;
import io.attune.batch.ParquetTable.Kind;
import io.attune.batch.Recommendations.Origin;
import io.attune.session.Vocabulary;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Writes {@link OutputFormat#PARQUET}. */
final class ParquetRecommendations implements RecommendationWriter {
  private static final List<Column> COLUMNS = List.of(
      new Column("session_id", Kind.STRING),
      new Column("rank", Kind.INT32),
      new Column("item_id", Kind.STRING),
      new Column("score", Kind.FLOAT),
      new Column("fallback", Kind.BOOLEAN));

  private final ParquetTable table;
  private final Vocabulary vocabulary;

  ParquetRecommendations(Path part, Vocabulary vocabulary) {
    this.table = new ParquetTable(part, "recommendations", COLUMNS);
    this.vocabulary = vocabulary;
  }

  @Override
  public void write(Recommendations recommendations) {
    boolean fallback = recommendations.origin() == Origin.POPULAR;
    for (int i = 0; i < recommendations.rows().length; i++) {
      String item = vocabulary.id(recommendations.rows()[i]);
      table.addRow(recommendations.session(), i + 1, item, recommendations.scores()[i], fallback);
    }
  }

  @Override
  public void close() throws IOException {
    table.close();
  }
}
