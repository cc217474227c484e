package io.attune.cli;

import io.attune.lucene.Blend;
import io.attune.lucene.ItemDocuments;
import io.attune.lucene.ItemIndex;
import io.attune.lucene.SessionRescorer;
import io.attune.serving.ServingModel;
import io.attune.serving.SessionVector;
import io.attune.session.Sessions;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexReader;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.TopDocs;
import org.apache.lucene.store.ByteBuffersDirectory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code attune blend}: what the session adds to a search by words, on clicks held out. */
@Command(
    name = "blend",
    description = {
      "Measures what sessions add to a search by words: some words of the title of each session's"
          + " last item are searched, and the item's place is compared before and after the"
          + " session is heard. The weight of each blend is chosen on the last items but one."
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
  private static final int WINDOW = 1000;
  private static final int MIN_LETTERS = 3;
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
      description = "A model trained with --holdout last-click --set refit=false: it must have"
          + " seen neither the last items nor those before them.")
  @FileUse(FileUse.Kind.READ_MODEL)
  private Path model = Path.of("");

  @Option(
      names = "--words",
      paramLabel = "N",
      defaultValue = "1",
      description = "How many words of the title are searched (default: ${DEFAULT-VALUE}).")
  @Bounds(min = 1, max = 100)
  private int words;

  @Option(
      names = "--sessions",
      paramLabel = "N",
      defaultValue = "5000",
      description = "How many sessions to sample (default: ${DEFAULT-VALUE}).")
  @Bounds(min = 1)
  private int sample;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "42",
      description = "Of the sample and the words (default: ${DEFAULT-VALUE}).")
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
    try (ByteBuffersDirectory directory = new ByteBuffersDirectory()) {
      ItemIndex.write(directory, read, served);
      try (IndexReader reader = DirectoryReader.open(directory)) {
        print(new Trial(reader, served, read, sessions), console);
      }
    }
    return 0;
  }

  private void print(Trial trial, Console console) throws IOException, CommandFailure {
    Map<String, List<Blend>> families = new LinkedHashMap<>();
    families.put("weighted, min-max", new ArrayList<>());
    families.put("weighted, z-score", new ArrayList<>());
    families.put("reciprocal rank fusion", new ArrayList<>());
    for (float weight : WEIGHTS) {
      families
          .get("weighted, min-max")
          .add(new Blend.Weighted(weight, Blend.Normalization.MIN_MAX));
      families
          .get("weighted, z-score")
          .add(new Blend.Weighted(weight, Blend.Normalization.Z_SCORE));
      families.get("reciprocal rank fusion").add(new Blend.ReciprocalRankFusion(weight, 60));
    }
    families.put("session alone", List.of(new Blend.Replace()));

    List<Blend> all = families.values().stream().flatMap(List::stream).toList();
    double[][] validation = trial.run(2, all, console);
    Map<String, Blend> chosen = new LinkedHashMap<>();
    int at = 1;
    for (Map.Entry<String, List<Blend>> family : families.entrySet()) {
      int best = at;
      for (int i = at; i < at + family.getValue().size(); i++) {
        best = mean(validation[i]) > mean(validation[best]) ? i : best;
      }
      chosen.put(family.getKey(), all.get(best - 1));
      at += family.getValue().size();
    }

    double[][] test = trial.run(1, List.copyOf(chosen.values()), console);
    PrintWriter stdout = spec.root().commandLine().getOut();
    stdout.printf(
        Locale.ROOT,
        "%s, %s of the last item's title, %s; mean reciprocal rank within %d hits, in percent%n%n",
        Figures.count(test[0].length, "session"),
        Figures.count(words, "word"),
        Figures.count(trial.items, "item"),
        WINDOW);
    TextTable table = new TextTable(List.of("", "weight", "MRR", "gain", "95 % interval"));
    table.add(List.of("words alone", "", Figures.percent(mean(test[0])), "", ""));
    int row = 1;
    for (Map.Entry<String, Blend> blend : chosen.entrySet()) {
      double[] gains = test[row].clone();
      for (int i = 0; i < gains.length; i++) {
        gains[i] -= test[0][i];
      }
      double half = 1.96 * deviation(gains) / Math.sqrt(gains.length);
      table.add(List.of(
          blend.getKey(),
          weight(blend.getValue()),
          Figures.percent(mean(test[row])),
          Figures.percent(mean(gains)),
          "± " + Figures.percent(half)));
      row++;
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

  private static double mean(double[] values) {
    return Arrays.stream(values).average().orElse(Double.NaN);
  }

  private static double deviation(double[] values) {
    double mean = mean(values);
    return Math.sqrt(
        Arrays.stream(values).map(x -> (x - mean) * (x - mean)).average().orElse(0));
  }

  /** Searches for held-out items. */
  private final class Trial {
    private final IndexReader reader;
    private final ServingModel served;
    private final Map<String, String> titles;
    private final Map<String, Integer> docs = new HashMap<>();
    private final Sessions sessions;
    private final int items;

    Trial(IndexReader reader, ServingModel served, List<ItemIndex.Item> read, Sessions sessions)
        throws IOException {
      this.reader = reader;
      this.served = served;
      this.sessions = sessions;
      this.items = read.size();
      this.titles = read.stream()
          .collect(Collectors.toMap(
              ItemIndex.Item::id, item -> String.join(" ", item.texts().values())));
      for (int doc = 0; doc < reader.maxDoc(); doc++) {
        docs.put(reader.storedFields().document(doc).get(ItemDocuments.ID), doc);
      }
    }

    /**
     * Reciprocal ranks of the items held out.
     *
     * @param fromEnd 1 for the last items, 2 for those before them
     * @param blends to try
     * @return for words alone and then for each blend: one number a session
     */
    double[][] run(int fromEnd, List<Blend> blends, Console console)
        throws IOException, CommandFailure {
      IndexSearcher searcher = new IndexSearcher(reader);
      List<double[]> results = new ArrayList<>();
      int every = Math.max(1, sessions.size() / sample);
      for (int s = 0; s < sessions.size(); s += every) {
        int target = sessions.length(s) - fromEnd;
        if (target < 1) {
          continue;
        }
        List<String> ids = Arrays.stream(sessions.items(s), 0, target + 1)
            .mapToObj(sessions.vocabulary()::id)
            .toList();
        String query = query(titles.getOrDefault(ids.getLast(), ""), s);
        Integer doc = docs.get(ids.getLast());
        if (doc == null || query.isEmpty()) {
          continue;
        }
        SessionVector vector = served.vector(ids.subList(0, target));
        TopDocs hits =
            searcher.search(ItemIndex.words(ItemIndex.textFields(reader), query), WINDOW);
        double[] ranks = new double[blends.size() + 1];
        ranks[0] = reciprocal(hits, doc);
        for (int b = 0; b < blends.size(); b++) {
          SessionRescorer rescorer = new SessionRescorer(
              ItemDocuments.source(),
              vector,
              SessionRescorer.Settings.standard()
                  .with(blends.get(b))
                  .with(SessionRescorer.OnFailure.THROW));
          ranks[b + 1] = reciprocal(rescorer.rescore(searcher, hits, WINDOW), doc);
        }
        results.add(ranks);
        int done = s;
        console.state(() -> "searching " + 100L * done / sessions.size() + " %");
      }
      if (results.isEmpty()) {
        throw new CommandFailure(BlendCommand.this.items
            + ": no session's last item has a title there; are the ids those of the log?");
      }
      double[][] columns = new double[blends.size() + 1][results.size()];
      for (int i = 0; i < results.size(); i++) {
        for (int c = 0; c < columns.length; c++) {
          columns[c][i] = results.get(i)[c];
        }
      }
      return columns;
    }

    /** Some words of a title, drawn by the session. */
    private String query(String title, int session) {
      List<String> all = Arrays.stream(title.split("[^\\p{L}\\p{N}]+", -1))
          .filter(word -> word.length() >= MIN_LETTERS)
          .distinct()
          .collect(Collectors.toCollection(ArrayList::new));
      SplittableRandom random = new SplittableRandom(seed * 31 + session);
      List<String> drawn = new ArrayList<>();
      while (drawn.size() < words && !all.isEmpty()) {
        drawn.add(all.remove(random.nextInt(all.size())));
      }
      return String.join(" ", drawn);
    }

    private static double reciprocal(TopDocs hits, int doc) {
      ScoreDoc[] found = hits.scoreDocs;
      for (int i = 0; i < found.length; i++) {
        if (found[i].doc == doc) {
          return 1.0 / (i + 1);
        }
      }
      return 0;
    }
  }
}
