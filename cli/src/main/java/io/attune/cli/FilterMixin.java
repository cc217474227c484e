package io.attune.cli;

import io.attune.session.Filters;
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
      defaultValue = "5",
      description = "Leave out items of fewer than N clicks (default: ${DEFAULT-VALUE}).")
  @Bounds(min = 1)
  private int minItemSupport;

  Filters filters() {
    try {
      return new Filters(minSessionLength, minItemSupport);
    } catch (IllegalArgumentException e) {
      throw WrongUsage.of(command, e);
    }
  }
}
