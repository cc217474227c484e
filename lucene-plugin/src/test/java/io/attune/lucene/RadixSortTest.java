package io.attune.lucene;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class RadixSortTest {
  @Test
  void sortsAsComparisonsDoWhateverTheKeys() {
    SplittableRandom random = new SplittableRandom(1);
    for (int round = 0; round < 500; round++) {
      long[] keyed = new long[random.nextInt(2000)];
      int bits = random.nextInt(33);
      int base = random.nextBoolean() ? 0 : random.nextInt();
      for (int i = 0; i < keyed.length; i++) {
        int key = bits == 0 ? base : base ^ (random.nextInt() >>> (32 - bits));
        keyed[i] = RadixSort.pack(key, i);
      }
      long[] expected = keyed.clone();
      Arrays.sort(expected);
      RadixSort.sort(keyed);
      assertThat(keyed).as("round %d, %d bits, base %d", round, bits, base).isEqualTo(expected);
    }
  }

  @Test
  void ordersScoresAsComparisonsDoWhateverTheirDistribution() {
    SplittableRandom random = new SplittableRandom(2);
    for (int round = 0; round < 700; round++) {
      float[] scores = new float[random.nextInt(1500)];
      for (int i = 0; i < scores.length; i++) {
        double drawn = random.nextDouble() * 2 - 1;
        scores[i] = (float)
            switch (round % 7) {
              case 0 -> drawn;
              case 1 -> Math.rint(drawn * 4); // many ties, zeros of both signs
              case 2 -> 1 / drawn; // some far from all others
              case 3 -> i == 7 ? 1e30 : drawn * 1e-9;
              case 4 -> 3;
              case 5 -> drawn * Float.MAX_VALUE; // a range beyond all floats
              default -> drawn * 1e-44; // a range below the normal ones
            };
      }
      Integer[] expected = new Integer[scores.length];
      Arrays.setAll(expected, i -> i);
      Arrays.sort(expected, (a, b) -> Float.compare(scores[b], scores[a])); // stable
      for (int count : new int[] {0, random.nextInt(1500), scores.length}) {
        long[] keyed = RadixSort.sortDescending(scores, count);
        assertThat(Arrays.stream(keyed).mapToObj(RadixSort::index).toArray(Integer[]::new))
            .as("round %d, the first %d", round, count)
            .isEqualTo(Arrays.copyOf(expected, Math.min(count, scores.length)));
      }
    }
  }

  @Test
  void keysOfScoresFallWithThem() {
    float[] falling = {
      Float.POSITIVE_INFINITY, 3e20f, 1.0000001f, 1, Float.MIN_VALUE, 0, -Float.MIN_VALUE, -1, -7e9f
    };
    for (int i = 1; i < falling.length; i++) {
      assertThat(RadixSort.descendingKey(falling[i]))
          .as("%s behind %s", falling[i], falling[i - 1])
          .isGreaterThan(RadixSort.descendingKey(falling[i - 1]));
    }
  }

  @Test
  void packsAndUnpacks() {
    long packed = RadixSort.pack(-5, 1_000_000);
    assertThat(RadixSort.key(packed)).isEqualTo(-5);
    assertThat(RadixSort.index(packed)).isEqualTo(1_000_000);
  }
}
