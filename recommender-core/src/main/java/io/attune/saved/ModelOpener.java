package io.attune.saved;

import io.attune.model.ComputeDevice;
import io.attune.model.ModelException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ServiceLoader;

/**
 * Opens models of one kind. A library that has one registers it as a service
 * ({@link ServiceLoader}), so that a program without the engine, or without the baselines, refers
 * to neither.
 */
public interface ModelOpener {

  /** What is opened. */
  enum Kind {
    /** A session encoder in the engine. */
    ENGINE("attune-djl"),
    /** A baseline. */
    BASELINE("attune-offline");

    private final String artifact;

    Kind(String artifact) {
      this.artifact = artifact;
    }
  }

  /** What this opens. */
  Kind kind();

  /**
   * Opens a model.
   *
   * @param name of the recommender, for tables
   * @param device where an encoder computes; a baseline ignores it
   * @throws ModelException when nothing is there, or it is truncated, foreign or of a newer format
   * @throws io.attune.model.NoGpuException when a GPU is asked for and there is none
   */
  SavedModel open(Path directory, String name, ComputeDevice device) throws IOException;

  /**
   * The opener of a kind.
   *
   * @param directory what is to be opened, for the message
   * @throws ModelException when there is none on the class path
   */
  static ModelOpener of(Kind kind, Path directory) throws ModelException {
    // Of this class's own loader: the thread's need not see a plugin's classes.
    return ServiceLoader.load(ModelOpener.class, ModelOpener.class.getClassLoader()).stream()
        .map(ServiceLoader.Provider::get)
        .filter(opener -> opener.kind() == kind)
        .findFirst()
        .orElseThrow(() -> new ModelException(
            directory,
            "needs io.attune:" + kind.artifact + " on the class path, which opens such models"));
  }
}
