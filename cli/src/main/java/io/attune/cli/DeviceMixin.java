package io.attune.cli;

import ai.djl.Device;
import io.attune.encoder.Torch;
import picocli.CommandLine.Option;

/** Where tensors are computed. */
final class DeviceMixin {
  @Option(
      names = "--device",
      paramLabel = "auto|cpu|gpu",
      defaultValue = "auto",
      description =
          "Where to compute; auto takes a GPU if there is one" + " (default: ${DEFAULT-VALUE}).")
  private Torch.Target target = Torch.Target.AUTO;

  /** What was asked for. */
  Torch.Target target() {
    return target;
  }

  /** The device; a GPU that is asked for and is not there is a failure. */
  Device device() throws CommandFailure {
    try {
      return Torch.device(target);
    } catch (IllegalStateException e) {
      throw new CommandFailure(e);
    }
  }
}
