package io.attune.batch;

import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.LineDelimiter;
import io.attune.batch.Recommendations.Origin;
import io.attune.session.Vocabulary;
import java.io.IOException;
import java.nio.file.Path;

/** Lines of {@link OutputFormat#CSV}, without the header. */
final class CsvRecommendations implements RecommendationWriter {
  static final String HEADER = "session_id,rank,item_id,score,fallback\n";

  private final CsvWriter csv;
  private final Vocabulary vocabulary;

  CsvRecommendations(Path part, Vocabulary vocabulary) throws IOException {
    this.csv = CsvWriter.builder().lineDelimiter(LineDelimiter.LF).build(part);
    this.vocabulary = vocabulary;
  }

  @Override
  public void write(Recommendations made) {
    String fallback = Boolean.toString(made.origin() == Origin.POPULAR);
    for (int i = 0; i < made.rows().length; i++) {
      csv.writeRecord(
          made.session(),
          Integer.toString(i + 1),
          vocabulary.id(made.rows()[i]),
          Float.toString(made.scores()[i]),
          fallback);
    }
  }

  @Override
  public void close() throws IOException {
    csv.close();
  }
}
