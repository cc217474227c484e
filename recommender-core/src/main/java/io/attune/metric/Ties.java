package io.attune.metric;

/** The rule that ranks a target among items with the same score. */
public enum Ties {
  /** Last among them, so a recommender gains nothing by giving items equal scores. */
  CONSERVATIVE,
  /** In the middle of them; of two middle positions the worse one. */
  MEDIAN,
  /** First among them. */
  OPTIMISTIC;

  /**
   * The rank under this rule.
   *
   * @param above number of items with a higher score
   * @param tied number of other items with the same score
   * @return from 1
   */
  public int rank(int above, int tied) {
    return above
        + 1
        + switch (this) {
          case CONSERVATIVE -> tied;
          case MEDIAN -> (tied + 1) / 2;
          case OPTIMISTIC -> 0;
        };
  }
}
