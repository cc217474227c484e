package io.attune.benchmark;

import io.attune.incremental.IncrementalEncoder;
import io.attune.incremental.SessionState;
import io.attune.log.ClickLog;
import io.attune.log.LogOptions;
import io.attune.model.MemoryNetworkConfig;
import io.attune.model.Model;
import io.attune.serving.ServingModel;
import io.attune.serving.SessionVector;
import io.attune.session.Filters;
import io.attune.session.Holdout;
import io.attune.session.Sessions;
import io.attune.session.Split;
import io.attune.session.Vocabulary;
import io.attune.training.Preset;
import io.attune.vector.ItemVectors;
import io.attune.vector.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.PriorityQueue;

/**
 * What a memory network gains if its memory goes on in serving: the test part of a log is replayed
 * in the order of time, and each session that has ended enters the memory in place of the oldest
 * slots. A recommendation is made after a click, and reads what had entered by then, so never a
 * session's own clicks or later ones. Ranks are over all items; a tie and an unknown item count
 * against the model, as in an evaluation.
 *
 * <pre>
 * mvn -q -Pbenchmark -DskipTests verify -pl benchmark -am \
 *     -Dbenchmark.main=io.attune.benchmark.LiveMemory -Dbenchmark="MODEL LOG ITEM_COLUMN HOURS"
 * </pre>
 *
 * <p>The model must have been trained with {@code --holdout HOURSh}.
 */
public final class LiveMemory {
  private static final int CUTOFF = 20;
  private static final long REFRESH = 60_000; // of the log's time, in milliseconds

  private final Model model;
  private final MemoryNetworkConfig config;
  private final Sessions test;
  private final IncrementalEncoder own; // the session's encoder, without memory
  private final Deque<Slot> memory = new ArrayDeque<>(); // the oldest first
  private ServingModel serving;

  /** A prediction that came true: a query vector, and the vector of the item clicked next. */
  private record Slot(float[] key, float[] value) {}

  /** A click of the test part. */
  private record Event(long time, int session, int place) {}

  /** A session that has ended, with its slots. */
  private record Ended(long known, List<Slot> slots) {}

  private LiveMemory(Model model, Sessions test) {
    this.model = model;
    this.test = test;
    this.config = (MemoryNetworkConfig) model.manifest().encoder().bare();
    this.serving = ServingModel.of(model);
    int d = config.dimension();
    Map<String, Tensor> weights = model.weights();
    this.own = IncrementalEncoder.of(config.encoder(), weights, serving.items().slice(0, d));
    float[] keys = table(MemoryNetworkConfig.KEYS);
    float[] values = table(MemoryNetworkConfig.VALUES);
    for (int slot = 0; slot < config.slots(); slot++) {
      memory.add(new Slot(part(keys, slot, d), part(values, slot, d)));
    }
  }

  public static void main(String[] args) throws IOException {
    LogOptions options = LogOptions.builder().itemColumn(args[2]).build();
    Sessions log = ClickLog.load(List.of(Path.of(args[1])), options).sessions();
    Holdout holdout = new Holdout.Last(Duration.ofHours(Long.parseLong(args[3])));
    Split split = holdout.split(log);
    Model model = Model.load(Path.of(args[0]));
    Sessions test = Preset.of(Preset.statistics(log, holdout))
        .filters()
        .test(split.test(), model.vocabulary(), Filters.UnknownItems.MISS, split.targets())
        .sessions();
    System.out.println("memory     finished after   predictions    HR@20   MRR@20");
    print("as trained", "", new LiveMemory(model, test).replay(Long.MAX_VALUE));
    for (int minutes : new int[] {0, 30}) {
      print("live", minutes + " min", new LiveMemory(model, test).replay(60_000L * minutes));
    }
  }

  private static void print(String memory, String finished, double[] figures) {
    System.out.printf(
        Locale.ROOT,
        "%-10s %14s   %11.0f   %6.2f   %6.2f%n",
        memory,
        finished,
        figures[0],
        100 * figures[1],
        100 * figures[2]);
  }

  private float[] table(String name) {
    Tensor tensor = model.weights().get(name);
    if (tensor == null) {
      throw new IllegalArgumentException("the model has no " + name);
    }
    return tensor.values();
  }

