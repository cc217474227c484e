package io.attune.cli;

import io.attune.encoder.Torch;
import io.attune.model.ComputeDevice;
import io.attune.model.NoGpuException;
import io.attune.saved.SavedModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import picocli.CommandLine.Option;

/** Options for the device that computes. */
final class DeviceMixin {
  @Option(
      names = "--device",
      paramLabel = "auto|cpu|gpu",
      defaultValue = "auto",
      description =
          "The device to compute on; auto uses a GPU if there is one (default: ${DEFAULT-VALUE}).")
  private ComputeDevice target = ComputeDevice.AUTO;

  /**
   * The device.
   *
   * @throws CommandFailure if there is no GPU
   */
  ComputeDevice device() throws CommandFailure {
    try {
      return Torch.resolve(target);
    } catch (NoGpuException e) {
      throw new CommandFailure(e);
    }
  }

  /**
   * Opens a model of any kind on the device.
   *
   * @param name the name of its recommender
   * @param texts as for {@link SavedModel#open(Path, String, ComputeDevice, Map)}
   * @throws CommandFailure if there is no GPU
   */
  SavedModel open(Path directory, String name, Map<String, String> texts)
      throws IOException, CommandFailure {
    try {
      return SavedModel.open(directory, name, target, texts);
    } catch (NoGpuException e) {
      throw new CommandFailure(e);
    }
  }
}
