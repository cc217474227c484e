package io.attune.baseline;

/** The weight of a click of the current session, by its distance from the newest one. */
@FunctionalInterface
interface ClickWeight {
  /**
   * Returns the weight of a click.
   *
   * @param clicksAfter number of clicks after it
   * @param length number of clicks of the session
   * @return at least 0; if 0 for one click, then 0 for all older ones
   */
  double weight(int clicksAfter, int length);
}