  private static float[] part(float[] rows, int row, int size) {
    return Arrays.copyOfRange(rows, row * size, (row + 1) * size);
  }

  /**
   * Replays the test part.
   *
   * @param delay after how many milliseconds without a click a session counts as finished; the
   *     largest number for a memory that stays as it is
   * @return predictions, HR and MRR
   */
  private double[] replay(long delay) {
    List<Event> events = new ArrayList<>();
    for (int session = 0; session < test.size(); session++) {
      for (int place = 0; place < test.length(session); place++) {
        events.add(new Event(test.time(test.start(session) + place), session, place));
      }
    }
    events.sort(Comparator.comparingLong(Event::time)); // stable: a session's clicks stay in order
    SessionState[] states = new SessionState[test.size()];
    List<List<Slot>> slots = new ArrayList<>();
    for (int session = 0; session < states.length; session++) {
      states[session] = own.start();
      slots.add(new ArrayList<>());
    }
    PriorityQueue<Ended> waiting = new PriorityQueue<>(Comparator.comparingLong(Ended::known));
    long refreshed = Long.MIN_VALUE;
    double[] sums = new double[3];
    for (Event event : events) {
      if (event.time - REFRESH >= refreshed) {
        enter(waiting, event.time);
        refreshed = event.time;
      }
      SessionState state = states[event.session];
      int click = test.start(event.session) + event.place;
      if (test.item(click) != Vocabulary.UNKNOWN) {
        own.advance(state, test.item(click), event.time);
      }
      if (click + 1 < test.end(event.session)) {
        int target = test.item(click + 1);
        score(state, target, sums);
        if (state.clicks() > 0 && target != Vocabulary.UNKNOWN) {
          slots.get(event.session).add(slot(state, target));
        }
      } else if (delay < Long.MAX_VALUE) {
        waiting.add(new Ended(event.time + delay, slots.get(event.session)));
      }
    }
    return new double[] {sums[0], sums[1] / sums[0], sums[2] / sums[0]};
  }

  private Slot slot(SessionState state, int target) {
    float[] key = new float[config.dimension()];
    own.query(state, key, new float[state.kept()]);
    float[] item = new float[serving.items().dimension()];
    serving.items().copy(target, item);
    return new Slot(key, part(item, 0, key.length));
  }

  /** Lets the sessions that were known to be finished before a time enter the memory. */
  private void enter(PriorityQueue<Ended> waiting, long time) {
    boolean changed = false;
    while (!waiting.isEmpty() && waiting.peek().known < time) {
      for (Slot slot : waiting.poll().slots) {
        memory.removeFirst();
        memory.addLast(slot);
        changed = true;
      }
    }
    if (!changed) {
      return;
    }
    int d = config.dimension();
    float[] keys = new float[memory.size() * d];
    float[] values = new float[keys.length];
    int at = 0;
    for (Slot slot : memory) {
      System.arraycopy(slot.key, 0, keys, at, d);
      System.arraycopy(slot.value, 0, values, at, d);
      at += d;
    }
    Map<String, Tensor> weights = new HashMap<>(model.weights());
    weights.put(MemoryNetworkConfig.KEYS, new Tensor(new long[] {memory.size(), d}, keys));
    weights.put(MemoryNetworkConfig.VALUES, new Tensor(new long[] {memory.size(), d}, values));
    serving =
        ServingModel.of(new Model(model.manifest(), model.vocabulary(), model.counts(), weights));
  }

  /** Adds a prediction, its hit and its reciprocal rank. */
  private void score(SessionState state, int target, double[] sums) {
    sums[0]++;
    if (state.clicks() == 0 || target == Vocabulary.UNKNOWN) {
      return;
    }
    SessionVector vector = serving.vector(state);
    ItemVectors items = serving.items();
    float[] scores = new float[items.size() + 1];
    items.scores(vector.query(), 0, scores.length, scores);
    vector.clicked().addTo(scores, 0);
    int rank = 0;
    for (int row = 1; row < scores.length; row++) {
      if (scores[row] >= scores[target]) {
        rank++;
      }
    }
    if (rank <= CUTOFF) {
      sums[1]++;
      sums[2] += 1.0 / rank;
    }
  }
}
