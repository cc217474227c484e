package io.attune.cli;

import io.attune.model.Model;
import io.attune.session.Holdout;
import io.attune.session.Sessions;
import io.attune.training.Training;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options for a training that goes on from a model. */
final class GrowthMixin {
  @Option(
      names = "--replay",
      paramLabel = "R",
      description = "How many sessions that the model knows are trained again beside the new ones,"
          + " so that it does not forget: a multiple of the number of new sessions, as far as LOG"
          + " has them (default: " + Training.REPLAY + ").")
  @Bounds(min = 0, max = 1000)
  private @Nullable Double replay;

  @Option(
      names = "--drop-unclicked",
      description = "Drop the items of the model that LOG does not contain. The rows of other items"
          + " change then.")
  private boolean dropUnclicked;

  /** Whether any of these options is given. */
  boolean isGiven() {
    return replay != null || dropUnclicked;
  }

  /**
   * A training that goes on from a model.
   *
   * @param sessions of the log
   * @param config that of the training
   * @param without what is not trained on
   * @param filters over those of the model
   */
  Training training(
      Model model,
      Sessions sessions,
      Configuration config,
      Holdout without,
      FilterMixin filters,
      Console console) {
    Training training = Training.from(model, sessions, console.nanoTime())
        .training(config.training())
        .holdout(without)
        .dropUnclicked(dropUnclicked)
        .version(Attune.Version.number());
    filters.over(model.manifest()).ifPresent(training::filters);
    return replay == null ? training : training.replay(replay);
  }
}
