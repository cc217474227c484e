package io.attune.training;

import io.attune.session.SplitMix64;

/**
 * Seeds for the parts of a training, each derived from the user's seed and its purpose, so that a
 * resumed training draws the same numbers as one that never stopped.
 */
final class Seeds {
  private Seeds() {}

  /** A seed for the {@code index}-th use of a purpose. */
  static long of(long seed, Purpose purpose, long index) {
    // Mixed before the next is added: neighbouring seeds must not meet in neighbouring purposes.
    return SplitMix64.mix(SplitMix64.mix(SplitMix64.mix(seed) + purpose.salt) + index);
  }

  /** What a seed is for. */
  enum Purpose {
    WEIGHTS(1),
    ORDER(2),
    DROPOUT(3),
    MASK(4),
    NEGATIVES(5),
    CLICKED(6),
    UNCLICKED(7),
    REPLAY(8),
    WORDS(9);

    private final int salt;

    Purpose(int salt) {
      this.salt = salt;
    }
  }
}
