package io.attune.batch;

import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.LineDelimiter;
import io.attune.batch.Recommendations.Origin;
import io.attune.session.Vocabulary;
import java.io.IOException;
import java.nio.file.Path;

/** Writes {@link OutputFormat#CSV}, without the header. */
final class CsvRecommendations implements RecommendationWriter {
  static final String HEADER = "session_id,rank,item_id,score,fallback\n";

  private final CsvWriter csv;
  private final Vocabulary vocabulary;

  CsvRecommendations(Path part, Vocabulary vocabulary) throws IOException {
    this.csv = CsvWriter.builder().lineDelimiter(LineDelimiter.LF).build(part);
    this.vocabulary = vocabulary;
  }

  @Override
  public void write(Recommendations recommendations) {
    String fallback = Boolean.toString(recommendations.origin() == Origin.POPULAR);
    for (int i = 0; i < recommendations.rows().length; i++) {
      csv.writeRecord(
          recommendations.session(),
          Integer.toString(i + 1),
          vocabulary.id(recommendations.rows()[i]),
          Float.toString(recommendations.scores()[i]),
          fallback);
    }
  }

  @Override
  public void close() throws IOException {
    csv.close();
  }
}
