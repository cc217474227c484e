package io.attune.cli;

import io.attune.saved.SavedModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Open models by name; closing this closes all of them. */
record LoadedModels(Map<String, SavedModel> byName) implements AutoCloseable {

  /**
   * Opens models; if one fails, the others are closed.
   *
   * @param names a name for each path
   * @param texts what is written about items, by id, also about those that came after training
   */
  static LoadedModels open(
      List<Path> paths, List<String> names, DeviceMixin device, Map<String, String> texts)
      throws IOException, CommandFailure {
    LoadedModels opened = new LoadedModels(new LinkedHashMap<>());
    try {
      for (int i = 0; i < paths.size(); i++) {
        opened.byName.put(names.get(i), device.open(paths.get(i), names.get(i), texts));
      }
      return opened;
    } catch (IOException | CommandFailure | RuntimeException e) {
      opened.close();
      throw e;
    }
  }

  @Override
  public void close() {
    byName.values().forEach(SavedModel::close);
  }
}
