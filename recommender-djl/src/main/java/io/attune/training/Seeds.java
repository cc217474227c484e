package io.attune.training;

/**
 * Seeds of the parts of a training, each a function of the one seed that the user gave and of what
 * it is for. So a training that is resumed in its middle draws the same numbers as one that never
 * stopped.
 */
final class Seeds {
  private Seeds() {}

  /** A seed for the {@code index}-th use of a purpose. */
  static long of(long seed, Purpose purpose, long index) {
    // Mixed before the next is added: neighbouring seeds must not meet in neighbouring purposes.
    return mix(mix(mix(seed) + purpose.salt) + index);
  }

  /** What a seed is for. */
  enum Purpose {
    WEIGHTS(1),
    ORDER(2),
    DROPOUT(3),
    MASK(4),
    NEGATIVES(5);

    private final int salt;

    Purpose(int salt) {
      this.salt = salt;
    }
  }

  /** The finalizer of SplitMix64 (Steele, Lea and Flood 2014, section 2.3), with its increment. */
  private static long mix(long value) {
    long z = value + 0x9e3779b97f4a7c15L;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
