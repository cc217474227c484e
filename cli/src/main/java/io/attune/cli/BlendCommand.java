package io.attune.cli;

import io.attune.baseline.Baseline;
import io.attune.evaluation.Figures;
import io.attune.experiment.PositionBias;
import io.attune.experiment.QueryExperiment;
import io.attune.experiment.SearchExperiment;
import io.attune.experiment.SearchExperiment.KnownItemQuery;
import io.attune.experiment.SearchExperiment.Part;
import io.attune.log.ClickLog;
import io.attune.log.LogOptions;
import io.attune.log.QueryLog;
import io.attune.lucene.ItemIndex;
import io.attune.model.Manifest;
import io.attune.model.Model;
import io.attune.recommender.Recommender;
import io.attune.report.JsonFile;
import io.attune.serving.ServingModel;
import io.attune.session.DataHash;
import io.attune.session.LoggedQuery;
import io.attune.session.Sessions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexReader;
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
          + " is learned on the second to last items of sessions and judged on the last ones.",
      "With --queries real queries are used instead: learned on the earlier half of them, judged on"
          + " the later one."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Attune.Version.class,
    sortOptions = false,
    footerHeading = "%nExample:%n",
    footer = {
      "  attune train log.tsv --out model --holdout last-click --set refit=false",
      "  attune blend log.tsv --items items.tsv --model model",
      "  attune train events.jsonl --out model --holdout 7d",
      "  attune blend events.jsonl --queries queries.jsonl --model model"
    })
final class BlendCommand implements Callable<Integer> {
  @Spec
  private CommandSpec spec;

  @Option(
      names = "--items",
      paramLabel = "ITEMS",
      description = "A file of items, as for attune index. Needed unless there are --queries that"
          + " say what was shown.")
  @FileUse(FileUse.Kind.READ_FILE)
  private @Nullable Path items;

  @Option(
      names = "--model",
      paramLabel = "MODEL",
      required = true,
      description = "A model trained with --holdout last-click --set refit=false, so that it was"
          + " not trained on the last two items of any session; for --queries one trained with a"
          + " holdout in time, such as 7d.")
  @FileUse(FileUse.Kind.READ_MODEL)
  private Path model = Path.of("");

  @Option(
      names = "--queries",
      paramLabel = "FILE",
      description = {
        "Real queries: a CSV or TSV file with a header, or JSON lines such as ubi_queries, plain,"
            + " gzip or zstd. Columns: session, words, shown items (parted by bars or spaces),"
            + " clicked item, and if there are any query id and time. Needed are a session, a"
            + " clicked item, and words or shown items; the options for columns of the log hold"
            + " here too. Without clicked items, the UBI events of the log tell by query_id.",
        "With shown items, their list is what is re-ranked; --items adds the scores of words."
            + " Without, the words are searched among --items."
      })
  @FileUse(FileUse.Kind.READ_FILE)
  private @Nullable Path queries;

