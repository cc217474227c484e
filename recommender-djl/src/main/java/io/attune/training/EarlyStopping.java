package io.attune.training;

/**
 * Early stopping: which epoch is the best so far, and whether to stop.
 *
 * @param first the first epoch that is judged, from 1
 * @param patience judged epochs without a better one before training stops, at least 1
 */
record EarlyStopping(int first, int patience) {

  /**
   * Whether an epoch is the best so far.
   *
   * @param epoch that has ended, from 1
   * @param value its validation metric; higher is better
   * @param bestEpoch the best before it, 0 where there is none
   * @param best the value of that one
   */
  boolean isBest(int epoch, double value, int bestEpoch, double best) {
    return epoch >= first && (bestEpoch < first || value > best);
  }

  /**
   * Whether to stop.
   *
   * @param done epochs that have ended
   * @param bestEpoch the best of them, 0 where none has been judged
   */
  boolean stops(int done, int bestEpoch) {
    return bestEpoch >= first && done - bestEpoch >= patience;
  }
}
