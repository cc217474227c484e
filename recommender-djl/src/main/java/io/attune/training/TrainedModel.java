package io.attune.training;

import io.attune.model.Manifest;
import io.attune.model.Model;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * What a {@link Training} has made.
 *
 * @param model ready to be saved, or to recommend
 * @param prepared what it was trained on, and what was held out
 * @param chosen the best epoch on the validation part, one for each encoder; none where nothing was
 *     validated
 */
public record TrainedModel(Model model, PreparedData prepared, List<Manifest.Epoch> chosen) {
  public TrainedModel {
    chosen = List.copyOf(chosen);
  }

  /**
   * Writes the model, in the place of one of any kind that may be there.
   *
   * @throws IOException as {@link Model#save}
   */
  public void save(Path directory) throws IOException {
    model.save(directory);
  }
}
