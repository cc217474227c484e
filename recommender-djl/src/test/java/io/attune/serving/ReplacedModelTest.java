package io.attune.serving;

import static org.assertj.core.api.Assertions.assertThat;

import io.attune.encoder.EncoderConfigs;
import io.attune.incremental.IncrementalEncoder;
import io.attune.incremental.SessionState;
import io.attune.model.EncoderConfig;
import io.attune.recommender.TrainedModels;
import io.attune.session.Sessions;
import io.attune.session.Vocabulary;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A replaced model is not kept reachable, however long the process lives. */
class ReplacedModelTest {
  private static final Sessions SESSIONS = Sessions.of(
      Vocabulary.of(List.of("a", "b", "c", "d")),
      List.of(new int[] {1, 2, 3}, new int[] {2, 3, 4}, new int[] {3, 4, 1, 2}));

  static Stream<EncoderConfig> encoders() {
    return EncoderConfigs.causal();
  }

  @ParameterizedTest
  @MethodSource("encoders")
  void aThreadThatLivesOnKeepsNothingOfAModelThatItUsed(EncoderConfig config) throws Exception {
    try (ExecutorService thread = Executors.newSingleThreadExecutor()) {
      WeakReference<IncrementalEncoder> encoder =
          thread.submit(() -> used(config)).get();
      assertThat(isCollected(encoder)).isTrue();
    }
  }

  /** Uses a model in the calling thread and drops it. */
  private static WeakReference<IncrementalEncoder> used(EncoderConfig config) throws IOException {
    ServingModel model = ServingModel.of(TrainedModels.briefly(SESSIONS, config));
    SessionState state = model.encoder().start();
    model.encoder().advance(state, 2, Sessions.NO_TIME);
    assertThat(model.vector(List.of("a", "b", "c")).isEmpty()).isFalse();
    assertThat(model.drift(1)).isFinite();
    return new WeakReference<>(model.encoder());
  }

  @Test
  void sessionStatesKeepNothingOfAModelThatWasReplaced()
      throws IOException, InterruptedException, ExecutionException {
    List<EncoderConfig> configs = encoders().toList();
    AtomicLong clock = new AtomicLong();
    SessionStates states =
        SessionStates.builder(model(configs.getFirst()), clock::get).build();
    try (ExecutorService thread = Executors.newSingleThreadExecutor()) {
      for (EncoderConfig config : configs) {
        WeakReference<ServingModel> before = new WeakReference<>(states.model());
        thread.submit(() -> states.append("visitor", "a")).get();
        states.append("other", "b");
        states.switchTo(model(config));
        assertThat(isCollected(before)).as("%s", config).isTrue();
      }
    }
  }

  private static ServingModel model(EncoderConfig config) throws IOException {
    return ServingModel.of(TrainedModels.briefly(SESSIONS, config));
  }

  /** Whether it is garbage collected. */
  private static boolean isCollected(WeakReference<?> reference) {
    for (int i = 0; i < 20 && reference.get() != null; i++) {
      System.gc();
    }
    return reference.get() == null;
  }
}
