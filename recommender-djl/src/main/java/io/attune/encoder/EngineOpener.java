package io.attune.encoder;

import io.attune.model.ComputeDevice;
import io.attune.model.Model;
import io.attune.model.ModelException;
import io.attune.saved.ModelOpener;
import io.attune.saved.SavedModel;
import java.io.IOException;
import java.nio.file.Path;

/** Opens session encoders in the engine; a service. */
public final class EngineOpener implements ModelOpener {
  @Override
  public Kind kind() {
    return Kind.ENGINE;
  }

  @Override
  public SavedModel open(Path directory, String name, ComputeDevice device) throws IOException {
    Model model = Model.load(directory);
    try {
      return new SavedModel.Engine(model, NeuralRecommender.load(model, name, device));
    } catch (IllegalArgumentException e) {
      throw new ModelException(directory, String.valueOf(e.getMessage()), e);
    }
  }
}
