package io.attune.metric;

/** Where a target stands among items of its very score. */
public enum Ties {
  /** Behind all of them: a recommender gains nothing by calling items equal. */
  CONSERVATIVE,
  /** In their middle; of two middles the worse one. */
  MEDIAN,
  /** Before all of them. */
  OPTIMISTIC;

  /**
   * The rank.
   *
   * @param above how many items have a higher score
   * @param tied how many others have the same
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
