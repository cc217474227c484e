package io.attune.training;

import io.attune.model.Manifest;
import io.attune.model.Model;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * The result of a {@link Training}.
 *
 * @param model ready to be saved or served
 * @param prepared what it was trained on, and what was held out
 * @param chosen the best epoch on the validation part, one for each encoder; none where nothing was
 *     validated
 */
public record TrainedModel(Model model, PreparedData prepared, List<Manifest.Epoch> chosen) {
  public TrainedModel {
    chosen = List.copyOf(chosen);
  }

  /**
   * Saves the model, replacing any model at this place.
   *
   * @throws IOException as {@link Model#save}
   */
  public void save(Path directory) throws IOException {
    model.save(directory);
  }
}
