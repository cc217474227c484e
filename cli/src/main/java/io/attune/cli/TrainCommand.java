package io.attune.cli;

import io.attune.baseline.Baseline;
import io.attune.baseline.BaselineModel;
import io.attune.evaluation.BaselineComparison;
import io.attune.evaluation.Figures;
import io.attune.model.ComputeDevice;
import io.attune.model.Manifest;
import io.attune.model.Model;
import io.attune.session.Filters;
import io.attune.session.Holdout;
import io.attune.session.Sessions;
import io.attune.session.Split;
import io.attune.training.ClickedGain;
import io.attune.training.ItemTexts;
import io.attune.training.PreparedData;
import io.attune.training.Preset;
import io.attune.training.TrainedModel;
import io.attune.training.Trainer;
import io.attune.training.Training;
import io.attune.training.TrainingData;
import io.attune.vector.NotFiniteException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code attune train}: a model from click logs. */
@Command(
    name = "train",
    description = "Trains a model on click logs.",
    customSynopsis = "attune train LOG... --out MODEL [--from MODEL] [OPTION]...",
    mixinStandardHelpOptions = true,
    versionProvider = Attune.Version.class,
    sortOptions = false,
    footerHeading = "%nExample:%n",
    footer = {
      "  attune train clicks.csv.gz --out model --holdout 7d --set epochs=4",
      "  attune train 'clicks/*.csv' --from model --out grown",
      "  attune train --show-config > mine.yml"
    })
final class TrainCommand implements Callable<Integer> {
  /** Of more, neighbours are not sought within seconds. */
  private static final int MAX_COMPARED = 50_000_000;

  @Spec
  private CommandSpec spec;

  @Option(names = "--out", paramLabel = "MODEL", description = "The directory of the new model.")
  @FileUse(FileUse.Kind.WRITE_MODEL)
  private @Nullable Path out;

  @Option(
      names = "--from",
      paramLabel = "MODEL",
      description = "Go on from a model with the sessions of LOG that are newer than it. The new"
          + " model has its encoder and its items in the same rows, and new items behind them.")
  @FileUse(FileUse.Kind.READ_MODEL)
  private @Nullable Path from;

  @Mixin
  private GrowthMixin growth;

  @Mixin
  private ConfigurationMixin configuration;

  @Option(
      names = "--show-config",
      description =
          "Print the configuration as YAML, and end; with a LOG, the one that fits it, and"
              + " how long its training would take.")
  private boolean showConfig;

