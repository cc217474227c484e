package io.attune.batch;

import io.attune.batch.Recommendations.Origin;
import io.attune.evaluation.TrecFile;
import io.attune.session.Vocabulary;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Writes {@link OutputFormat#TREC}. Fallback items have their own tag, and whitespace in ids is
 * escaped by {@link TrecFile#escape}.
 */
final class TrecRecommendations implements RecommendationWriter {
  private final BufferedWriter out;
  private final Vocabulary vocabulary;

  TrecRecommendations(Path part, Vocabulary vocabulary) throws IOException {
    this.out = Files.newBufferedWriter(part);
    this.vocabulary = vocabulary;
  }

  @Override
  public void write(Recommendations recommendations) throws IOException {
    String start = TrecFile.escape(recommendations.session()) + " Q0 ";
    String tag = recommendations.origin() == Origin.POPULAR ? " attune-popular\n" : " attune\n";
    for (int i = 0; i < recommendations.rows().length; i++) {
      out.write(start);
      out.write(TrecFile.escape(vocabulary.id(recommendations.rows()[i])));
      out.write(" " + (i + 1) + " " + recommendations.scores()[i] + tag);
    }
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
