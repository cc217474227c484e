package io.attune.cli;

import io.attune.evaluation.ItemCounts;
import io.attune.recommender.Popularity;
import io.attune.recommender.Recommender;
import io.attune.saved.SavedModel;
import io.attune.session.Vocabulary;
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

  /** The items of each, by its name; the caller's to add to. */
  Map<String, Vocabulary> vocabularies() {
    Map<String, Vocabulary> vocabularies = new LinkedHashMap<>();
    byName.forEach((name, model) -> vocabularies.put(name, model.vocabulary()));
    return vocabularies;
  }

  /** How often items were clicked when the first was trained. */
  ItemCounts counts() {
    return new ItemCounts(first().vocabulary(), first().counts());
  }

  /** What recommends by these counts: the one baseline that a model keeps enough for. */
  Recommender popularity() {
    return new Popularity(first().vocabulary(), first().counts());
  }

  private SavedModel first() {
    return byName.values().iterator().next();
  }

  @Override
  public void close() {
    byName.values().forEach(SavedModel::close);
  }
}
