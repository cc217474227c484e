package io.attune.cli;

import io.attune.encoder.Torch;
import io.attune.model.ComputeDevice;
import io.attune.model.NoGpuException;
import io.attune.saved.SavedModel;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Where tensors are computed: the one place where a missing GPU becomes a failure. */
final class DeviceMixin {
  @Option(
      names = "--device",
      paramLabel = "auto|cpu|gpu",
      defaultValue = "auto",
      description =
          "Where to compute; auto takes a GPU if there is one" + " (default: ${DEFAULT-VALUE}).")
  private ComputeDevice target = ComputeDevice.AUTO;

  /** The device. */
  ComputeDevice device() throws CommandFailure {
    try {
      return Torch.resolve(target);
    } catch (NoGpuException e) {
      throw new CommandFailure(e);
    }
  }

  /**
   * A model of any kind, ready to compute there.
   *
   * @param name of its recommender
   */
  SavedModel open(Path directory, String name) throws IOException, CommandFailure {
    try {
      return SavedModel.open(directory, name, target);
    } catch (NoGpuException e) {
      throw new CommandFailure(e); // no GPU
    }
  }
}
