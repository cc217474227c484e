package io.attune.cli;

import io.attune.lucene.Blend;
import io.attune.lucene.ItemIndex;
import io.attune.lucene.ItemSource;
import io.attune.lucene.SessionRescorer;
import io.attune.serving.ServingModel;
import io.attune.serving.SessionVector;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.Callable;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexNotFoundException;
import org.apache.lucene.index.IndexReader;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code attune search}: shows the hits of a query before and after re-ranking by a session. */
@Command(
    name = "search",
    description = "Searches an index of items and re-ranks the hits by a session.",
    mixinStandardHelpOptions = true,
    versionProvider = Attune.Version.class,
    sortOptions = false,
    footerHeading = "%nExample:%n",
    footer = "  attune search index --model model --query 'red shoes' --session 4711,12,993")
final class SearchCommand implements Callable<Integer> {
  @Spec
  private CommandSpec spec;

  @Parameters(paramLabel = "INDEX", description = "The directory of a Lucene index.")
  @FileUse(FileUse.Kind.READ_INDEX)
  private Path index = Path.of("");

  @Mixin
  private SessionMixin session;

  @Mixin
  private RescoringMixin rescoring;

  @Option(
      names = "--query",
      paramLabel = "TEXT",
      required = true,
      description = "The words to search for.")
  private String query = "";

  @Option(
      names = "--blend",
      paramLabel = "learned|min-max|z-score|rrf|replace",
      description = "How the scores of words and session are combined (default: what attune blend"
          + " has learned for the model; min-max if there is none, or with --weight).")
  private @Nullable String blend;

  @Option(
      names = "--diversity",
      paramLabel = "D",
      defaultValue = "0",
      description = "How much the hits shall differ from each other: from 0, by score alone, to 1"
          + " (default: ${DEFAULT-VALUE}).")
  @Bounds(min = 0, max = 1)
  private float diversity;

  @Option(
      names = "--top",
      paramLabel = "N",
      defaultValue = "10",
      description = "Number of hits to show (default: ${DEFAULT-VALUE}).")
  @Bounds(min = 1, max = 10_000)
  private int top;

  @Override
  public Integer call() throws IOException, CommandFailure {
    Blend chosen = chosen();
    ServingModel model = session.model();
    if ("learned".equals(blend) && model.blend() == null) {
      throw new CommandFailure("the model has no learned blend; attune blend learns one");
    }
    SessionVector vector = session.vector(model, Console.of(spec));
    PrintWriter stdout = spec.root().commandLine().getOut();
    try (Directory directory = FSDirectory.open(index);
        IndexReader reader = DirectoryReader.open(directory)) {
      noteOtherModel(ItemIndex.modelVersions(reader), model.version());
      Query words = ItemIndex.textQuery(ItemIndex.textFields(reader), query);
      SessionRescorer rescorer = new SessionRescorer(
          new ItemSource.Joined(rescoring.idField(), ItemIndex.textFields(reader), model),
          vector,
          rescoring
              .settings()
              .withBlend(chosen)
              .withDiversity(diversity)
              .withVocabulary(model.vocabulary())
              .withQuery(words));
      new HitComparison(new IndexSearcher(reader), rescoring.idField())
          .print(words, rescorer, rescoring.window(), top, stdout);
      stdout.flush();
      Exception failure = rescorer.failure();
      if (failure != null) {
        throw new CommandFailure("the hits could not be re-ranked: " + failure.getMessage());
      }
    } catch (IndexNotFoundException e) {
      throw new CommandFailure(index + ": holds no Lucene index; attune index creates one");
    }
    return 0;
  }

  /** Prints a note if the vectors in the index are from another model, which are not used. */
  private void noteOtherModel(Set<String> indexed, String version) {
    if (!indexed.isEmpty() && !indexed.contains(version)) {
      Console.of(spec)
          .line("the index was created with another model (version "
              + String.join(
                  ", ", indexed.stream().map(SearchCommand::abbreviated).toList())
              + "); its vectors are not used: hits are re-ranked by those of --model (version "
              + abbreviated(version) + "). attune index creates an index with them");
    }
  }

  private static String abbreviated(String version) {
    return version.substring(0, Math.min(12, version.length()));
  }

  /** The blend that is asked for; null for the default. */
  private @Nullable Blend chosen() {
    Float weight = rescoring.weight();
    float share = weight == null ? 0.5f : weight;
    return switch (blend == null && weight != null ? "min-max" : String.valueOf(blend)) {
      case "null" -> null;
      case "learned" -> {
        if (weight != null) {
          throw WrongUsage.of(spec, "--blend learned has weights of its own; omit --weight");
        }
        yield null;
      }
      case "min-max" -> new Blend.Weighted(share, Blend.Normalization.MIN_MAX);
      case "z-score" -> new Blend.Weighted(share, Blend.Normalization.Z_SCORE);
      case "rrf" -> new Blend.ReciprocalRankFusion(share, 60);
      case "replace" -> new Blend.Replace();
      default ->
        throw WrongUsage.of(
            spec, "--blend must be learned, min-max, z-score, rrf or replace, not '" + blend + "'");
    };
  }
}
