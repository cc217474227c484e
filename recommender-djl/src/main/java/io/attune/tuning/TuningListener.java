package io.attune.tuning;

import io.attune.training.TrainingListener;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Is notified of the progress of a search, on the training thread. */
public interface TuningListener {
  /** One that does nothing. */
  TuningListener SILENT = new TuningListener() {};

  /**
   * The search resumes from the results of an earlier run; called first, if there are any.
   *
   * @param trials started by then
   * @param best of them, null where all have failed
   */
  default void onResume(List<Trial> trials, @Nullable Trial best) {}

  /**
   * A step has ended.
   *
   * @param trial that is being trained
   * @param progress within its epoch
   * @param secondsLeft of the budget, or about how long the trials left will take; NaN while that
   *     is unknown
   */
  default void onStep(Trial trial, TrainingListener.Progress progress, double secondsLeft) {}

  /**
   * A trial has reached a rung, and the journal has its result.
   *
   * @param best whether it is the best so far
   */
  default void onResult(Trial trial, boolean best) {}
}
