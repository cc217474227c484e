package io.attune.cli;

import io.attune.model.Manifest;
import io.attune.session.Filters;
import io.attune.training.Training;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The filters of a command. */
final class FilterMixin {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Option(
      names = "--min-session-length",
      paramLabel = "N",
      defaultValue = "2",
      description = "Leave out sessions of fewer than N clicks (default: ${DEFAULT-VALUE}).")
  @Bounds(min = 1)
  private int minSessionLength;

  @Option(
      names = "--min-item-support",
      paramLabel = "N",
      description = "Leave out items of fewer than N clicks (default: 5; train and tune take 2 with"
          + " the preset fast-catalogue).")
  @Bounds(min = 1)
  private @Nullable Integer minItemSupport;

  Filters filters() {
    return filters(Filters.standard());
  }

  /**
   * The filters over those that a model was trained with; nothing where none is given.
   *
   * @param made the model's manifest
   */
  Optional<Filters> over(Manifest made) {
    boolean length =
        command.commandLine().getParseResult().hasMatchedOption("--min-session-length");
    if (!length && minItemSupport == null) {
      return Optional.empty();
    }
    Filters usual = Training.filters(made);
    return Optional.of(new Filters(
        length ? minSessionLength : usual.minSessionLength(),
        Objects.requireNonNullElse(minItemSupport, usual.minItemSupport())));
  }

  /**
   * The filters where a preset has its own.
   *
   * @param usual whose item support is taken where none is given
   */
  Filters filters(Filters usual) {
    try {
      return new Filters(
          minSessionLength, Objects.requireNonNullElse(minItemSupport, usual.minItemSupport()));
    } catch (IllegalArgumentException e) {
      throw WrongUsage.of(command, e);
    }
  }
}
