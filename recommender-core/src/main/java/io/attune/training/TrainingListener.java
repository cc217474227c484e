package io.attune.training;

import io.attune.model.Manifest;

/** Is told how a training goes. Called on the training thread. */
public interface TrainingListener {
  /** One that does nothing. */
  TrainingListener SILENT = new TrainingListener() {};

  /**
   * Training has begun.
   *
   * @param precision what the products over all items are computed in
   * @param trainTargets targets of an epoch
   * @param device where
   */
  default void onStart(Precision precision, int trainTargets, String device) {}

  /** A step is done; called after each. */
  default void onStep(Progress progress) {}

  /**
   * An epoch is done.
   *
   * @param best whether it is the best so far
   */
  default void onEpoch(Manifest.Epoch epoch, boolean best) {}

  /**
   * Where a training stands.
   *
   * @param phase {@code select} or {@code refit}
   * @param epoch from 1
   * @param epochs the most there will be in this phase
   * @param done targets of this epoch so far
   * @param targets targets of this epoch in all
   * @param loss mean loss of this epoch's targets so far
   * @param targetsPerSecond in this epoch, by this process
   */
  record Progress(
      String phase,
      int epoch,
      int epochs,
      long done,
      long targets,
      double loss,
      double targetsPerSecond) {}
}
