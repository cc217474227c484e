package io.attune.cli;

import io.attune.saved.SavedModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Models by their names in the table, open until this is closed. */
record OpenModels(Map<String, SavedModel> byName) implements AutoCloseable {

  /**
   * Opens models, or none of them.
   *
   * @param names one a path
   */
  static OpenModels open(List<Path> paths, List<String> names, DeviceMixin device)
      throws IOException, CommandFailure {
    OpenModels opened = new OpenModels(new LinkedHashMap<>());
    try {
      for (int i = 0; i < paths.size(); i++) {
        opened.byName.put(names.get(i), device.open(paths.get(i), names.get(i)));
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
