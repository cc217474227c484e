package io.attune.cli;

import com.github.benmanes.caffeine.cache.Ticker;
import io.attune.baseline.Baseline;
import io.attune.encoder.NeuralRecommender;
import io.attune.evaluation.EvaluationReport;
import io.attune.evaluation.Evaluator;
import io.attune.evaluation.Figures;
import io.attune.examples.shop.Shop;
import io.attune.examples.shop.ShopConfig;
import io.attune.experiment.PositionBias;
import io.attune.experiment.SearchExperiment;
import io.attune.experiment.SearchExperiment.Part;
import io.attune.log.ClickLog;
import io.attune.log.LogOptions;
import io.attune.lucene.ItemDocuments;
import io.attune.lucene.ItemIndex;
import io.attune.model.AtomicFile;
import io.attune.model.ComputeDevice;
import io.attune.model.LearnedBlend;
import io.attune.model.Model;
import io.attune.report.ReportText;
import io.attune.saved.SavedModel;
import io.attune.server.AttuneServer;
import io.attune.serving.ServingModel;
import io.attune.session.DataHash;
import io.attune.session.Filters;
import io.attune.session.Filters.UnknownItems;
import io.attune.session.Holdout;
import io.attune.session.Sessions;
import io.attune.session.Split;
import io.attune.training.ItemTexts;
import io.attune.training.Preset;
import io.attune.training.TrainedModel;
import io.attune.training.Training;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexReader;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code attune quickstart}: trains, evaluates and searches on a simulated shop. */
@Command(
    name = "quickstart",
    description =
        "Simulates a shop, trains a model on its clicks, and shows what the model has learned.",
    mixinStandardHelpOptions = true,
    versionProvider = Attune.Version.class,
    sortOptions = false,
    footerHeading = "%nExample:%n",
    footer = "  attune quickstart --out shop --seed 7")
final class QuickstartCommand implements Callable<Integer> {
  private static final String COMMAND_PROPERTY = "attune.command";
  private static final String CLICKS = "clicks.csv";
  private static final String ITEMS = "items.tsv";
  private static final String CONFIG = "config.yml";
  private static final String MODEL = "model";
  private static final String INDEX = "index";
  private static final String MARK = ".attune-quickstart"; // marks a directory of a quickstart
  private static final int CUTOFF = 20;
  private static final int SEARCHING_VISITS = 400;
  private static final Holdout HOLDOUT = new Holdout.Last(Duration.ofDays(7));
  private static final Filters FILTERS = Filters.standard();

  /** Settings for a catalogue of a few thousand products and about two minutes. */
  private static final Map<String, String> SETTINGS = Map.of(
      "dimension", "64", "hidden", "64", "epochs", "6", "refit", "false", "precision", "fp32");

