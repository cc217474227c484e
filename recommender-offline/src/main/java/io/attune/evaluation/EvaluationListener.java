package io.attune.evaluation;

import java.time.Instant;

/** Receives the progress of an evaluation. */
public interface EvaluationListener {
  /** A listener that ignores all events. */
  EvaluationListener SILENT = new EvaluationListener() {};

  /** Called with information such as the number of sessions that are not tested. */
  default void onNote(String note) {}

  /** Called with a problem that makes the results less reliable; it is in the report too. */
  default void onFinding(String finding) {}

  /**
   * Called before a recommender is retrained for a window of the test.
   *
   * @param window number of the window, from 1
   * @param windows number of windows
   * @param start the start of the window
   */
  default void onWindow(String recommender, int window, int windows, Instant start) {}

  /**
   * Called every now and then while a recommender makes its predictions.
   *
   * @param done number of predictions done
   * @param total number of predictions in all
   * @param seconds time since the first prediction
   */
  default void onProgress(String recommender, int done, int total, double seconds) {}

  /**
   * Called when a recommender has made all its predictions.
   *
   * @param predictions number of predictions
   * @param seconds the time they took
   */
  default void onRanked(String recommender, int predictions, double seconds) {}
}
