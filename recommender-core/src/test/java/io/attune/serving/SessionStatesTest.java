package io.attune.serving;

import static org.assertj.core.api.Assertions.assertThat;

import io.attune.encoder.EncoderConfigs;
import io.attune.model.EncoderConfig;
import io.attune.model.GruConfig;
import io.attune.model.ItemSpace;
import io.attune.model.TimeBias;
import io.attune.model.TransformerConfig;
import io.attune.recommender.TrainedModels;
import io.attune.session.Sessions;
import io.attune.session.Vocabulary;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SessionStatesTest {
  private static final int ITEMS = 30;
  private static final long PLENTY = 1L << 30;
  private static final Supplier<List<String>> NONE = List::of;

  private final AtomicLong clock = new AtomicLong();
  private final ServingModel model = model(EncoderConfigs.causal().findFirst().orElseThrow(), 1);

  @Test
  void aSessionIsThatOfItsClicksInOrder() {
    SessionStates states = states(PLENTY);
    states.append("s", "i3");
    states.append("other", "i9");
    states.append("s", "unknown");
    SessionVector vector = states.append("s", "i4").vector();
    assertThat(vector.query()).isEqualTo(model.vector(List.of("i3", "i4")).query());
    assertThat(vector.clicks()).containsExactly(3, 4);
    assertThat(states.answer("s", NONE).vector()).isSameAs(vector);
    assertThat(states.statistics().steps()).isEqualTo(3);
    assertThat(states.statistics().hits()).isEqualTo(2);
    assertThat(states.statistics().misses()).isEqualTo(2);
  }

  @Test
  void aSessionThatNobodyKnowsLooksForNothing() {
    assertThat(states(PLENTY).answer("s", NONE).vector().isEmpty()).isTrue();
    assertThat(states(PLENTY).append("s", "unknown").vector().isEmpty()).isTrue();
  }

  @Test
  void aStateExpiresAfterItsLastClickAndIsRebuiltFromTheCallersClicks() {
    SessionStates states = states(PLENTY);
    states.append("s", "i3");
    clock.addAndGet(Duration.ofMinutes(29).toNanos());
    assertThat(states.answer("s", NONE).vector().isEmpty()).isFalse();
    clock.addAndGet(Duration.ofMinutes(2).toNanos());
    assertThat(states.answer("s", NONE).vector().isEmpty()).isTrue();
    SessionVector rebuilt = states.append("s", "i4", () -> List.of("i3")).vector();
    assertThat(rebuilt.query()).isEqualTo(model.vector(List.of("i3", "i4")).query());
    assertThat(states.statistics().rebuilt()).isEqualTo(1);
  }

  @Test
  void aSessionWithTimesIsThatOfItsClicksAndTimes() {
    EncoderConfig config = EncoderConfigs.causal()
        .filter(SessionStatesTest::looksAtTimes)
        .findFirst()
        .orElseThrow();
    ServingModel timed = model(config, 4);
    SessionStates states = new SessionStates(timed, PLENTY, Duration.ofMinutes(30), clock::get);
    List<Click> clicks =
        List.of(new Click("i3", 1_000), new Click("unknown", 2_000), new Click("i4", 61_000));
    SessionState replay = timed.encoder().start();
    timed.encoder().advance(replay, 3, 1_000);
    timed.encoder().advance(replay, 4, 61_000);
    SessionVector expected = timed.vector(replay);

    clicks.forEach(click -> states.append("s", click, List::of));
    SessionVector vector = states.answer("s", NONE).vector();
    SessionVector rebuilt =
        states.append("again", clicks.getLast(), () -> clicks.subList(0, 2)).vector();

    assertThat(vector.query()).isEqualTo(expected.query());
    assertThat(rebuilt.query()).isEqualTo(expected.query());
    assertThat(states.answerTimed("asked", () -> clicks).vector().query())
        .isEqualTo(expected.query());
    assertThat(timed.vector(List.of("i3", "i4")).query()).isNotEqualTo(expected.query());
  }

  private static boolean looksAtTimes(EncoderConfig config) {
    return config instanceof TransformerConfig transformer
        && transformer.timeBias() == TimeBias.GAP;
  }

  @Test
  void memoryStaysWithinItsBound() {
    SessionStates states = states(200_000);
    for (int s = 0; s < 5_000; s++) {
      states.append("session " + s, "i" + (1 + s % ITEMS));
    }
    SessionStates.Statistics statistics = states.statistics();
    assertThat(statistics.bytes()).isBetween(100_000L, 200_000L);
    assertThat(statistics.evictions()).isEqualTo(5_000 - statistics.sessions());
  }

  @Test
  void aForgottenSessionLeavesNothing() {
    SessionStates states = states(PLENTY);
    states.append("s", "i3");
    states.forget("s");
    assertThat(states.answer("s", NONE).vector().isEmpty()).isTrue();
    assertThat(states.statistics().sessions()).isZero();
  }

  @Test
  void aNewModelAnswersFromItsOwnStatesAlone() {
    SessionStates states = states(PLENTY);
    states.append("s", "i3");
    ServingModel next = model(EncoderConfigs.causal().skip(1).findFirst().orElseThrow(), 2);
    states.use(next);
    SessionStates.Answer answer = states.append("s", "i4", () -> List.of("i3"));
    assertThat(answer.model()).isSameAs(next);
    assertThat(answer.vector().query())
        .isEqualTo(next.vector(List.of("i3", "i4")).query());
  }

  @Test
  void aMillionClicksOfEightThreadsEqualTheirReplay() throws Exception {
    // Each session's clicks are made by all threads, so their order is that in which they got in.
    ServingModel small = model(new GruConfig(4, 4, ItemSpace.cosine(16), 0, 0), 3);
    SessionStates states =
        new SessionStates(small, PLENTY, Duration.ofHours(1), clock::incrementAndGet);
    int threads = 8;
    int clicks = 125_000;
    int sessions = 500;
    Map<String, List<String>> journal = new ConcurrentHashMap<>();
    try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
      List<Future<?>> running = new ArrayList<>();
      for (int t = 0; t < threads; t++) {
        SplittableRandom random = new SplittableRandom(t);
        running.add(pool.submit(() -> {
          for (int i = 0; i < clicks; i++) {
            String id = "s" + random.nextInt(sessions);
            String item = "i" + (1 + random.nextInt(ITEMS));
            // The journal's computation keeps its entry and the click together.
            journal.compute(id, (key, made) -> {
              List<String> list = made == null ? new ArrayList<>() : made;
              list.add(item);
              states.append(id, item);
              return list;
            });
          }
        }));
      }
      for (Future<?> each : running) {
        each.get();
      }
    }
    assertThat(journal.values().stream().mapToInt(List::size).sum()).isEqualTo(threads * clicks);
    journal.forEach((id, made) -> assertThat(states.answer(id, NONE).vector().query())
        .as(id)
        .isEqualTo(small.vector(made).query()));
    assertThat(states.statistics().steps()).isEqualTo((long) threads * clicks);
  }

  @Test
  void clicksOfOneSessionFromManyThreadsAreAllCounted() throws Exception {
    SessionStates states =
        new SessionStates(model, PLENTY, Duration.ofHours(1), clock::incrementAndGet);
    try (ExecutorService pool = Executors.newFixedThreadPool(4)) {
      List<Future<?>> running = new ArrayList<>();
      for (int t = 0; t < 4; t++) {
        running.add(pool.submit(() -> {
          for (int i = 0; i < 2_000; i++) {
            states.append("one", "i7");
          }
        }));
      }
      for (Future<?> each : running) {
        each.get();
      }
    }
    // All the same item: whatever the order, the outcome is that of 8,000 clicks on it.
    SessionState replay = model.encoder().start();
    for (int i = 0; i < 8_000; i++) {
      model.encoder().advance(replay, 7);
    }
    assertThat(states.answer("one", NONE).vector().query())
        .isEqualTo(model.vector(replay).query());
    assertThat(states.statistics().steps()).isEqualTo(8_000);
  }

  private SessionStates states(long bytes) {
    return new SessionStates(model, bytes, Duration.ofMinutes(30), clock::get);
  }

  private static ServingModel model(EncoderConfig config, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<int[]> rows = new ArrayList<>();
    List<long[]> times = new ArrayList<>();
    for (int s = 0; s < 50; s++) {
      rows.add(random.ints(5, 1, ITEMS + 1).toArray());
      times.add(random.longs(5, 0, 200_000).sorted().toArray());
    }
    Vocabulary vocabulary =
        Vocabulary.of(IntStream.rangeClosed(1, ITEMS).mapToObj(i -> "i" + i).toList());
    try {
      return ServingModel.of(TrainedModels.briefly(Sessions.of(vocabulary, rows, times), config));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
