package io.attune.lucene;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class KeyedPlacesTest {
  @Test
  void sortsAsComparisonsDoWhateverTheKeys() {
    SplittableRandom random = new SplittableRandom(1);
    for (int round = 0; round < 500; round++) {
      long[] keyed = new long[random.nextInt(2000)];
      int bits = random.nextInt(33);
      int base = random.nextBoolean() ? 0 : random.nextInt();
      for (int i = 0; i < keyed.length; i++) {
        int key = bits == 0 ? base : base ^ (random.nextInt() >>> (32 - bits));
        keyed[i] = KeyedPlaces.of(key, i);
      }
      long[] expected = keyed.clone();
      Arrays.sort(expected);
      KeyedPlaces.sort(keyed);
      assertThat(keyed).as("round %d, %d bits, base %d", round, bits, base).isEqualTo(expected);
    }
  }

  @Test
  void keysOfScoresFallWithThem() {
    float[] falling = {
      Float.POSITIVE_INFINITY, 3e20f, 1.0000001f, 1, Float.MIN_VALUE, 0, -Float.MIN_VALUE, -1, -7e9f
    };
    for (int i = 1; i < falling.length; i++) {
      assertThat(KeyedPlaces.falling(falling[i]))
          .as("%s behind %s", falling[i], falling[i - 1])
          .isGreaterThan(KeyedPlaces.falling(falling[i - 1]));
    }
  }

  @Test
  void packsAndUnpacks() {
    long keyed = KeyedPlaces.of(-5, 1_000_000);
    assertThat(KeyedPlaces.key(keyed)).isEqualTo(-5);
    assertThat(KeyedPlaces.place(keyed)).isEqualTo(1_000_000);
  }
}
