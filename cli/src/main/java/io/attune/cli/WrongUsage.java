package io.attune.cli;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** Wrong usage of a command, which its message explains in one line. */
final class WrongUsage {
  private WrongUsage() {}

  static ParameterException of(CommandSpec command, String message) {
    return new ParameterException(command.commandLine(), message);
  }

  /** Wrong usage that a library refused. */
  static ParameterException of(CommandSpec command, IllegalArgumentException cause) {
    return new ParameterException(command.commandLine(), cause.getMessage(), cause);
  }
}
