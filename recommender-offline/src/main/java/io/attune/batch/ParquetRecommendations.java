package io.attune.batch;

import io.attune.batch.ParquetTable.Column;
import io.attune.batch.ParquetTable.Kind;
import io.attune.batch.Recommendations.Origin;
import io.attune.session.Vocabulary;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Rows of {@link OutputFormat#PARQUET}. */
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
  public void write(Recommendations made) {
    boolean fallback = made.origin() == Origin.POPULAR;
    for (int i = 0; i < made.rows().length; i++) {
      String item = vocabulary.id(made.rows()[i]);
      table.row(made.session(), i + 1, item, made.scores()[i], fallback);
    }
  }

  @Override
  public void close() throws IOException {
    table.close();
  }
}
