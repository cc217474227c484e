package io.attune.evaluation;

import java.time.Instant;

/** Is told how an evaluation proceeds. */
public interface EvaluationListener {
  /** Says nothing. */
  EvaluationListener SILENT = new EvaluationListener() {};

  /** Something worth a line, such as what is not tested. */
  default void onNote(String note) {}

  /** Something that makes the figures doubtful; the report has it, too. */
  default void onFinding(String finding) {}

  /**
   * A recommender is about to be trained for a window of the test.
   *
   * @param window from 1
   * @param start of the window
   */
  default void onWindow(String recommender, int window, int windows, Instant start) {}

  /**
   * A recommender has made some of its predictions.
   *
   * @param done how many
   * @param total of how many
   * @param seconds since the first
   */
  default void onProgress(String recommender, int done, int total, double seconds) {}

  /**
   * A recommender has made all its predictions.
   *
   * @param predictions how many
   * @param seconds that they took
   */
  default void onRanked(String recommender, int predictions, double seconds) {}
}
