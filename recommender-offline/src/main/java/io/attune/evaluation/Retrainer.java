package io.attune.evaluation;

import io.attune.saved.SavedModel;
import io.attune.session.Sessions;
import java.io.IOException;

/** Trains a model again, by its own configuration and seed, on other sessions. */
@FunctionalInterface
public interface Retrainer {

  /**
   * Trains.
   *
   * @param name of the model, for tables
   * @param model what is trained again; it stays the caller's
   * @param sessions all clicks to train on
   * @return the new model, which the caller closes
   * @throws IllegalArgumentException when the sessions do not suffice
   */
  SavedModel retrain(String name, SavedModel.Engine model, Sessions sessions) throws IOException;
}