  @Option(
      names = "--holdout",
      paramLabel = "none|7d|12h|last-click",
      defaultValue = "none",
      description = "What not to train on: nothing, the last days or hours, or each session's"
          + " last click (default: ${DEFAULT-VALUE}).")
  private Holdout holdout = new Holdout.None();

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "42",
      description = "Of initial weights, order and dropout (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--resume",
      description = "Continue from MODEL.checkpoint, which a stopped training left.")
  private boolean resume;

  @Option(
      names = "--baseline",
      paramLabel = "NAME[:SETTING=VALUE,...]",
      description = "Keep a baseline instead of training an encoder, such as v-sknn:k=100; evaluate"
          + " and recommend take it like any model.")
  private @Nullable String baseline;

  @Mixin
  private ItemTextsMixin texts;

  @Mixin
  private DeviceMixin device;

  @Mixin
  private FilterMixin filters;

  @Mixin
  private LogMixin log;

  @Override
  public Integer call() throws IOException, CommandFailure {
    Model parent = parent();
    Configuration usual = parent == null
        ? configuration.read(Preset.SHORT_SESSIONS)
        : configuration.growing(parent.manifest());
    Console console = Console.of(spec);
    if (showConfig) {
      show(usual, console);
      return 0;
    }
    log.logs();
    Path model = target();
    filters.filters(); // Refused here what would be refused after reading.
    texts.check(baseline != null);
    Model.requireWritable(model);
    if (baseline != null) {
      keep(baseline(baseline), model, filters.filters(), console);
      return 0;
    }
    Trainer.requireCheckpoint(checkpoint(model));
    ComputeDevice where = device.device();
    long start = console.nanoTime().getAsLong();
    Path checkpoint = checkpoint(model, console);
    ItemTexts written = texts.read(seed);
    Configured configured =
        parent == null ? configured(where, console) : growing(parent, usual, where, console);
    Training training = configured
        .training
        .items(written)
        .listener(new TrainingProgress(console, details(parent, checkpoint)));
    TrainedModel trained = train(training, checkpoint);
    trained.save(model);
    Trainer.forget(checkpoint);
    report(model, trained, console.since(start));
    if (parent == null) {
      compare(model, trained);
    }
    return 0;
  }

  /** The model to go on from; null where training starts from scratch. */
  private @Nullable Model parent() throws IOException {
    if (from == null) {
      if (growth.isGiven()) {
        throw WrongUsage.of(spec, "--replay and --drop-unclicked need --from");
      }
      return null;
    }
    if (baseline != null || showConfig) {
      throw WrongUsage.of(
          spec,
          "--from goes on from a model, so it cannot be combined with "
              + (showConfig ? "--show-config" : "--baseline"));
    }
    if (texts.isGiven()) {
      throw WrongUsage.of(
          spec,
          "--items is for a training from the beginning; a model that is grown with --from keeps"
              + " the vectors that words gave");
    }
    return Model.load(from);
  }

  /** Reads the log and configures a training on what is new in it. */
  private Configured growing(
      Model parent, Configuration config, ComputeDevice where, Console console)
      throws IOException, CommandFailure {
    Sessions sessions = log.load(console).sessions();
    Training training =
        growth.training(parent, sessions, config, holdout, filters, console).device(where);
    if (spec.commandLine().getParseResult().hasMatchedOption("--seed")) {
      training.seed(seed);
    }
    return new Configured(config, training);
  }

  private String details(@Nullable Model parent, Path checkpoint) {
    return parent == null
        ? "seed " + seed + ", checkpoint " + checkpoint
        : "going on from " + from + ", checkpoint " + checkpoint;
  }

  /**
   * Prints the configuration; with a log, the one that fits it, and how long its training takes.
   */
  private void show(Configuration usual, Console console) throws IOException, CommandFailure {
    if (!log.isGiven()) {
      print(usual);
      return;
    }
    filters.filters();
    Configured configured = configured(device.device(), console);
    print(configured.configuration);
    try {
      configured.training.listener(new TrainingProgress(console, "")).estimate();
    } catch (IllegalArgumentException | NotFiniteException e) {
      throw new CommandFailure(e);
    }
  }

  private void print(Configuration configured) {
    PrintWriter stdout = spec.root().commandLine().getOut();
    stdout.print(configured.yaml());
    stdout.flush();
  }

  /** A training that has not begun. */
  private record Configured(Configuration configuration, Training training) {}

  /** Reads the log and configures a training on it. */
  private Configured configured(ComputeDevice where, Console console)
      throws IOException, CommandFailure {
    Sessions sessions = log.load(console).sessions();
    Preset preset = configuration.preset(sessions, holdout, console);
    Filters rules = filters.filters(preset.filters());
    Configuration fitting = configuration.fitting(preset, sessions);
    ConfigurationMixin.describeVisits(fitting.encoder(), sessions, console);
    Configuration config = configuration.shortened(fitting, sessions, rules, console);
    Training training = Training.of(sessions, console.nanoTime())
        .encoder(config.encoder())
        .training(config.training())
        .holdout(holdout)
        .filters(rules)
        .device(where)
        .seed(seed)
        .version(Attune.Version.number());
    return new Configured(config, training);
  }

  private Baseline baseline(String text) {
    try {
      List<Baseline> baselines = Baseline.parseAll(text);
      if (baselines.size() == 1) {
        return baselines.getFirst();
      }
    } catch (IllegalArgumentException e) {
      throw WrongUsage.of(spec, e);
    }
    throw WrongUsage.of(spec, "--baseline keeps one baseline, not '" + text + "'");
  }

  /** Saves a baseline. It has no epochs to choose, so it is trained on all that is not held out. */
  private void keep(Baseline kept, Path model, Filters rules, Console console)
      throws IOException, CommandFailure {
    Sessions sessions = log.load(console).sessions();
    PreparedData prepared;
    try {
      prepared = PreparedData.of(sessions, holdout, rules, 0);
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(e);
    }
    describe(prepared, console);
    BaselineModel.of(kept, prepared.data().all()).save(model);
    PrintWriter stdout = spec.root().commandLine().getOut();
    stdout.printf("model %s: %s%n", model, kept.label());
    stdout.flush();
  }

  private Path target() {
    if (out == null || out.getFileName() == null) {
      throw WrongUsage.of(spec, "--out=MODEL is missing: the directory of the new model");
    }
    return out;
  }

  private static Path checkpoint(Path model) {
    Path named = model.normalize();
    return named.resolveSibling(named.getFileName() + ".checkpoint");
  }

  /** Where the state of the training is kept, beside the model. */
  private Path checkpoint(Path model, Console console) {
    Path file = checkpoint(model);
    boolean exists = Files.exists(file);
    if (resume) {
      console.line(
          exists
              ? "resuming from " + file
              : "there is no " + file + " to resume from: starting from the beginning");
    } else if (exists) {
      console.warn(file + " of a stopped training will be overwritten; --resume would continue it");
    }
    return file;
  }

  private TrainedModel train(Training training, Path checkpoint)
      throws IOException, CommandFailure {
    try {
      return resume ? training.resume(checkpoint) : training.train(checkpoint);
    } catch (IllegalArgumentException | NotFiniteException e) {
      // Too little to train on, or a loss, a gradient or a score that is no number.
      throw new CommandFailure(e);
    }
  }

  /** What is held out, dropped, trained and validated. */
  static void describe(PreparedData prepared, Console console) {
    Split split = prepared.split();
    Instant cut = split.cut();
    if (split.test().size() > 0) {
      boolean histories = split.targets() instanceof Split.Targets.From;
      console.line("held out for testing: "
          + (histories ? Figures.count(split.targets().count(split.test()), "click") + " in " : "")
          + (histories
              ? Figures.count(split.test().size(), "history", "histories")
              : Figures.count(split.test().size(), "session"))
          + (cut == null ? ", their last clicks" : " from " + cut + " on"));
    }
    if (split.clicksLeftOut() > 0) {
      console.line("left out: %s of %s that began before the cut"
          .formatted(
              Figures.count(split.clicksLeftOut(), "later click"),
              Figures.count(split.sessionsNotTested(), "session")));
    }
    for (Filters.Step step : prepared.steps()) {
      if (step.clicksDropped() > 0 || step.sessionsDropped() > 0) {
        console.line("dropped: " + Figures.dropped(step));
      }
    }
    TrainingData data = prepared.data();
    console.line("training on %s in %s on %s, validating on %s"
        .formatted(
            Figures.count(data.train().clicks(), "click"),
            Figures.count(data.train().size(), "session"),
            Figures.count(data.all().vocabulary().size(), "item"),
            data.validation().size() == 0
                ? "nothing"
                : Figures.count(data.validation().size(), "session")));
    if (!data.texts().isEmpty()) {
      int unclicked = data.unclicked().size();
      console.line("texts: of %s to train on, and of %s without clicks"
          .formatted(
              Figures.count(data.texts().size() - unclicked, "item"),
              unclicked == 0 ? "none" : Figures.count(unclicked, "item")));
    }
  }

  private void report(Path model, TrainedModel trained, double seconds) {
    PrintWriter stdout = spec.root().commandLine().getOut();
    stdout.printf("model %s%s, %s%n", model, outcome(trained), Figures.seconds(seconds));
    if (trained.model().manifest().provenance().growth() != null) {
      stdout.println(describe(trained.model()));
    }
    stdout.flush();
  }

  /** How much a model has grown; empty for one that was trained from scratch. */
  static String describe(Model model) {
    Manifest.Growth grown = model.manifest().provenance().growth();
    return grown == null
        ? ""
        : "grown by %s in %s and %s again, with %s among its %s"
            .formatted(
                Figures.count(grown.clicks(), "click"),
                Figures.count(grown.sessions(), "session"),
                Figures.count(grown.replayed(), "known one", "known ones"),
                Figures.count(grown.newItems(), "new item"),
                Figures.count(model.vocabulary().size()));
  }

  /** Tells how baselines do on the validation part, and what to do where one is better. */
  private void compare(Path model, TrainedModel trained) {
    TrainingData data = trained.prepared().data();
    Optional<Manifest.Epoch> chosen = trained.chosen().stream()
        .max(Comparator.comparingDouble(
            epoch -> epoch.validation().getOrDefault(Trainer.CRITERION.name(), 0.0)));
    if (chosen.isEmpty()) {
      return;
    }
    PrintWriter stdout = spec.root().commandLine().getOut();
    if (data.train().clicks() > MAX_COMPARED) {
      stdout.printf(
          "baselines: not compared, since there are more than %s; attune evaluate --baseline does it%n",
          Figures.count(MAX_COMPARED, "click"));
    } else {
      BaselineComparison baselines =
          BaselineComparison.of(data.train(), data.validation(), data.targets());
      new BaselineVerdict(baselines, ClickedGain.corrected(chosen.get().validation()))
          .lines(model)
          .forEach(stdout::println);
    }
    stdout.flush();
  }

  /** The epoch that was chosen of each encoder, and its validation figures. */
  static String outcome(TrainedModel trained) {
    Map<String, List<Manifest.Epoch>> encoders = trained.model().manifest().epochs().stream()
        .collect(
            Collectors.groupingBy(TrainCommand::encoder, LinkedHashMap::new, Collectors.toList()));
    return encoders.entrySet().stream()
        .map(one -> (one.getKey().isEmpty() ? "" : one.getKey() + " ")
            + outcome(
                one.getValue(),
                trained.chosen().stream()
                    .filter(epoch -> encoder(epoch).equals(one.getKey()))
                    .findFirst()))
        .collect(Collectors.joining("; ", ": ", ""));
  }

  private static String encoder(Manifest.Epoch epoch) {
    return Manifest.Epoch.encoder(epoch.phase());
  }

  private static String outcome(List<Manifest.Epoch> epochs, Optional<Manifest.Epoch> chosen) {
    long refitted =
        epochs.stream().filter(epoch -> epoch.phase().endsWith("refit")).count();
    return chosen
            .map(epoch -> String.format(
                Locale.ROOT,
                "epoch %d of %d was best, on validation%s",
                epoch.epoch(),
                epochs.size() - refitted,
                TrainingProgress.metrics(epoch.validation()).replaceFirst(",", "")))
            .orElse(Figures.count(epochs.size(), "epoch") + ", not validated")
        + (refitted > 0 ? ", then trained on all for " + Figures.count(refitted, "epoch") : "");
  }
}
