package io.attune.batch;

import io.attune.batch.Recommendations.Origin;
import io.attune.session.Vocabulary;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Lines of {@link OutputFormat#TREC}: popular items have a tag of their own. */
final class TrecRun implements RecommendationWriter {
  private final BufferedWriter out;
  private final Vocabulary vocabulary;

  TrecRun(Path part, Vocabulary vocabulary) throws IOException {
    this.out = Files.newBufferedWriter(part);
    this.vocabulary = vocabulary;
  }

  @Override
  public void write(Recommendations made) throws IOException {
    String start = word("session", made.session()) + " Q0 ";
    String tag = made.origin() == Origin.POPULAR ? " attune-popular\n" : " attune\n";
    for (int i = 0; i < made.rows().length; i++) {
      out.write(start);
      out.write(word("item", vocabulary.id(made.rows()[i])));
      out.write(" " + (i + 1) + " " + made.scores()[i] + tag);
    }
  }

  private static String word(String what, String id) throws IOException {
    for (int i = 0; i < id.length(); i++) {
      if (id.charAt(i) <= ' ') {
        throw new IOException("blanks part the columns of a TREC run, so that no id may have one,"
            + " but the " + what + " '" + id + "' has: choose another format");
      }
    }
    return id;
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
