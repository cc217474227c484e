package io.attune.training;

import io.attune.model.ComputeDevice;
import io.attune.model.Manifest;

/** Is notified of the progress of a training, on the training thread. */
public interface TrainingListener {
  /** One that does nothing. */
  TrainingListener SILENT = new TrainingListener() {};

  /**
   * The sessions of a {@link Training} are ready, and it is about to train on them. A
   * {@link Trainer} alone, which is handed its data, does not call it.
   */
  default void onPrepared(PreparedData prepared) {}

  /**
   * How long a {@link Training} is expected to take: told before it begins, where that is more than
   * about a minute.
   */
  default void onEstimate(TrainingEstimate estimate) {}

  /** A phase of training has begun. */
  default void onStart(Start start) {}

  /** A step is done; called after each. */
  default void onStep(Progress progress) {}

  /**
   * An epoch has ended.
   *
   * @param best whether it is the best so far
   */
  default void onEpoch(Manifest.Epoch epoch, boolean best) {}

  /** The correction of clicked items has been learned, or it gained nothing and was left out. */
  default void onClicked(ClickedGain gain) {}

  /** How well items without clicks are found by their words has been measured. */
  default void onUnclicked(UnclickedGain gain) {}

  /** One that tells this one of the training of one of several encoders. */
  default TrainingListener of(String encoder) {
    TrainingListener whole = this;
    return new TrainingListener() {
      @Override
      public void onStart(Start start) {
        whole.onStart(start);
      }

      @Override
      public void onStep(Progress progress) {
        whole.onStep(progress.of(encoder));
      }

      @Override
      public void onEpoch(Manifest.Epoch epoch, boolean best) {
        whole.onEpoch(epoch.of(encoder), best);
      }

      @Override
      public void onClicked(ClickedGain gain) {
        whole.onClicked(gain.of(encoder));
      }

      @Override
      public void onUnclicked(UnclickedGain gain) {
        whole.onUnclicked(gain.of(encoder));
      }
    };
  }

  /**
   * What is about to be trained.
   *
   * @param training how
   * @param refits whether the chosen epochs are trained again on all sessions: now, or later
   * @param precision what the products over all items are computed in
   * @param loss of the last epoch
   * @param items V
   * @param targets targets of an epoch
   * @param device where
   */
  record Start(
      TrainingConfig training,
      boolean refits,
      Precision precision,
      LossKind loss,
      int items,
      int targets,
      ComputeDevice device) {}

  /**
   * The progress of a training.
   *
   * @param phase as in {@link Manifest.Epoch}
   * @param epoch from 1
   * @param epochs the maximum in this phase
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
      double targetsPerSecond) {

    /** Which of several encoders is trained; empty where there is one. */
    public String encoder() {
      return Manifest.Epoch.encoder(phase);
    }

    private Progress of(String encoder) {
      return new Progress(
          encoder + " " + phase, epoch, epochs, done, targets, loss, targetsPerSecond);
    }
  }
}
