package io.attune.encoder;

import io.attune.model.ComputeDevice;
import io.attune.model.Model;
import io.attune.model.ModelException;
import io.attune.saved.ModelOpener;
import io.attune.saved.SavedModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/** Opens session encoders in the engine; a service. */
public final class EngineOpener implements ModelOpener {
  @Override
  public Kind kind() {
    return Kind.ENGINE;
  }

  @Override
  public SavedModel open(
      Path directory, String name, ComputeDevice device, Map<String, String> texts)
      throws IOException {
    Model saved = Model.load(directory);
    try {
      Model model = saved.withItems(texts);
      return new SavedModel.Engine(model, NeuralRecommender.load(model, name, device));
    } catch (IllegalArgumentException e) {
      throw new ModelException(directory, String.valueOf(e.getMessage()), e);
    }
  }
}