  @Option(
      names = "--baseline",
      paramLabel = "NAME[:SETTING=VALUE,...]",
      arity = "1..*",
      description =
          "With --queries: also rank by these baselines alone, such as pop,v-sknn; they are"
              + " trained on the log up to the end of the model's training.")
  private List<String> baselines = List.of();

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
    check();
    Console console = Console.of(spec);
    if (!dryRun) {
      Model.requireWritable(model);
    }
    List<ItemIndex.Item> read = items == null ? List.of() : ItemsFile.read(items);
    ServingModel served = open(read);
    try {
      Path file = queries;
      return file == null
          ? knownItems(read, served, console)
          : realQueries(file, read, served, console);
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(e);
    }
  }

  private void check() {
    if (queries == null && items == null) {
      throw WrongUsage.of(
          spec,
          "--items=ITEMS is missing: its words are what is searched; without"
              + " words, name --queries=FILE with the items that were shown");
    }
    for (String name : List.of("--words", "--sessions")) {
      if (queries != null && spec.commandLine().getParseResult().hasMatchedOption(name)) {
        throw WrongUsage.of(
            spec,
            name + " is about words of titles, and --queries has words of its own: remove it");
      }
    }
    if (queries == null && !baselines.isEmpty()) {
      throw WrongUsage.of(spec, "--baseline needs --queries");
    }
    parsedBaselines();
  }

  private List<Baseline> parsedBaselines() {
    try {
      return baselines.stream()
          .flatMap(text -> Baseline.parseAll(text).stream())
          .distinct()
          .toList();
    } catch (IllegalArgumentException e) {
      throw WrongUsage.of(spec, e);
    }
  }

  /** Words of titles are searched. */
  private int knownItems(List<ItemIndex.Item> read, ServingModel served, Console console)
      throws IOException {
    warnIfTrainedOnTargets(console);
    Sessions sessions = log.load(console).sessions();
    Map<String, String> titles = ItemsFile.texts(read);
    SearchExperiment experiment = new SearchExperiment(sessions, titles, words, sample, seed);
    List<KnownItemQuery> learning = experiment.queries(Part.LEARN);
    List<KnownItemQuery> testing = experiment.queries(Part.TEST);
    PositionBias none = PositionBias.estimate(List.of());
    BlendStudy.Result result = study(learning, testing, read, served, none, List.of(), console);
    BlendTable table = new BlendTable(List.of(), false, false);
    table.print(
        spec.root().commandLine().getOut(),
        "Words of a clicked item's title, searched among "
            + Figures.count(read.size(), "item") + "; mean reciprocal rank of that item within "
            + Figures.count(SearchExperiment.WINDOW, "hit"),
        result);
    return finish(result, table, served, sessions, console);
  }

  /** What visitors searched. */
  private int realQueries(
      Path file, List<ItemIndex.Item> read, ServingModel served, Console console)
      throws IOException, CommandFailure {
    Manifest.Provenance provenance = Model.manifest(model).provenance();
    Instant trained = trained(provenance, console);
    ClickLog.Loaded loaded = log.load(console);
    LogOptions options = log.options();
    boolean byUser = loaded.report().sessionsBy() != LogOptions.SessionsBy.SESSION;
    QueryLog logged = QueryLog.read(file, log.logs(), options, byUser);
    logged
        .leftOut()
        .forEach(
            (reason, count) -> console.line("left out " + Figures.count(count) + " " + reason));
    Sessions sessions = loaded.sessions();
    QueryExperiment experiment = QueryExperiment.of(
        sessions, logged.queries(), options.inactivity(), trained, !read.isEmpty(), seed);
    if (!sessions.hasTimes() || logged.queries().stream().noneMatch(LoggedQuery::hasTime)) {
      console.warn(
          (sessions.hasTimes() ? "queries" : "clicks") + " have no time: a session's clicks"
              + " before a query are those before its first click on the clicked item, the earlier"
              + " half of the queries is that of the file, and it is not known which of them the"
              + " model was trained on");
    }
    experiment.leftOut().forEach(each -> console.line("left out " + each));
    PositionBias positions = PositionBias.estimate(experiment.shownLists());
    boolean corrected = positions.isKnown();
    if (!corrected && !experiment.shownLists().isEmpty()) {
      console.warn("positions are not corrected for: only "
          + Figures.count(positions.compared(), "click") + " in the earlier half are on hits that"
          + " the same words showed at several positions; expected "
          + PositionBias.MIN_CLICKS + " or more");
    }
    List<KnownItemQuery> learning = experiment.queries(Part.LEARN);
    List<KnownItemQuery> testing = experiment.queries(Part.TEST);
    List<Baseline> compared = parsedBaselines();
    List<String> names = compared.stream().map(Baseline::label).toList();
    BlendStudy.Result result = study(
        learning,
        testing,
        read,
        served,
        corrected ? positions : PositionBias.estimate(List.of()),
        trained(compared, sessions, trained),
        console);
    if (result.unranked() > 0) {
      console.line("in %s of %s the model knows none of the clicks or none of the hits: these keep"
              .formatted(
                  Figures.count(result.unranked()),
                  Figures.count(learning.size() + testing.size(), "query", "queries"))
          + " their order");
    }
    boolean shown = !testing.getFirst().shown().isEmpty();
    BlendTable table = new BlendTable(names, true, shown);
    table.print(
        spec.root().commandLine().getOut(),
        "Queries of " + file + ", judged on the later half; mean reciprocal rank of the clicked"
            + " item "
            + (shown
                ? "among those shown"
                : "within " + Figures.count(SearchExperiment.WINDOW, "hit") + " among "
                    + Figures.count(read.size(), "item")),
        result);
    if (corrected) {
      BlendTable.printPositions(spec.root().commandLine().getOut(), positions);
    }
    return finish(result, table, served, sessions, console);
  }

  private BlendStudy.Result study(
      List<KnownItemQuery> learning,
      List<KnownItemQuery> testing,
      List<ItemIndex.Item> read,
      ServingModel served,
      PositionBias positions,
      List<Recommender> recommenders,
      Console console)
      throws IOException {
    try (ByteBuffersDirectory directory = new ByteBuffersDirectory()) {
      if (read.isEmpty()) {
        return run(learning, testing, served, null, positions, recommenders, console);
      }
      ItemIndex.write(directory, read, served);
      try (IndexReader reader = DirectoryReader.open(directory)) {
        return run(learning, testing, served, reader, positions, recommenders, console);
      }
    }
  }

  private static BlendStudy.Result run(
      List<KnownItemQuery> learning,
      List<KnownItemQuery> testing,
      ServingModel served,
      @Nullable IndexReader reader,
      PositionBias positions,
      List<Recommender> recommenders,
      Console console)
      throws IOException {
    BlendSearch search = new BlendSearch(served, reader, positions, recommenders);
    return new BlendStudy(learning, testing, search, positions.isKnown(), search::isFromWords)
        .run(done -> console.state(() ->
            String.format(Locale.ROOT, "searching %s%2.0f %%", console.bar(done), 100 * done)));
  }

  private int finish(
      BlendStudy.Result result,
      BlendTable table,
      ServingModel served,
      Sessions sessions,
      Console console)
      throws IOException {
    if (json != null) {
      JsonFile.write(json, table.tree(result));
    }
    if (!dryRun) {
      Model.saveBlend(
          model, served.version(), result.learned(DataHash.of(sessions), Instant.now(), seed));
      console.line("wrote the blend into " + model + "; searches with this model use it");
    }
    return 0;
  }

  /** The end of what a model was trained on, from which on queries are new to it. */
  private @Nullable Instant trained(Manifest.Provenance provenance, Console console) {
    String end = provenance.cut() != null
        ? provenance.cut()
        : provenance.holdout().equals("none") ? provenance.lastClick() : null;
    if (end == null) {
      console.warn(model + " was trained with --holdout " + provenance.holdout()
          + (provenance.lastClick() == null ? " on clicks without times" : "")
          + ", so it is not known which queries are new to it: if it was trained on their clicks,"
          + " the session gets too much weight; train with a --holdout in time");
    }
    return end == null ? null : Instant.parse(end);
  }

  private static List<Recommender> trained(
      List<Baseline> compared, Sessions sessions, @Nullable Instant end) throws CommandFailure {
    if (compared.isEmpty()) {
      return List.of();
    }
    if (end == null || !sessions.hasTimes()) {
      throw new CommandFailure("--baseline needs a log with times, and a model trained with a"
          + " --holdout in time: baselines are trained on what is before");
    }
    Sessions before = sessions.before(end);
    if (before.size() == 0) {
      throw new CommandFailure(
          "--baseline has nothing to be trained on: no click of the log is from" + " before " + end
              + ", the end of what the model was trained on");
    }
    return compared.stream().map(baseline -> baseline.train(before)).toList();
  }

  private ServingModel open(List<ItemIndex.Item> read) throws IOException, CommandFailure {
    try {
      return ServingModel.open(Model.open(model), ItemsFile.texts(read));
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
}
