package io.attune.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.encoder.EncoderConfigs;
import io.attune.incremental.SessionState;
import io.attune.model.EncoderConfig;
import io.attune.model.Model;
import io.attune.model.StampConfig;
import io.attune.model.TimeBias;
import io.attune.model.TransformerConfig;
import io.attune.recommender.TrainedModels;
import io.attune.session.Sessions;
import io.attune.session.Vocabulary;
import io.attune.vector.Tensor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

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
    assertThat(states.get("s", NONE).vector()).isSameAs(vector);
    assertThat(states.statistics().steps()).isEqualTo(3);
    assertThat(states.statistics().hits()).isEqualTo(2);
    assertThat(states.statistics().misses()).isEqualTo(2);
  }

  @Test
  void anUnknownSessionIsEmpty() {
    assertThat(states(PLENTY).get("s", NONE).vector().isEmpty()).isTrue();
    assertThat(states(PLENTY).append("s", "unknown").vector().isEmpty()).isTrue();
  }

  @Test
  void aStateExpiresAfterItsLastClickAndIsRebuiltFromTheCallersClicks() {
    SessionStates states = states(PLENTY);
    states.append("s", "i3");
    clock.addAndGet(Duration.ofMinutes(29).toNanos());
    assertThat(states.get("s", NONE).vector().isEmpty()).isFalse();
    clock.addAndGet(Duration.ofMinutes(2).toNanos());
    assertThat(states.get("s", NONE).vector().isEmpty()).isTrue();
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
    SessionStates states = SessionStates.builder(timed, clock::get).build();
    List<Click> clicks =
        List.of(new Click("i3", 1_000), new Click("unknown", 2_000), new Click("i4", 61_000));
    SessionState replay = timed.encoder().start();
    timed.encoder().advance(replay, 3, 1_000);
    timed.encoder().advance(replay, 4, 61_000);
    SessionVector expected = timed.vector(replay);

    clicks.forEach(click -> states.append("s", click, List::of));
    SessionVector vector = states.get("s", NONE).vector();
    SessionVector rebuilt =
        states.append("again", clicks.getLast(), () -> clicks.subList(0, 2)).vector();

    assertThat(vector.query()).isEqualTo(expected.query());
    assertThat(rebuilt.query()).isEqualTo(expected.query());
    assertThat(states.getTimed("asked", () -> clicks).vector().query()).isEqualTo(expected.query());
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
    states.append("t", "i3");
    states.forget("s");
    assertThat(states.get("s", NONE).vector().isEmpty()).isTrue();
    assertThat(states.get("t", NONE).vector().isEmpty()).isFalse();
    states.forgetAll();
    assertThat(states.get("t", NONE).vector().isEmpty()).isTrue();
    assertThat(states.statistics().sessions()).isZero();
  }

  @Test
  void settingsOutOfRangeAreRefusedByNameRuleAndValue() {
    SessionStates.Builder builder = SessionStates.builder(model, clock::get);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.maximumBytes(0))
        .withMessage("maximumBytes must be 1 or more, not 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.expireAfterClick(Duration.ZERO))
        .withMessage("expireAfterClick must be positive, not PT0S");
  }

  @Test
  void theTimeToLiveIsASetting() {
    SessionStates states = SessionStates.builder(model, clock::get)
        .expireAfterClick(Duration.ofSeconds(5))
        .build();
    states.append("s", "i3");
    clock.addAndGet(Duration.ofSeconds(4).toNanos());
    assertThat(states.get("s", NONE).vector().isEmpty()).isFalse();
    clock.addAndGet(Duration.ofSeconds(2).toNanos());
    assertThat(states.get("s", NONE).vector().isEmpty()).isTrue();
  }

  @Test
  void aNewModelAnswersFromItsOwnStatesAlone() {
    SessionStates states = states(PLENTY);
    states.append("s", "i3");
    ServingModel next = model(EncoderConfigs.causal().skip(1).findFirst().orElseThrow(), 2);
    states.switchTo(next);
    EncodedSession answer = states.append("s", "i4", () -> List.of("i3"));
    assertThat(answer.model()).isSameAs(next);
    assertThat(answer.vector().query())
        .isEqualTo(next.vector(List.of("i3", "i4")).query());
  }

  @Test
  void aClickWaitsForTheOneBeforeItWhoseHistoryIsSlow() throws Exception {
    SessionStates states = states(PLENTY);
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch known = new CountDownLatch(1);
    FutureTask<SessionVector> first = new FutureTask<>(
        () -> states.append("s", "i3", () -> slowly(asked, known)).vector());
    FutureTask<SessionVector> second =
        new FutureTask<>(() -> states.append("s", "i4", () -> List.of("i3")).vector());
    Thread before = Thread.ofPlatform().start(first);
    asked.await();
    Thread after = Thread.ofPlatform().start(second);
    while (after.getState() != Thread.State.WAITING && after.isAlive()) {
      Thread.onSpinWait();
    }
    // Another session does not wait.
    assertThat(states.append("other", "i9").vector().clicks()).containsExactly(9);
    known.countDown();
    before.join();
    after.join();
    assertThat(first.get().clicks()).containsExactly(3);
    assertThat(second.get().clicks()).containsExactly(3, 4);
    assertThat(states.get("s", NONE).vector().query())
        .isEqualTo(model.vector(List.of("i3", "i4")).query());
  }

  private static List<String> slowly(CountDownLatch asked, CountDownLatch known) {
    asked.countDown();
    try {
      known.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    return List.of();
  }

  @Test
  void aHistorySupplierMayUseTheStatesItself() {
    SessionStates states = states(PLENTY);
    SessionVector vector = states
        .append("s", "i4", () -> {
          assertThat(states.get("s", NONE).vector().isEmpty()).isTrue();
          states.append("other", "i9");
          return List.of("i3");
        })
        .vector();
    assertThat(vector.clicks()).containsExactly(3, 4);
  }

  @Test
  void aModelThatIsSwitchedToWhileAHistoryLoadsAnswers() {
    SessionStates states = states(PLENTY);
    ServingModel next = model(EncoderConfigs.causal().skip(1).findFirst().orElseThrow(), 2);
    EncodedSession answer = states.append("s", "i4", () -> {
      states.switchTo(next);
      return List.of("i3");
    });
    assertThat(answer.model()).isSameAs(next);
    assertThat(answer.vector().query())
        .isEqualTo(next.vector(List.of("i3", "i4")).query());
    assertThat(states.get("s", NONE).model()).isSameAs(next);
  }

  @Test
  void aClickThatIsDeliveredAgainChangesNothing() {
    SessionStates states = states(PLENTY);
    Click first = new Click("i3", 1_000);
    Click second = new Click("i4", 2_000);
    states.append("s", first, List::of);
    SessionVector vector = states.append("s", second, List::of).vector();
    assertThat(states.append("s", first, List::of).vector()).isSameAs(vector);
    assertThat(states.append("s", second, List::of).vector()).isSameAs(vector);
    assertThat(vector.clicks()).containsExactly(3, 4);
    // Nor one that the history already contains.
    assertThat(states.append("t", second, () -> List.of(first, second)).vector().clicks())
        .containsExactly(3, 4);
    assertThat(states.statistics().replays()).isEqualTo(3);
    assertThat(states.statistics().hits()).isEqualTo(1);
    // A click with another time is distinct, even if it is late; so is one without a time.
    assertThat(states.append("t", new Click("i3", 500), List::of).vector().clicks())
        .containsExactly(3, 4, 3);
    states.append("u", "i3");
    assertThat(states.append("u", "i3").vector().clicks()).containsExactly(3, 3);
  }

  @Test
  void replaysAreRecognisedAmongTheLastClicks() {
    ReplayWindow recent = new ReplayWindow();
    for (int time = 1; time <= 100; time++) {
      recent.add(7, time);
    }
    assertThat(recent.contains(7, 100)).isTrue();
    assertThat(recent.contains(7, 101 - ReplayWindow.SIZE)).isTrue();
    assertThat(recent.contains(7, 100 - ReplayWindow.SIZE)).isFalse();
    assertThat(recent.contains(8, 100)).isFalse();
    assertThat(recent.bytes()).isEqualTo(64 + 12 * ReplayWindow.SIZE);
  }

  static Stream<EncoderConfig> encoders() {
    return EncoderConfigs.causal();
  }

  @ParameterizedTest
  @MethodSource("encoders")
  void aClickThatFailsLeavesTheStateAsItWas(EncoderConfig config) {
    ServingModel broken = broken(config);
    List<Click> clicks = IntStream.of(4, 5, 9, 4, 6)
        .mapToObj(row -> new Click("i" + row, 1_000L * row))
        .toList();
    SessionStates states = SessionStates.builder(broken, clock::get).build();
    SessionStates without = SessionStates.builder(broken, clock::get).build();
    Click bad = new Click("i3", 77);
    for (Click click : clicks) {
      SessionVector before = states.getTimed("s", List::of).vector();
      for (int again = 0; again < 2; again++) {
        assertThatThrownBy(() -> states.append("s", bad, List::of))
            .isInstanceOf(ArithmeticException.class);
      }
      assertThat(states.getTimed("s", List::of).vector().query()).isEqualTo(before.query());
      SessionVector expected = without.append("s", click, List::of).vector();
      SessionVector vector = states.append("s", click, List::of).vector();
      assertThat(vector.query()).isEqualTo(expected.query());
      assertThat(vector.clicks()).isEqualTo(expected.clicks());
      assertThat(vector.attention()).isEqualTo(expected.attention());
    }
  }

  /** A model with a damaged vector of the third item. */
  private static ServingModel broken(EncoderConfig config) {
    Model whole = trained(config, 1);
    Map<String, Tensor> weights = new HashMap<>(whole.weights());
    for (String name : List.of(Model.ITEMS, Model.INPUTS)) {
      Tensor table = weights.get(name);
      if (table != null) {
        float[] values = table.values().clone();
        Arrays.fill(values, 3 * config.dimension(), 4 * config.dimension(), Float.NaN);
        weights.put(name, new Tensor(table.shape(), values));
      }
    }
    return ServingModel.of(
        new Model(whole.manifest(), whole.vocabulary(), whole.counts(), weights));
  }

  @Test
  void aMillionClicksOfEightThreadsEqualTheirReplay() throws Exception {
    // An encoder whose window holds all clicks, so that a vector reveals their order.
    ServingModel small = model(
        StampConfig.builder().dimension(4).agePositions(false).lastClicks(200).build(), 3);
    SessionStates states = SessionStates.builder(small, clock::incrementAndGet)
        .maximumBytes(PLENTY)
        .build();
    int threads = 8;
    int clicks = 125_000;
    int sessions = 20_000;
    // Each thread clicks its own items, so that its clicks can be told from those of the others.
    List<Map<String, List<Integer>>> journals = new ArrayList<>();
    try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
      List<Future<Map<String, List<Integer>>>> running = new ArrayList<>();
      for (int t = 0; t < threads; t++) {
        int own = t;
        running.add(pool.submit(() -> {
          SplittableRandom random = new SplittableRandom(own);
          Map<String, List<Integer>> journal = new HashMap<>();
          for (int i = 0; i < clicks; i++) {
            String id = "s" + random.nextInt(sessions);
            int row = 1 + own + threads * random.nextInt(3);
            journal.computeIfAbsent(id, key -> new ArrayList<>()).add(row);
            states.append(id, "i" + row);
          }
          return journal;
        }));
      }
      for (Future<Map<String, List<Integer>>> each : running) {
        journals.add(each.get());
      }
    }
    long counted = 0;
    for (int s = 0; s < sessions; s++) {
      String id = "s" + s;
      SessionVector vector = states.get(id, NONE).vector();
      int[] rows = vector.clicks();
      counted += rows.length;
      assertThat(vector.query())
          .isEqualTo(small
              .vector(Arrays.stream(rows).mapToObj(row -> "i" + row).toList())
              .query());
      for (int t = 0; t < threads; t++) {
        int own = t;
        List<Integer> made = Arrays.stream(rows)
            .filter(row -> (row - 1) % threads == own)
            .boxed()
            .toList();
        assertThat(made).isEqualTo(journals.get(t).getOrDefault(id, List.of()));
      }
    }
    assertThat(counted).isEqualTo((long) threads * clicks);
    assertThat(states.statistics().steps()).isEqualTo((long) threads * clicks);
  }

  @Test
  void aKeyThatIsNotInUseTakesNoMemory() throws Exception {
    KeyedLocks locks = new KeyedLocks();
    assertThat(locks.<Integer>with("a", () -> locks.with("a", () -> locks.with("b", locks::size))))
        .isEqualTo(2);
    assertThatThrownBy(() -> locks.with("a", () -> {
          throw new IllegalStateException("no");
        }))
        .hasMessage("no");
    assertThat(locks.size()).isZero();
  }

  @Test
  void clicksOfOneSessionFromManyThreadsAreAllCounted() throws Exception {
    SessionStates states = SessionStates.builder(model, clock::incrementAndGet).build();
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
    // All clicks are on one item, so their order does not matter.
    SessionState replay = model.encoder().start();
    for (int i = 0; i < 8_000; i++) {
      model.encoder().advance(replay, 7);
    }
    assertThat(states.get("one", NONE).vector().query())
        .isEqualTo(model.vector(replay).query());
    assertThat(states.statistics().steps()).isEqualTo(8_000);
  }

  private SessionStates states(long bytes) {
    return SessionStates.builder(model, clock::get).maximumBytes(bytes).build();
  }

  private static ServingModel model(EncoderConfig config, long seed) {
    return ServingModel.of(trained(config, seed));
  }

  private static Model trained(EncoderConfig config, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<int[]> rows = new ArrayList<>();
    List<long[]> times = new ArrayList<>();
    for (int s = 0; s < 50; s++) {
      rows.add(random.ints(5, 1, ITEMS + 1).toArray());
      times.add(random.longs(5, 0, 200_000).sorted().toArray());
    }
    Vocabulary vocabulary =
        Vocabulary.of(IntStream.rangeClosed(1, ITEMS).mapToObj(i -> "i" + i).toList());
    return TrainedModels.briefly(Sessions.of(vocabulary, rows, times), config);
  }
}
