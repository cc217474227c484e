package io.attune.incremental;

import static org.assertj.core.api.Assertions.assertThat;

import io.attune.model.GruConfig;
import io.attune.recommender.Prefix;
import io.attune.recommender.TrainedModels;
import io.attune.serving.ServingModel;
import io.attune.session.Sessions;
import io.attune.session.Vocabulary;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PrefixReplayTest {
  private static final int D = 8;
  private static final int CLICKS = 1000;

  private final int[] clicks = new SplittableRandom(1).ints(CLICKS, 1, 5).toArray();
  private IncrementalEncoder encoder;
  private PrefixReplay replay;

  @BeforeEach
  void train() throws IOException {
    Sessions sessions = Sessions.of(
        Vocabulary.of(List.of("a", "b", "c", "d")),
        List.of(new int[] {1, 2, 3}, new int[] {2, 3, 4}));
    GruConfig config = GruConfig.builder().dimension(D).hidden(D).build();
    encoder = ServingModel.of(TrainedModels.briefly(sessions, config)).encoder();
    replay = new PrefixReplay(encoder, D);
  }

  @Test
  void aSessionCostsOneStepPerClickHoweverManyCallsItTakes() {
    long steps = 0;
    for (int length = 10; length <= CLICKS; length += 10) {
      // Like an evaluation that receives the clicks one by one.
      int[] known = new int[CLICKS];
      System.arraycopy(clicks, 0, known, 0, length);
      steps += replay.encode(List.of(new Prefix(known, length)), (prefix, query, shares) -> {});
    }
    assertThat(steps).isEqualTo(CLICKS);
  }

  @Test
  void aVectorDependsOnItsPrefixAlone() {
    int[] others = clicks.clone();
    others[3] = 5 - others[3];
    List<Prefix> prefixes = new ArrayList<>();
    for (int length = 0; length < 40; length++) {
      prefixes.add(new Prefix(clicks, length));
      prefixes.add(new Prefix(others, length));
    }
    Collections.shuffle(prefixes, new Random(2));
    for (Prefix prefix : prefixes) {
      assertThat(vector(prefix)).containsExactly(stepped(prefix));
    }
    float[][] together = new float[prefixes.size()][];
    long steps = replay.encode(prefixes, (prefix, query, shares) -> together[prefix] = query);
    assertThat(steps).isEqualTo(2 * 39);
    for (int i = 0; i < together.length; i++) {
      assertThat(together[i]).containsExactly(stepped(prefixes.get(i)));
    }
  }

  @Test
  void aBufferThatIsUsedAgainForOtherClicksIsNotTakenForTheSameSession() {
    int[] buffer = clicks.clone();
    vector(new Prefix(buffer, 20));
    buffer[5] = 5 - buffer[5];
    Prefix changed = new Prefix(buffer, 30);
    assertThat(vector(changed)).containsExactly(stepped(changed));
  }

  private float[] vector(Prefix prefix) {
    float[] made = new float[D];
    replay.encode(List.of(prefix), (i, query, shares) -> System.arraycopy(query, 0, made, 0, D));
    return made;
  }

  private float[] stepped(Prefix prefix) {
    SessionState state = encoder.start();
    IntStream.range(0, prefix.length())
        .forEach(click -> encoder.advance(state, prefix.clicks()[click]));
    float[] made = new float[D];
    if (state.clicks() > 0) {
      encoder.encode(state, made);
    }
    return made;
  }
}
