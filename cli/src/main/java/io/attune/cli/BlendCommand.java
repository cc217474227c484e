package io.attune.cli;

import io.attune.cli.BlendStudy.Row;
import io.attune.evaluation.Difference;
import io.attune.evaluation.Figures;
import io.attune.experiment.SearchExperiment;
import io.attune.experiment.SearchExperiment.KnownItemQuery;
import io.attune.lucene.Blend;
import io.attune.lucene.ItemDocuments;
import io.attune.lucene.ItemIndex;
import io.attune.lucene.SessionRescorer;
import io.attune.model.LearnedBlend;
import io.attune.model.Model;
import io.attune.report.JsonFile;
import io.attune.report.TextTable;
import io.attune.serving.ServingModel;
import io.attune.session.DataHash;
import io.attune.session.Sessions;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexReader;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.TopDocs;
import org.apache.lucene.store.ByteBuffersDirectory;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code attune blend}: learns how words and session make one score, and measures it. */
@Command(
    name = "blend",
    description = {
      "Learns how the scores of words and of a session make one, measures it on held-out clicks,"
          + " and writes it into the model's directory, where searches find it. Words from the"
          + " title of a clicked item are searched; the session is the clicks before it. The blend"
          + " is learned on the second to last items of sessions and judged on the last ones."
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
      paramLabel = "N,N,...",
      split = ",",
      defaultValue = "1,2,3",
      description = "Numbers of words of the title to search for (default: ${DEFAULT-VALUE}).")
  @Bounds(min = 1, max = 100)
  private List<Integer> words = List.of();

  @Option(
      names = "--sessions",
      paramLabel = "N",
      defaultValue = "2000",
      description = "Number of sessions to sample (default: ${DEFAULT-VALUE}).")
  @Bounds(min = 1)
  private int sample;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "42",
      description = "The seed by which words are drawn (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(names = "--json", paramLabel = "FILE", description = "Write the figures as JSON.")
  @FileUse(FileUse.Kind.WRITE_FILE)
  private @Nullable Path json;

  @Option(names = "--dry-run", description = "Measure only: the model is not changed.")
  private boolean dryRun;

  @Mixin
  private LogMixin log;

  @Override
  public Integer call() throws IOException, CommandFailure {
    log.logs();
    Console console = Console.of(spec);
    if (!dryRun) {
      Model.requireWritable(model);
    }
    List<ItemIndex.Item> read = ItemsFile.read(items);
    ServingModel served = open();
    warnIfTrainedOnTargets(console);
    Sessions sessions = log.load(console).sessions();
    Map<String, String> titles = read.stream()
        .collect(Collectors.toMap(
            ItemIndex.Item::id,
            item -> String.join(" ", item.texts().values()),
            (one, other) -> one)); // a duplicate is refused when it is indexed
    try (ByteBuffersDirectory directory = new ByteBuffersDirectory()) {
      SearchExperiment experiment = new SearchExperiment(sessions, titles, words, sample, seed);
      ItemIndex.write(directory, read, served);
      try (IndexReader reader = DirectoryReader.open(directory)) {
        BlendStudy.Result result = new BlendStudy(experiment, new LuceneSearch(reader, served))
            .run(done -> console.state(() ->
                String.format(Locale.ROOT, "searching %s%2.0f %%", console.bar(done), 100 * done)));
        print(result, read.size());
        if (json != null) {
          JsonFile.write(json, tree(result));
        }
        if (!dryRun) {
          Model.saveBlend(model, served.version(), learned(result, sessions));
          console.line("wrote the blend into " + model + "; searches with this model use it");
        }
      }
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(e);
    }
    return 0;
  }

  private ServingModel open() throws IOException, CommandFailure {
    try {
      return ServingModel.open(model);
    } catch (UnsupportedOperationException e) {
      throw new CommandFailure(model + ": " + e.getMessage());
    }
  }

  /** A model that knows the wanted items makes the session look better than it is. */
  private void warnIfTrainedOnTargets(Console console) throws IOException {
    var provenance = Model.manifest(model).provenance();
    boolean refit = provenance.training().path("refit").asBoolean(false);
    if (!provenance.holdout().equals("last-click") || refit) {
      console.warn(model + " was trained with --holdout " + provenance.holdout()
          + (refit ? " and refit" : "")
          + ": if this log is what it was trained on, it has seen the items that are searched for,"
          + " and the session gets too much weight; train with --holdout last-click --set"
          + " refit=false, or name a newer log");
    }
  }

  private LearnedBlend learned(BlendStudy.Result result, Sessions sessions) {
    Row all = result.rows().getLast();
    return new LearnedBlend(
        result.blend().weights(),
        new LearnedBlend.Origin(
            Attune.Version.number(),
            DataHash.of(sessions),
            Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
            seed,
            result.learnedFrom(),
            figures(all)));
  }

  private static Map<String, Double> figures(Row row) {
    Map<String, Double> figures = new LinkedHashMap<>();
    figures.put("words", row.byWords().value());
    figures.put("session", row.bySession().value());
    figures.put("fixed", row.fixed().value());
    figures.put("learned", row.learned().value());
    figures.put("unrelated", row.byWords().value() + row.unrelated().mean());
    return figures;
  }

  private static Map<String, Object> tree(BlendStudy.Result result) {
    Map<String, Object> tree = new LinkedHashMap<>();
    result.rows().forEach(row -> tree.put(name(row), figures(row)));
    return tree;
  }

  private static String name(Row row) {
    return row.words() == 0 ? "all" : row.words() + (row.words() == 1 ? " word" : " words");
  }

  private void print(BlendStudy.Result result, int searched) {
    PrintWriter stdout = spec.root().commandLine().getOut();
    stdout.printf(
        Locale.ROOT,
        "Words of a clicked item's title, searched among %s; mean reciprocal rank of that item"
            + " within %,d hits, in percent, with 95 %% intervals; learned from %s%n%n",
        Figures.count(searched, "item"),
        SearchExperiment.WINDOW,
        Figures.count(result.learnedFrom(), "query", "queries"));
    TextTable table = new TextTable(List.of(
        "",
        "queries",
        "words",
        "session",
        "best fixed weight",
        "",
        "learned",
        "gain",
        "unrelated"));
    for (Row row : result.rows()) {
      table.add(List.of(
          name(row),
          Figures.count(row.queries()),
          text(row.byWords()),
          text(row.bySession()),
          text(row.fixed()),
          weight(row.best()),
          text(row.learned()),
          text(row.gain()),
          text(row.unrelated())));
    }
    table.lines().forEach(stdout::println);
    Row all = result.rows().getLast();
    stdout.printf(
        "%ngain: of the learned blend over the best fixed weight of the row, chosen like the blend on"
            + " other queries%nunrelated: what the learned blend changes, against words alone, where"
            + " the session is another visitor's%n");
    if (result.unrelatedWeight() > 0) {
      stdout.printf(
          Locale.ROOT,
          "Learned from unrelated sessions too (weight %.2f), so that these do no harm; this changes"
              + " visitors' own searches by %s%n",
          result.unrelatedWeight(),
          text(all.cost()));
    }
    if (result.rows().stream().anyMatch(row -> row.unrelated().mean() < -BlendStudy.HARMLESS)) {
      stdout.printf(
          Locale.ROOT,
          "An unrelated session costs more than %.1f in a row above%n",
          100 * BlendStudy.HARMLESS);
    }
    stdout.flush();
  }

  private static String text(BlendStudy.Mean mean) {
    return Figures.percent(mean.value()) + " ± "
        + Figures.percent(mean.interval().halfWidth());
  }

  private static String text(Difference difference) {
    return (difference.mean() < 0 ? "" : "+") + Figures.percent(difference.mean()) + " ± "
        + Figures.percent(difference.interval().halfWidth());
  }

  private static String weight(Blend blend) {
    return switch (blend) {
      case Blend.Weighted weighted ->
        String.format(
            Locale.ROOT,
            "%s %.1f",
            weighted.normalization() == Blend.Normalization.Z_SCORE ? "z-score" : "min-max",
            weighted.weight());
      case Blend.ReciprocalRankFusion fusion ->
        String.format(Locale.ROOT, "rrf %.1f", fusion.weight());
      case Blend.Replace replace -> "replace";
      case Blend.Learned learned -> "learned";
    };
  }

  /** Searches an index of items by text, and scores the hits by sessions. */
  private static final class LuceneSearch implements BlendStudy.Search {
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
    public BlendStudy.Hits hits(KnownItemQuery query) throws IOException {
      int doc = Objects.requireNonNull(docs.get(query.wanted()), query.wanted());
      Query searched = ItemIndex.textQuery(fields, query.text());
      TopDocs hits = searcher.search(searched, SearchExperiment.WINDOW);
      float[] first = new float[hits.scoreDocs.length];
      int wanted = -1;
      for (int i = 0; i < first.length; i++) {
        first[i] = hits.scoreDocs[i].score;
        wanted = hits.scoreDocs[i].doc == doc ? i : wanted;
      }
      return new BlendStudy.Hits(
          query,
          searched,
          first,
          scores(query.clicks(), hits),
          scores(query.otherClicks(), hits),
          wanted);
    }

    private float[] scores(List<String> clicks, TopDocs hits) throws IOException {
      return new SessionRescorer(ItemDocuments.source(), model.vector(clicks))
          .scores(searcher, hits);
    }
  }
}
