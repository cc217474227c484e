package io.attune.tuning;

import io.attune.training.TrainingListener;
import java.io.IOException;

/** Is told how a search goes. Called on the thread that trains. */
public interface TuningListener {
  /** One that does nothing. */
  TuningListener SILENT = new TuningListener() {};

  /** What an earlier run of the same search has found; called first, where there is any. */
  default void onResume(int results) {}

  /**
   * A step is done.
   *
   * @param trial that is being trained
   * @param progress within its epoch
   * @param secondsLeft of the budget, or about how long the trials left will take; NaN as long as
   *     that cannot be known
   */
  default void onStep(Trial trial, TrainingListener.Progress progress, double secondsLeft) {}

  /** A trial has come to a rung. */
  default void onResult(Trial trial) {}

  /** A trial is better than all before it, or was when an earlier run of this search ended. */
  default void onBest(Trial trial) throws IOException {}
}
