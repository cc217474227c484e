package io.attune.tuning;

import io.attune.training.TrainingListener;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Is notified of the progress of a search, on the training thread. */
public interface TuningListener {
  /** One that does nothing. */
  TuningListener SILENT = new TuningListener() {};

  /**
   * Goes on with what an earlier run of the same search has found; called first, where there is
   * any.
   *
   * @param trials begun by then
   * @param best of them, null where all have failed
   */
  default void onResume(List<Trial> trials, @Nullable Trial best) {}

  /**
   * A step is done.
   *
   * @param trial that is being trained
   * @param progress within its epoch
   * @param secondsLeft of the budget, or about how long the trials left will take; NaN as long as
   *     that cannot be known
   */
  default void onStep(Trial trial, TrainingListener.Progress progress, double secondsLeft) {}

  /**
   * A trial has come to a rung, and the journal keeps it.
   *
   * @param best whether it is the best so far
   */
  default void onResult(Trial trial, boolean best) {}
}
