package io.attune.batch;

import io.attune.batch.Recommendations.Origin;
import io.attune.evaluation.TrecFile;
import io.attune.session.Vocabulary;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Lines of {@link OutputFormat#TREC}: popular items have a tag of their own, and blanks in ids are
 * escaped as by {@link TrecFile#escape}.
 */
final class TrecRun implements RecommendationWriter {
  private final BufferedWriter out;
  private final Vocabulary vocabulary;

  TrecRun(Path part, Vocabulary vocabulary) throws IOException {
    this.out = Files.newBufferedWriter(part);
    this.vocabulary = vocabulary;
  }

  @Override
  public void write(Recommendations made) throws IOException {
    String start = TrecFile.escape(made.session()) + " Q0 ";
    String tag = made.origin() == Origin.POPULAR ? " attune-popular\n" : " attune\n";
    for (int i = 0; i < made.rows().length; i++) {
      out.write(start);
      out.write(TrecFile.escape(vocabulary.id(made.rows()[i])));
      out.write(" " + (i + 1) + " " + made.scores()[i] + tag);
    }
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
