package io.attune.cli;

import io.attune.evaluation.Figures;
import io.attune.experiment.SearchExperiment;
import io.attune.experiment.SearchExperiment.Family;
import io.attune.lucene.Blend;
import io.attune.lucene.ItemDocuments;
import io.attune.lucene.ItemIndex;
import io.attune.lucene.SessionRescorer;
import io.attune.metric.Metric;
import io.attune.report.TextTable;
import io.attune.serving.ServingModel;
import io.attune.serving.SessionVector;
import io.attune.session.Sessions;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexReader;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.TopDocs;
import org.apache.lucene.store.ByteBuffersDirectory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code attune blend}: measures how much sessions improve text search, on held-out clicks. */
@Command(
    name = "blend",
    description = {
      "Measures how much sessions improve text search. Words from the title of each session's last"
          + " item are searched, and the rank of the item is compared before and after the session"
          + " is blended in. The weight of each blend is chosen on the second to last items."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Attune.Version.class,
    sortOptions = false,
    footerHeading = "%nExample:%n",
    footer = {
      "  attune train log.tsv --out model --holdout last-click --set refit=false",
      "  attune blend log.tsv --items items.tsv --model model"
    })
final class BlendCommand implements Callable<Integer> {
  private static final float[] WEIGHTS = {0.1f, 0.2f, 0.3f, 0.4f, 0.5f, 0.6f, 0.7f, 0.8f, 0.9f};

  @Spec
  private CommandSpec spec;

  @Option(
      names = "--items",
      paramLabel = "ITEMS",
      required = true,
      description = "A file of items, as for attune index.")
  @FileUse(FileUse.Kind.READ_FILE)
  private Path items = Path.of("");

  @Option(
      names = "--model",
      paramLabel = "MODEL",
      required = true,
      description = "A model trained with --holdout last-click --set refit=false, so that it was"
          + " not trained on the last two items of any session.")
  @FileUse(FileUse.Kind.READ_MODEL)
  private Path model = Path.of("");

  @Option(
      names = "--words",
      paramLabel = "N",
      defaultValue = "1",
      description = "Number of words of the title to search for (default: ${DEFAULT-VALUE}).")
  @Bounds(min = 1, max = 100)
  private int words;

  @Option(
      names = "--sessions",
      paramLabel = "N",
      defaultValue = "5000",
      description = "Number of sessions to sample (default: ${DEFAULT-VALUE}).")
  @Bounds(min = 1)
  private int sample;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "42",
      description = "The seed by which words are drawn (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Mixin
  private LogMixin log;

  @Override
  public Integer call() throws IOException, CommandFailure {
    log.logs();
    Console console = Console.of(spec);
    List<ItemIndex.Item> read = ItemsFile.read(items);
    ServingModel served = ServingModel.open(model);
    Sessions sessions = log.load(console).sessions();
    Map<String, String> titles = read.stream()
        .collect(Collectors.toMap(
            ItemIndex.Item::id, item -> String.join(" ", item.texts().values())));
    SearchExperiment experiment = new SearchExperiment(sessions, titles, words, sample, seed);
    try (ByteBuffersDirectory directory = new ByteBuffersDirectory()) {
      ItemIndex.write(directory, read, served);
      try (IndexReader reader = DirectoryReader.open(directory)) {
        SearchExperiment.Result<Blend> result = experiment.run(
            families(),
            new LuceneSearch(reader, served),
            done -> console.state(() ->
                String.format(Locale.ROOT, "searching %s%2.0f %%", console.bar(done), 100 * done)));
        print(result, read.size());
      }
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(e);
    }
    return 0;
  }

  /** The kinds of blends, each with all weights to choose from. */
  private static List<Family<Blend>> families() {
    List<Blend> minMax = new ArrayList<>();
    List<Blend> zScore = new ArrayList<>();
    List<Blend> fusion = new ArrayList<>();
    for (float weight : WEIGHTS) {
      minMax.add(new Blend.Weighted(weight, Blend.Normalization.MIN_MAX));
      zScore.add(new Blend.Weighted(weight, Blend.Normalization.Z_SCORE));
      fusion.add(new Blend.ReciprocalRankFusion(weight, 60));
    }
    return List.of(
        new Family<>("weighted, min-max", minMax),
        new Family<>("weighted, z-score", zScore),
        new Family<>("reciprocal rank fusion", fusion),
        new Family<>("session alone", List.of(new Blend.Replace())));
  }

  private void print(SearchExperiment.Result<Blend> result, int searched) {
    PrintWriter stdout = spec.root().commandLine().getOut();
    stdout.printf(
        Locale.ROOT,
        "%s; queries of %s from the last item's title; %s; mean reciprocal rank within %d hits, in"
            + " percent%n%n",
        Figures.count(result.sessions(), "session"),
        Figures.count(words, "word"),
        Figures.count(searched, "item"),
        SearchExperiment.WINDOW);
    TextTable table = new TextTable(List.of("", "weight", "MRR", "gain", "95 % interval"));
    table.add(List.of("words alone", "", Figures.percent(result.textMrr()), "", ""));
    for (SearchExperiment.Outcome<Blend> outcome : result.outcomes()) {
      table.add(List.of(
          outcome.family(),
          weight(outcome.blend()),
          Figures.percent(outcome.mrr()),
          Figures.percent(outcome.gain().mean()),
          "± " + Figures.percent(outcome.gain().interval().halfWidth())));
    }
    table.lines().forEach(stdout::println);
    stdout.flush();
  }

  private static String weight(Blend blend) {
    return switch (blend) {
      case Blend.Weighted weighted -> String.format(Locale.ROOT, "%.1f", weighted.weight());
      case Blend.ReciprocalRankFusion fusion -> String.format(Locale.ROOT, "%.1f", fusion.weight());
      case Blend.Replace replace -> "";
    };
  }

  /** Searches an index of items by text, and re-ranks the hits by each blend. */
  private static final class LuceneSearch implements SearchExperiment.Search<Blend> {
    private final IndexSearcher searcher;
    private final ServingModel model;
    private final Collection<String> fields;
    private final Map<String, Integer> docs = new HashMap<>();

    LuceneSearch(IndexReader reader, ServingModel model) throws IOException {
      this.searcher = new IndexSearcher(reader);
      this.model = model;
      this.fields = ItemIndex.textFields(reader);
      for (int doc = 0; doc < reader.maxDoc(); doc++) {
        docs.put(reader.storedFields().document(doc).get(ItemDocuments.ID), doc);
      }
    }

    @Override
    public int[] ranks(String query, List<String> clicks, String target, List<Blend> blends)
        throws IOException {
      int doc = Objects.requireNonNull(docs.get(target), target);
      SessionVector vector = model.vector(clicks);
      TopDocs hits = searcher.search(ItemIndex.textQuery(fields, query), SearchExperiment.WINDOW);
      int[] ranks = new int[blends.size() + 1];
      ranks[0] = rank(hits, doc);
      for (int b = 0; b < blends.size(); b++) {
        SessionRescorer rescorer = new SessionRescorer(
            ItemDocuments.source(),
            vector,
            SessionRescorer.Settings.defaults()
                .withBlend(blends.get(b))
                .withOnFailure(SessionRescorer.OnFailure.THROW));
        ranks[b + 1] = rank(rescorer.rescore(searcher, hits, SearchExperiment.WINDOW), doc);
      }
      return ranks;
    }

    private static int rank(TopDocs hits, int doc) {
      for (int i = 0; i < hits.scoreDocs.length; i++) {
        if (hits.scoreDocs[i].doc == doc) {
          return i + 1;
        }
      }
      return Metric.MISS;
    }
  }
}
