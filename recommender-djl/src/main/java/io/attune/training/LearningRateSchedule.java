package io.attune.training;

/**
 * The learning rate over the steps of a training: a linear rise to the peak, then half a cosine
 * down to a hundredth of it (Loshchilov and Hutter 2017, equation 5, without restarts).
 *
 * @param peak the highest rate
 * @param warmup steps of the rise
 * @param total steps in all; later ones keep the last rate
 */
record LearningRateSchedule(double peak, long warmup, long total) {
  private static final double FLOOR = 0.01;

  /**
   * The rate of a step.
   *
   * @param step from 0
   */
  double rate(long step) {
    if (step < warmup) {
      return peak * (step + 1) / warmup;
    }
    double done = Math.min(1, (step - warmup) / (double) Math.max(1, total - warmup));
    return peak * (FLOOR + (1 - FLOOR) * (1 + Math.cos(Math.PI * done)) / 2);
  }
}
