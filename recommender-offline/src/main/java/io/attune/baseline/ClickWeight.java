package io.attune.baseline;

/** How much a click of the current session counts. */
@FunctionalInterface
interface ClickWeight {
  /**
   * The weight.
   *
   * @param steps how many clicks were made after it
   * @param length how many clicks the session has
   * @return 0 or more; 0 for all older clicks where it is 0 for one
   */
  double of(int steps, int length);
}
