package io.attune.evaluation;

import io.attune.saved.SavedModel;
import io.attune.session.Sessions;
import java.io.IOException;

/** Retrains a model on other sessions, with its own configuration and seed. */
@FunctionalInterface
public interface Retrainer {

  /**
   * Retrains a model.
   *
   * @param name the name of the model, for tables
   * @param model the model to retrain, which the caller still owns
   * @param sessions the sessions to train on, unfiltered
   * @return the new model, which the caller closes
   * @throws IllegalArgumentException if there are too few sessions
   */
  SavedModel retrain(String name, SavedModel.Engine model, Sessions sessions) throws IOException;
}
