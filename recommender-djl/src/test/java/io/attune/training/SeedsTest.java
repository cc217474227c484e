package io.attune.training;

import static org.assertj.core.api.Assertions.assertThat;

import io.attune.training.Seeds.Purpose;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SeedsTest {
  @Test
  void noTwoUsesOfNeighbouringSeedsShareOne() {
    Set<Long> seen = new HashSet<>();
    int uses = 0;
    for (long seed = -20; seed < 20; seed++) {
      for (Purpose purpose : Purpose.values()) {
        for (int index = 0; index < 50; index++) {
          seen.add(Seeds.of(seed, purpose, index));
          uses++;
        }
      }
    }
    assertThat(seen).hasSize(uses);
  }

  @Test
  void aUseHasTheSameSeedEachTime() {
    assertThat(Seeds.of(7, Purpose.DROPOUT, 3)).isEqualTo(Seeds.of(7, Purpose.DROPOUT, 3));
  }
}
