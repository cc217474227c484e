package io.attune.tuning;

import io.attune.training.Trainer;
import io.attune.training.TrainingListener;
import java.io.IOException;
import java.nio.file.Path;

/** Trains a candidate up to an epoch, or resumes it, as {@link Trainer#select} does. */
@FunctionalInterface
public interface CandidateTraining {
  /**
   * Trains.
   *
   * @param checkpoint keeps the state between two calls
   * @param until the epoch to pause after, from 1
   * @param listener is notified of each step; an exception from it ends the training
   * @throws ArithmeticException when a loss, a gradient or a score is NaN or infinite
   */
  Trainer.Selection train(
      Candidate candidate, Path checkpoint, int until, TrainingListener listener)
      throws IOException;
}
