package io.attune.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SplitMix64Test {
  @Test
  void itMixesAsTheGeneratorOfTheJdkDoes() {
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < 10_000; i++) {
      long value = random.nextLong();
      assertThat(SplitMix64.mix(value)).isEqualTo(new SplittableRandom(value).nextLong());
    }
  }

  /** The first outputs of Vigna's splitmix64.c with seed 0. */
  @Test
  void itDrawsThePublishedNumbers() {
    long gamma = 0x9e3779b97f4a7c15L;
    assertThat(SplitMix64.mix(0)).isEqualTo(0xe220a8397b1dcdafL);
    assertThat(SplitMix64.mix(gamma)).isEqualTo(0x6e789e6aa1b965f4L);
    assertThat(SplitMix64.mix(2 * gamma)).isEqualTo(0x06c45d188009454fL);
  }
}
