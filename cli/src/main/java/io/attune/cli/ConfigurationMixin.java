package io.attune.cli;

import io.attune.evaluation.Figures;
import io.attune.model.EncoderConfig;
import io.attune.model.Manifest;
import io.attune.model.VisitGap;
import io.attune.session.Filters;
import io.attune.session.Holdout;
import io.attune.session.SessionStatistics;
import io.attune.session.Sessions;
import io.attune.session.Visits;
import io.attune.training.DriftEstimate;
import io.attune.training.Preset;
import io.attune.training.Training;
import io.attune.training.TrainingConfig;
import io.attune.training.TrainingCost;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Options for the configuration of the encoder and its training. */
final class ConfigurationMixin {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Option(
      names = "--preset",
      paramLabel = "short-sessions|long-histories|fast-catalogue",
      description =
          "A configuration for a kind of log (default: the one that fits the log, as shown"
              + " by attune inspect).")
  private @Nullable String preset;

  @Option(
      names = "--encoder",
      paramLabel = "narm|transformer|gru|convolution|hierarchical|stamp|memory-network|ensemble",
      description = "The kind of encoder (default: that of --config, or of the preset).")
  private @Nullable String encoder;

  @Option(
      names = "--config",
      paramLabel = "FILE.yml",
      description = "A configuration file that overrides the preset.")
  @FileUse(FileUse.Kind.READ_FILE)
  private @Nullable Path file;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "A value that overrides --config, such as training.epochs=3 or epochs=3.")
  private Map<String, String> settings = new LinkedHashMap<>();

  /**
   * The preset that is named, or else fits the log.
   *
   * @throws CommandFailure if the log has nothing to train on
   */
  Preset preset(Sessions sessions, Holdout holdout, Console console) throws CommandFailure {
    if (preset != null) {
      return named(preset);
    }
    SessionStatistics statistics;
    try {
      statistics = Preset.statistics(sessions, holdout);
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(e);
    }
    Preset fitting = Preset.of(statistics);
    console.line("preset %s, for %s: %s"
        .formatted(fitting.label(), fitting.summary(), Preset.reason(statistics)));
    return fitting;
  }

  private Preset named(String label) {
    try {
      return Preset.named(label);
    } catch (IllegalArgumentException e) {
      throw WrongUsage.of(command, e);
    }
  }

  /**
   * The configuration for a log.
   *
   * @param fitting the preset it is based on
   * @throws ParameterException if the configuration needs times and the log has none
   */
  Configuration fitting(Preset fitting, Sessions sessions) throws IOException {
    Configuration configuration = read(fitting);
    String kind = configuration.encoder().kind();
    if (encoder != null && !encoder.equals(kind)) {
      // One of these, memory, sounds like an encoder of today that is another.
      Console.of(command)
          .warn("--encoder " + encoder + " is an earlier name of " + kind + ", which is trained");
    }
    if (!sessions.hasTimes() && configuration.encoder().looksAtTimes()) {
      throw WrongUsage.of(command, "encoder.timeBias must be none, since the clicks have no times");
    }
    if (!sessions.hasTimes()
        && configuration.training().driftEstimate() == DriftEstimate.FORECAST) {
      throw WrongUsage.of(
          command, "training.driftEstimate must be recent, since the clicks have no times");
    }
    return configuration;
  }

  /**
   * Tells how many visits an encoder that tells them apart will see, and what would give it more.
   */
  static void describeVisits(EncoderConfig encoder, Sessions sessions, Console console) {
    VisitGap gap = encoder.visitGap();
    if (gap == null) {
      return;
    }
    int visits = Visits.count(sessions, gap.duration());
    if (visits > sessions.size()) {
      console.line("visits, by pauses of more than %s: %s in %s"
          .formatted(
              gap, Figures.count(visits, "visit"), Figures.count(sessions.size(), "session")));
      return;
    }
    String why = sessions.hasTimes()
        ? "no session has a pause of more than " + gap + ": use --sessions-by user"
        : "the clicks have no times: use a log with a time column and --sessions-by user";
    console.warn("the encoder sees each session as one visit, since " + why);
  }

  /**
   * The same where its training fits into an evening; else one whose defaults are shortened, as
   * {@link TrainingCost#shortened} does it. What was set by a file or a key stays.
   *
   * @param rules that the sessions will pass
   */
  Configuration shortened(Configuration usual, Sessions sessions, Filters rules, Console console)
      throws IOException {
    if (cost(usual, sessions).fits(usual.training())) {
      return usual;
    }
    TrainingCost cost = cost(usual, rules.train(sessions).sessions());
    TrainingConfig shorter = cost.shortened(usual.training());
    Configuration given = new Configuration(usual.encoder(), shorter).with(file, settings);
    Map<String, String> changed = given.differences(usual);
    if (!changed.isEmpty()) {
      String keys = changed.entrySet().stream()
          .map(key -> key.getKey() + "=" + key.getValue())
          .collect(Collectors.joining(", "));
      String undo = usual.differences(given).entrySet().stream()
          .map(key -> "--set " + key.getKey() + "=" + key.getValue())
          .collect(Collectors.joining(" "));
      console.line(
          "shortened to %s: %s at most on two cores, where the defaults would take %s; undo with %s"
              .formatted(keys, time(cost, given), time(cost, usual), undo));
    }
    return given;
  }

  private static TrainingCost cost(Configuration usual, Sessions sessions) {
    return TrainingCost.of(SessionStatistics.of(sessions, 0), usual.encoder());
  }

  private static String time(TrainingCost cost, Configuration configuration) {
    return Figures.roughly(cost.of(configuration.training()));
  }

  /**
   * How training goes on from a model: with its encoder, and its training as it is right for few
   * sessions, unless a file or a key says otherwise.
   *
   * @param made the model's manifest
   * @throws ParameterException if an option contradicts the model
   */
  Configuration growing(Manifest made) throws IOException {
    if (preset != null) {
      throw WrongUsage.of(
          command, "--preset cannot be combined with --from: the model has its configuration");
    }
    EncoderConfig model = made.encoder().bare();
    if (encoder != null && !Configuration.today(encoder).equals(model.kind())) {
      throw WrongUsage.of(
          command,
          "--encoder " + encoder + " contradicts --from, whose encoder is " + model.kind()
              + "; leave it out, or train from scratch without --from");
    }
    try {
      Configuration usual = new Configuration(model, Training.config(made).growing());
      Configuration given = usual.with(file, settings);
      if (!given.encoder().equals(model)) {
        String changed = String.join(
            ", ",
            new Configuration(given.encoder(), usual.training())
                .differences(usual)
                .keySet());
        throw WrongUsage.of(
            command,
            "encoder." + changed + " contradicts --from, whose encoder stays as it is; leave it"
                + " out, or train from scratch without --from");
      }
      return given;
    } catch (IllegalArgumentException e) {
      throw WrongUsage.of(command, e);
    }
  }

  /** The names of the keys given with --set, such as {@code dimension}. */
  Set<String> setKeys(Configuration configuration) {
    return configuration.parts(settings.keySet());
  }

  /**
   * The configuration.
   *
   * @param defaultPreset the preset unless one is named
   * @throws ParameterException if a key or a value is invalid
   */
  Configuration read(Preset defaultPreset) throws IOException {
    try {
      Preset chosen = preset == null ? defaultPreset : Preset.named(preset);
      return Configuration.of(chosen, encoder, file, settings);
    } catch (IllegalArgumentException e) {
      throw WrongUsage.of(command, e);
    }
  }
}
