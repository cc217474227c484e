package io.attune.baseline;

import io.attune.model.ComputeDevice;
import io.attune.saved.ModelOpener;
import io.attune.saved.SavedModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/**
 * Opens saved baselines.
 *
 * <p>Internal: the service through which {@link SavedModel#open} finds this package.
 */
public final class BaselineOpener implements ModelOpener {
  @Override
  public Kind kind() {
    return Kind.BASELINE;
  }

  @Override
  public SavedModel open(
      Path directory, String name, ComputeDevice device, Map<String, String> texts)
      throws IOException {
    return BaselineModel.load(directory).open();
  }
}
