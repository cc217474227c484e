package io.attune.online;

/**
 * A test of whether the differences of sessions have one sign, which stays valid however often it
 * is looked at: if there is no difference, the chance that its p-value is ever below 0.05, at any
 * of any number of looks, is at most 0.05.
 *
 * <p>Under the null hypothesis a session's difference d is as likely as −d. Then exp(λ Σd − λ² Σd²
 * / 2) is a supermartingale for every λ, and so is its mean over a normal distribution of λ, whose
 * inverse is the p-value.
 *
 * <p>Source: de la Peña, A general class of exponential inequalities for martingales and ratios,
 * Annals of Probability 1999; mixture by Robbins 1970; as a p-value: Johari, Pekelis and Walsh,
 * Always valid inference, 2015.
 */
final class AnytimeTest {
  /** The sum of squares at which the test is most powerful. */
  private static final double BEST_AT = 1000;

  /** The variance of λ that makes it so, at a level of 0.05. */
  private static final double VARIANCE =
      (-2 * Math.log(0.05) + Math.log(-2 * Math.log(0.05)) + 1) / BEST_AT;

  private AnytimeTest() {}

  /**
   * The p-value.
   *
   * @param sum of the differences of all sessions
   * @param squares sum of their squares
   */
  static double pValue(double sum, double squares) {
    double growth = 1 + VARIANCE * squares;
    return Math.min(1, Math.sqrt(growth) * Math.exp(-VARIANCE * sum * sum / (2 * growth)));
  }
}