  @Spec
  private CommandSpec spec;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      defaultValue = "attune-quickstart",
      description =
          "The directory of the log, the items and the model: new, empty, or of an earlier"
              + " quickstart, which is overwritten (default: ${DEFAULT-VALUE}).")
  @FileUse(FileUse.Kind.WRITE_DIRECTORY)
  private Path out = Path.of("attune-quickstart");

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "42",
      description = "The seed of the shop and the training (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--serve",
      description = "Then serve the shop on this machine, with a page to click and search in, until"
          + " stopped.")
  private boolean serve;

  @Override
  public Integer call() throws IOException, CommandFailure {
    requireReplaceable(out);
    Console console = Console.of(spec);
    PrintWriter stdout = spec.root().commandLine().getOut();
    long start = console.nanoTime().getAsLong();
    Path mark = out.resolve(MARK);
    AtomicFile.replace(
        mark,
        beside -> Files.writeString(beside, "Made by attune quickstart, seed " + seed + "\n"));
    Shop shop = simulateShop();
    Path log = out.resolve(CLICKS);
    console.line("simulated a shop: " + log + ", " + out.resolve(ITEMS));
    ClickLog.Loaded loaded = ClickLog.load(List.of(log), LogOptions.standard());
    Sessions sessions = loaded.sessions();
    stdout.printf(
        "A simulated shop: %s, %s in %s.%n",
        Figures.count(shop.products().size(), "product"),
        Figures.count(sessions.clicks(), "click"),
        Figures.count(sessions.size(), "visit"));
    stdout.flush();
    Configuration config = Configuration.of(Preset.SHORT_SESSIONS, "narm", null, SETTINGS);
    AtomicFile.replace(out.resolve(CONFIG), beside -> Files.writeString(beside, config.yaml()));
    TrainedModel trained = Training.of(sessions, console.nanoTime())
        .encoder(config.encoder())
        .training(config.training())
        .holdout(HOLDOUT)
        .filters(FILTERS)
        .items(new ItemTexts(ItemsFile.texts(items(shop, cut(sessions))), Set.of()))
        .seed(seed)
        .version(Attune.Version.number())
        .listener(new TrainingProgress(console, "seed " + seed))
        .train();
    trained.save(out.resolve(MODEL));
    show(shop, sessions, trained.prepared().split(), console, stdout);
    search(shop, trained.prepared().split().test(), console, stdout);
    stdout.printf("%nThe quickstart took %s.%n", Figures.seconds(console.since(start)));
    printNextSteps(stdout);
    stdout.flush();
    if (serve) {
      serve(console, stdout);
    }
    return 0;
  }

  /** Requires a directory that is empty or holds only files of a quickstart. */
  private static void requireReplaceable(Path directory) throws IOException, CommandFailure {
    if (!Files.exists(directory)) {
      return;
    }
    Set<String> own = Files.exists(directory.resolve(MARK))
        ? Set.of(CLICKS, ITEMS, CONFIG, MODEL, INDEX, MARK)
        : Set.of();
    try (Stream<Path> entries = Files.list(directory)) {
      Path foreign = entries
          .filter(entry -> !own.contains(String.valueOf(entry.getFileName())))
          .findFirst()
          .orElse(null);
      if (foreign != null) {
        throw new CommandFailure(
            "%s: holds '%s', which is not from a quickstart; choose another directory with --out"
                .formatted(directory, foreign.getFileName()));
      }
    }
    Model.requireWritable(directory.resolve(MODEL));
    IndexCommand.requireIndexOrEmpty(directory.resolve(INDEX));
  }

  private Shop simulateShop() throws IOException {
    Shop shop = Shop.simulate(ShopConfig.DEFAULT, seed);
    shop.writeClicks(out.resolve(CLICKS));
    shop.writeItems(out.resolve(ITEMS));
    return shop;
  }

  /** Evaluates the saved model on the held-out days, and shows examples. */
  private void show(Shop shop, Sessions sessions, Split split, Console console, PrintWriter stdout)
      throws IOException {
    Model model = Model.load(out.resolve(MODEL));
    Sessions test = FILTERS
        .test(split.test(), model.vocabulary(), UnknownItems.MISS, split.targets())
        .sessions();
    try (NeuralRecommender recommender =
        NeuralRecommender.load(model, "narm", ComputeDevice.AUTO)) {
      EvaluationReport report = Evaluator.of(sessions, console.nanoTime())
          .holdout(HOLDOUT)
          .filters(FILTERS)
          .model("narm", new SavedModel.Engine(model, recommender))
          .baselines(List.of(new Baseline.Pop()))
          .cutoffs(List.of(CUTOFF))
          .listener(new EvaluationProgress(console))
          .run()
          .report();
      stdout.printf(
          "%nPredicting the next click among all products, on the last 7 days, which were held out,"
              + " in percent:%n%n");
      ReportText.mainTable(report).forEach(stdout::println);
      new VisitDemo(shop, recommender, stdout).print(test, seed);
    }
  }

  /** Indexes all products, learns a blend on the held-out days, and shows searches. */
  private void search(Shop shop, Sessions visits, Console console, PrintWriter stdout)
      throws IOException {
    Path saved = out.resolve(MODEL);
    ServingModel model = ServingModel.open(saved);
    List<ItemIndex.Item> items = items(shop, LocalDate.MAX);
    try (Directory directory = FSDirectory.open(out.resolve(INDEX))) {
      ItemIndex.write(directory, items, model);
      try (IndexReader reader = DirectoryReader.open(directory)) {
        BlendStudy.Result result = blend(visits, items, reader, console);
        LearnedBlend blend = result.learned(DataHash.of(visits), Instant.now(), seed);
        Model.saveBlend(saved, model.version(), blend);
        SearchDemo demo = new SearchDemo(shop, reader, model.withBlend(blend), stdout);
        demo.printSearches(visits, result.rows().getLast());
        demo.printArrivals(visits);
      }
    }
  }

  private BlendStudy.Result blend(
      Sessions visits, List<ItemIndex.Item> items, IndexReader reader, Console console)
      throws IOException {
    Map<String, String> titles = ItemsFile.texts(items);
    ServingModel whole = ServingModel.open(Model.open(out.resolve(MODEL)), titles);
    SearchExperiment searches =
        new SearchExperiment(visits, titles, List.of(1, 2, 3), SEARCHING_VISITS, seed);
    BlendSearch search =
        new BlendSearch(whole, reader, PositionBias.estimate(List.of()), List.of());
    return new BlendStudy(
            searches.queries(Part.LEARN),
            searches.queries(Part.TEST),
            search,
            false,
            search::isFromWords)
        .run(done -> console.state(() -> String.format(
            Locale.ROOT, "learning a blend%s%2.0f %%", console.bar(done), 100 * done)));
  }

  /** The first day of which a part is held out. */
  private static LocalDate cut(Sessions sessions) {
    return LocalDate.ofInstant(
        Objects.requireNonNull(HOLDOUT.split(sessions).cut()), ZoneOffset.UTC);
  }

  /** The products that were on sale before a day. */
  private static List<ItemIndex.Item> items(Shop shop, LocalDate day) {
    return shop.products().stream()
        .filter(product -> product.onSaleFrom().isBefore(day))
        .map(product -> new ItemIndex.Item(product.itemId(), Map.of("title", product.title())))
        .toList();
  }

  private void serve(Console console, PrintWriter stdout) throws IOException, CommandFailure {
    try (Directory directory = FSDirectory.open(out.resolve(INDEX))) {
      AttuneServer.Builder builder = AttuneServer.builder(
              out.resolve(MODEL), Clock.systemUTC(), Ticker.systemTicker())
          .address(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
          .index(DirectoryReader.open(directory), ItemDocuments.ID)
          .notices(console::line);
      stdout.printf(
          "%nOpen this address in a browser, click three products, and search. Ctrl-C ends"
              + " it.%n");
      ServeCommand.run(builder, out.resolve(MODEL), stdout);
    }
  }

  private void printNextSteps(PrintWriter stdout) {
    String attune = System.getProperty(COMMAND_PROPERTY, "attune");
    Path log = out.resolve(CLICKS);
    Path newModel = out.resolveSibling("my-model");
    stdout.printf("%nNext steps, with this log or your own:%n");
    for (String command : List.of(
        "inspect " + log,
        "train " + log + " --out " + newModel + " --holdout " + HOLDOUT,
        "evaluate %s --holdout %s --model %s %s --baseline pop"
            .formatted(log, HOLDOUT, out.resolve(MODEL), newModel),
        "search %s --model %s --query WORDS --session ID,ID"
            .formatted(out.resolve(INDEX), out.resolve(MODEL)),
        "serve --model %s --index %s".formatted(out.resolve(MODEL), out.resolve(INDEX)))) {
      stdout.println("  " + attune + " " + command);
    }
  }
}
