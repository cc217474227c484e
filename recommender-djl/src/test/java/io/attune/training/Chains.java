package io.attune.training;

import io.attune.model.NarmConfig;
import io.attune.model.Readout;
import io.attune.session.Sessions;
import io.attune.session.Vocabulary;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** Sessions that step through a circle of items by one or by two: learnable, and known by heart. */
public final class Chains {
  private static final int ITEMS = 12;
  private static final Vocabulary VOCABULARY =
      Vocabulary.of(IntStream.rangeClosed(1, ITEMS).mapToObj(i -> "i" + i).toList());

  private Chains() {}

  /** A NARM that is large enough for them. */
  static NarmConfig narm() {
    return NarmConfig.builder()
        .dimension(8)
        .hidden(8)
        .readout(Readout.LAST)
        .lastClicks(10)
        .inputDropout(0.1f)
        .contextDropout(0.1f)
        .build();
  }

  public static Sessions sessions(int count, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<int[]> sessions = new ArrayList<>();
    for (int s = 0; s < count; s++) {
      int[] rows = new int[4 + random.nextInt(4)];
      int step = 1 + random.nextInt(2);
      int at = random.nextInt(ITEMS);
      for (int i = 0; i < rows.length; i++) {
        rows[i] = 1 + (at + i * step) % ITEMS;
      }
      sessions.add(rows);
    }
    return Sessions.of(VOCABULARY, sessions);
  }
}
