package io.attune.benchmark;

import io.attune.baseline.Baseline;
import io.attune.log.ClickLog;
import io.attune.log.LogOptions;
import io.attune.recommender.Prefix;
import io.attune.recommender.Recommendation;
import io.attune.recommender.Recommender;
import io.attune.session.Sessions;
import io.attune.session.Vocabulary;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The time of one prediction, the best 20 items after a prefix, of session-kNN on one thread; and
 * the time to train it.
 *
 * <p>Without a path it draws sessions of Diginetica's shape: 186,670 of five clicks on average on
 * 43,097 items of a skewed popularity, neighbours in the catalogue. A real log is named by
 * {@code -p log=FILE}, and {@code -p test=FILE} names the sessions whose prefixes are asked for.
 * The goals of vmis-knn there: half the predictions within 60 µs, 99 of 100 within 600 µs, trained
 * within 2 s:
 *
 * <pre>{@code
 * mvn -q -Pbenchmark -DskipTests verify -pl benchmark -am -Dbenchmark='SessionKnn -p log=TRAIN -p test=TEST'
 * }</pre>
 */
@SuppressWarnings("NullAway.Init") // JMH calls @Setup first
@State(Scope.Benchmark)
@Fork(1)
public class SessionKnnBenchmark {
  private static final int SESSIONS = 186_670;
  private static final int ITEMS = 43_097;

  /** Which baseline. */
  @Param({"vmis-knn", "v-sknn"})
  public String baseline;

  /** A log to train on, or nothing. */
  @Param("")
  public String log;

  /** A log to ask for, or nothing: then the sessions that were trained on. */
  @Param("")
  public String test;

  private Sessions sessions;
  private Recommender recommender;
  private Prefix[] prefixes;
  private int next;

  /** Trains the baseline, and shuffles the prefixes so that no cache helps. */
  @Setup(Level.Trial)
  public void train() throws IOException {
    sessions = log.isEmpty() ? draw() : load(log);
    recommender = trained();
    Sessions asked = test.isEmpty() ? sessions : load(test).recode(sessions.vocabulary());
    List<Prefix> all = new ArrayList<>();
    for (int s = 0; s < asked.size(); s++) {
      int[] known =
          IntStream.of(asked.items(s)).filter(row -> row != Vocabulary.UNKNOWN).toArray();
      for (int length = 1; length < known.length; length++) {
        all.add(new Prefix(known, length));
      }
    }
    prefixes = all.toArray(Prefix[]::new);
    Collections.shuffle(Arrays.asList(prefixes), new SplittableRandom(2));
  }

  private static Sessions load(String path) throws IOException {
    return ClickLog.load(List.of(Path.of(path)), LogOptions.standard()).sessions();
  }

  private static Sessions draw() {
    SplittableRandom random = new SplittableRandom(1);
    Vocabulary vocabulary =
        Vocabulary.of(IntStream.rangeClosed(1, ITEMS).mapToObj(i -> "i" + i).toList());
    List<int[]> rows = new ArrayList<>();
    for (int s = 0; s < SESSIONS; s++) {
      int at = (int) (ITEMS * Math.pow(random.nextDouble(), 2));
      int[] session = new int[2 + (int) (-3 * Math.log(1 - random.nextDouble()))];
      for (int i = 0; i < session.length; i++) {
        session[i] = 1 + Math.floorMod(at + random.nextInt(20), ITEMS);
      }
      rows.add(session);
    }
    return Sessions.of(vocabulary, rows);
  }

  /** The best 20 items after one prefix. */
  @Benchmark
  @BenchmarkMode(Mode.SampleTime)
  @OutputTimeUnit(TimeUnit.MICROSECONDS)
  @Warmup(iterations = 2, time = 5)
  @Measurement(iterations = 3, time = 5)
  public List<Recommendation> predict() {
    next = next + 1 == prefixes.length ? 0 : next + 1;
    return recommender.top(prefixes[next], 20, false);
  }

  /** Training, the index included. */
  @Benchmark
  @BenchmarkMode(Mode.SingleShotTime)
  @OutputTimeUnit(TimeUnit.MILLISECONDS)
  @Warmup(iterations = 1)
  @Measurement(iterations = 5)
  public Recommender trained() {
    return Baseline.parse(baseline).train(sessions);
  }
}
