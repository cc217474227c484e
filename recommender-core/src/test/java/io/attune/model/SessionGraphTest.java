package io.attune.model;

import static io.attune.model.SessionGraph.INCOMING;
import static io.attune.model.SessionGraph.MUTUAL;
import static io.attune.model.SessionGraph.OUTGOING;
import static io.attune.model.SessionGraph.SAME;
import static io.attune.model.SessionGraph.UNRELATED;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SessionGraphTest {
  private static final int[] CLICKS = {7, 2, 3, 1, 2, 9, 2, 9, 4};

  @Test
  void relationsAreThoseOfTheGraphByHand() {
    assertThat(relations(0, 0)).containsExactly(SAME);
    assertThat(relations(0, 2)).containsExactly(UNRELATED, INCOMING, SAME);
    // 7 -> 2 -> 3 -> 1 -> 2
    assertThat(relations(0, 4)).containsExactly(INCOMING, SAME, OUTGOING, INCOMING, SAME);
    // then 2 -> 9 -> 2: what came right after it came right before it, too
    assertThat(relations(0, 6))
        .containsExactly(INCOMING, SAME, OUTGOING, INCOMING, SAME, MUTUAL, SAME);
    // An edge belongs to items: both clicks on 9 came before 4.
    assertThat(relations(0, 8))
        .containsExactly(
            UNRELATED, UNRELATED, UNRELATED, UNRELATED, UNRELATED, INCOMING, UNRELATED, INCOMING,
            SAME);
  }

  @Test
  void edgesThatHaveLeftTheWindowAreForgotten() {
    // 3 -> 1 -> 2 -> 9 -> 2, without 2 -> 3
    assertThat(relations(2, 6)).containsExactly(UNRELATED, INCOMING, SAME, MUTUAL, SAME);
  }

  @Test
  void anyWindowHasTheRelationsOfAPlainSearch() {
    SplittableRandom random = new SplittableRandom(3);
    for (int repeat = 0; repeat < 200; repeat++) {
      int[] rows = random.ints(30, 1, 2 + random.nextInt(9)).toArray();
      int first = random.nextInt(20);
      int newest = first + random.nextInt(10);
      int[] relations = new int[30];
      SessionGraph.relate(rows, first, newest, relations);
      for (int click = first; click <= newest; click++) {
        assertThat(relations[click - first]).isEqualTo(plain(rows, first, newest, click));
      }
    }
  }

  private static int plain(int[] rows, int first, int newest, int click) {
    boolean in = false;
    boolean out = false;
    for (int i = first; i < newest; i++) {
      in |= rows[i] == rows[click] && rows[i + 1] == rows[newest];
      out |= rows[i] == rows[newest] && rows[i + 1] == rows[click];
    }
    if (rows[click] == rows[newest]) {
      return SAME;
    }
    return in ? out ? MUTUAL : INCOMING : out ? OUTGOING : UNRELATED;
  }

  private static int[] relations(int first, int newest) {
    int[] relations = new int[newest - first + 1];
    SessionGraph.relate(CLICKS, first, newest, relations);
    return relations;
  }
}
