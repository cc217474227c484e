package io.attune.saved;

import io.attune.model.ComputeDevice;
import io.attune.model.ModelException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.ServiceLoader;

/**
 * Opens models of one kind.
 *
 * <p>Internal: a library registers its opener as a service ({@link ServiceLoader}), so that a
 * program without the engine, or without the baselines, does not depend on them. Applications call
 * {@link SavedModel#open}.
 */
public interface ModelOpener {

  /** The kinds of models that need a library to open them. */
  enum Kind {
    /** A session encoder that runs in the engine. */
    ENGINE("attune-djl"),
    /** A baseline. */
    BASELINE("attune-offline");

    private final String artifact;

    Kind(String artifact) {
      this.artifact = artifact;
    }
  }

  /** The kind of models that this opener opens. */
  Kind kind();

  /**
   * Opens a model.
   *
   * @param name the recommender's name, for tables
   * @param device where an encoder runs; ignored by baselines
   * @param texts as for {@link SavedModel#open(Path, String, ComputeDevice, Map)}; ignored by
   *     baselines
   * @throws ModelException if there is no model, or it is truncated, not Attune's, or of a newer
   *     format
   * @throws io.attune.model.NoGpuException if a GPU is requested and there is none
   */
  SavedModel open(Path directory, String name, ComputeDevice device, Map<String, String> texts)
      throws IOException;

  /**
   * Finds the opener for a kind of models.
   *
   * @param directory the model to open, for the message
   * @throws ModelException if no such opener is on the class path
   */
  static ModelOpener of(Kind kind, Path directory) throws ModelException {
    // This class's loader, since the thread's may not see the classes of a plugin.
    return ServiceLoader.load(ModelOpener.class, ModelOpener.class.getClassLoader()).stream()
        .map(ServiceLoader.Provider::get)
        .filter(opener -> opener.kind() == kind)
        .findFirst()
        .orElseThrow(() -> new ModelException(
            directory,
            "cannot be opened without io.attune:" + kind.artifact + " on the class path"));
  }
}
