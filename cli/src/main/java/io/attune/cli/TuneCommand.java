package io.attune.cli;

import io.attune.model.AtomicFile;
import io.attune.model.ComputeDevice;
import io.attune.session.DataHash;
import io.attune.session.Filters;
import io.attune.session.Holdout;
import io.attune.session.Sessions;
import io.attune.training.PreparedData;
import io.attune.training.Preset;
import io.attune.training.Trainer;
import io.attune.training.TrainingData;
import io.attune.tuning.Budget;
import io.attune.tuning.Candidate;
import io.attune.tuning.CandidateTraining;
import io.attune.tuning.SearchSpace;
import io.attune.tuning.Trial;
import io.attune.tuning.Tuner;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code attune tune}: searches for the configuration with the best validation metrics. */
@Command(
    name = "tune",
    description = {
      "Searches for a configuration with better validation metrics than the initial one.",
      "Trial 1 is the initial configuration. Other trials change about half of the settings that"
          + " matter, except those given with --set. The best third of the trials continues after"
          + " a ninth and after a third of the epochs. An interrupted search resumes when it is"
          + " started again."
    },
    customSynopsis = "attune tune LOG... --out DIR [--budget 30m | --trials N] [OPTION]...",
    mixinStandardHelpOptions = true,
    versionProvider = Attune.Version.class,
    sortOptions = false,
    footerHeading = "%nExample:%n",
    footer = {
      "  attune tune clicks.csv.gz --out tuned --holdout 7d --budget 2h",
      "  attune train clicks.csv.gz --out model --holdout 7d --config tuned/best.yml"
    })
final class TuneCommand implements Callable<Integer> {
  private static final Duration DEFAULT_BUDGET = Duration.ofMinutes(30);

