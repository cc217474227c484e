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

  /** Or a seed would no longer reproduce the models that were trained with it. */
  @Test
  void aUseHasTheSameSeedForever() {
    assertThat(Seeds.of(42, Purpose.WEIGHTS, 0)).isEqualTo(3233633249810115081L);
    assertThat(Seeds.of(42, Purpose.ORDER, 7)).isEqualTo(3772042028216803658L);
    assertThat(Seeds.of(-1, Purpose.DROPOUT, 3)).isEqualTo(1282242150923538568L);
    assertThat(Seeds.of(42, Purpose.MASK, 7)).isEqualTo(8926303887176104615L);
    assertThat(Seeds.of(-1, Purpose.NEGATIVES, 3)).isEqualTo(-3137759423111971866L);
  }
}
