package io.attune.batch;

import io.attune.batch.Recommendations.Origin;
import io.attune.session.Vocabulary;
import java.io.IOException;
import java.nio.file.Path;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Types;

/** Rows of {@link OutputFormat#PARQUET}. */
final class ParquetRecommendations implements RecommendationWriter {
  private static final MessageType SCHEMA = Types.buildMessage()
      .required(PrimitiveTypeName.BINARY)
      .as(LogicalTypeAnnotation.stringType())
      .named("session_id")
      .required(PrimitiveTypeName.INT32)
      .named("rank")
      .required(PrimitiveTypeName.BINARY)
      .as(LogicalTypeAnnotation.stringType())
      .named("item_id")
      .required(PrimitiveTypeName.FLOAT)
      .named("score")
      .required(PrimitiveTypeName.BOOLEAN)
      .named("fallback")
      .named("recommendations");

  private final ParquetTable table;
  private final Vocabulary vocabulary;

  ParquetRecommendations(Path part, Vocabulary vocabulary) {
    this.table = new ParquetTable(part, SCHEMA);
    this.vocabulary = vocabulary;
  }

  @Override
  public void write(Recommendations made) {
    Binary session = Binary.fromString(made.session());
    for (int i = 0; i < made.rows().length; i++) {
      table.column(0).write(session, 0, 0);
      table.column(1).write(i + 1, 0, 0);
      table.column(2).write(Binary.fromString(vocabulary.id(made.rows()[i])), 0, 0);
      table.column(3).write(made.scores()[i], 0, 0);
      table.column(4).write(made.origin() == Origin.POPULAR, 0, 0);
      table.endRow();
    }
  }

  @Override
  public void close() throws IOException {
    table.close();
  }
}