  @Spec
  private CommandSpec spec;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "The directory of the search, with best.yml, a journal and checkpoints.")
  @FileUse(FileUse.Kind.WRITE_DIRECTORY)
  private @Nullable Path out;

  @Option(
      names = "--budget",
      paramLabel = "30m",
      description = "The time budget, over all runs of this search (default: 30m).")
  private @Nullable Duration time;

  @Option(
      names = "--trials",
      paramLabel = "N",
      description = "Number of configurations to try, instead of a time budget.")
  @Bounds(min = 1, max = 10_000)
  private @Nullable Integer trials;

  @Mixin
  private ConfigurationMixin configuration;

  @Option(
      names = "--holdout",
      paramLabel = "none|7d|12h|last-click",
      defaultValue = "none",
      description = "What to hold out for a later test: nothing, the last days or hours, or each"
          + " session's last click (default: ${DEFAULT-VALUE}).")
  private Holdout holdout = new Holdout.None();

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "42",
      description = "The seed of the search and of every training (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(names = "--json", paramLabel = "FILE", description = "Write the trials as JSON.")
  @FileUse(FileUse.Kind.WRITE_FILE)
  private @Nullable Path json;

  @Mixin
  private DeviceMixin device;

  @Mixin
  private FilterMixin filters;

  @Mixin
  private LogMixin log;

  @Override
  public Integer call() throws IOException, CommandFailure {
    // Invalid configurations are reported before the log is read.
    requireSpace(configuration.read(Preset.SHORT_SESSIONS));
    log.logs();
    Path directory = directory();
    Tuner.requireDirectory(directory);
    Budget budget = budget();
    filters.filters(); // Refused here what would be refused after reading.
    ComputeDevice where = device.device();
    Console console = Console.of(spec);
    Sessions sessions = log.load(console).sessions();
    Preset preset = configuration.preset(sessions, holdout, console);
    Filters rules = filters.filters(preset.filters());
    Configuration initial = configuration.fitting(preset, sessions);
    ConfigurationMixin.describeVisits(initial.encoder(), sessions, console);
    PreparedData prepared = prepare(sessions, rules, initial);
    TrainCommand.describe(prepared, console);
    TrialTable table = new TrialTable(initial);
    TuningProgress progress =
        new TuningProgress(console, table, best -> writeBest(directory, best));
    Tuner.Outcome outcome = tuner(initial, budget, prepared, where, progress, console)
        .run(directory, hash(prepared.data()), seed, new SplittableRandom(seed));
    progress.end();
    writeBest(directory, outcome.best());
    if (json != null) {
      table.writeJson(json, outcome, seed);
    }
    print(directory, table, outcome);
    return 0;
  }

  private void requireSpace(Configuration initial) {
    try {
      SearchSpace.around(new Candidate(initial.encoder(), initial.training()), Set.of());
    } catch (IllegalArgumentException e) {
      throw WrongUsage.of(spec, e);
    }
  }

  private Path directory() {
    if (out == null || out.getFileName() == null) {
      throw WrongUsage.of(spec, "--out=DIR is missing: the directory of the search");
    }
    if (Files.isRegularFile(out)) {
      throw WrongUsage.of(spec, "--out=" + out + " is a file; expected a directory");
    }
    return out;
  }

  private Budget budget() {
    if (time != null && trials != null) {
      throw WrongUsage.of(spec, "--budget and --trials cannot be combined");
    }
    try {
      return trials == null
          ? new Budget.Time(time == null ? DEFAULT_BUDGET : time)
          : new Budget.Trials(trials);
    } catch (IllegalArgumentException e) {
      throw WrongUsage.of(spec, e);
    }
  }

  private PreparedData prepare(Sessions sessions, Filters rules, Configuration initial)
      throws CommandFailure {
    double share = initial.training().validation();
    if (share == 0) {
      throw WrongUsage.of(
          spec, "training.validation is 0, but trials are compared on the validation part");
    }
    try {
      PreparedData prepared = PreparedData.of(sessions, holdout, rules, share);
      if (prepared.data().validation().size() == 0) {
        throw new CommandFailure(new IllegalArgumentException(
            "too few sessions for a validation part, on which trials are compared"));
      }
      return prepared;
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(e);
    }
  }

  private Tuner tuner(
      Configuration initial,
      Budget budget,
      PreparedData prepared,
      ComputeDevice where,
      TuningProgress progress,
      Console console) {
    TrainingData data = prepared.data();
    String hash = hash(data);
    CandidateTraining training = (candidate, checkpoint, until, listener) -> Trainer.of(
            candidate.encoder(), candidate.training(), console.nanoTime())
        .withDevice(where)
        .withSeed(seed)
        .withListener(listener)
        .select(data, hash, checkpoint, until);
    Set<String> kept = new HashSet<>(configuration.setKeys(initial));
    if (!data.all().hasTimes()) {
      kept.add("timeBias");
    }
    SearchSpace space =
        SearchSpace.around(new Candidate(initial.encoder(), initial.training()), kept);
    return new Tuner(space, budget, console.nanoTime(), training, progress);
  }

  /** The hash of all training and validation data, to detect another log or other filters. */
  private static String hash(TrainingData data) {
    return DataHash.of(data.train()) + "+" + DataHash.of(data.validation());
  }

  private static void writeBest(Path directory, Trial best) throws IOException {
    Trial.Result result = best.results().getLast();
    String text = String.format(
            Locale.ROOT,
            "# attune tune, trial %d:%s on validation after epoch %d\n",
            best.number(),
            TrainingProgress.metrics(result.validation()).replaceFirst(",", ""),
            result.bestEpoch() == 0 ? result.epochs() : result.bestEpoch())
        + TrialTable.configuration(best).yaml();
    AtomicFile.replace(
        directory.resolve("best.yml"), temporary -> Files.writeString(temporary, text));
  }

  private void print(Path directory, TrialTable table, Tuner.Outcome outcome) {
    PrintWriter stdout = spec.root().commandLine().getOut();
    table.lines(outcome.trials()).forEach(stdout::println);
    stdout.printf(
        Locale.ROOT,
        "best: trial %d; train with --config %s%n",
        outcome.best().number(),
        directory.resolve("best.yml"));
    stdout.flush();
  }
}
