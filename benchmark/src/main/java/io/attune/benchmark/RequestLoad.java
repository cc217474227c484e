package io.attune.benchmark;

import com.github.benmanes.caffeine.cache.Ticker;
import io.attune.serving.ServingModel;
import io.attune.serving.SessionStates;
import io.attune.vector.BatchedScan;
import io.attune.vector.ItemVectors;
import io.attune.vector.QuantizedVectors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/**
 * The load that ETUDE (Kersbergen et al. 2024) asks of session recommenders: requests to NARM over
 * a million items of 128 elements, each a click of a visitor and the 20 best of all items, exactly.
 * Requests come at random, at a given rate, whether earlier ones are answered or not; a request's
 * time begins when it was due, so that a queue counts.
 *
 * <pre>
 * mvn -q -Pbenchmark -DskipTests verify -pl benchmark -am \
 *     -Dbenchmark.main=io.attune.benchmark.RequestLoad -Dbenchmark="500 60"
 * </pre>
 *
 * <p>The arguments are the requests a second, how many seconds are measured, after 20 that are not,
 * and the elements of an item, 128 if not said. It uses two processors, those of the generator
 * included, if it is started with {@code taskset -c 0,1} or the machine has no more.
 */
public final class RequestLoad {
  private static final int ITEMS = 1_000_000;
  private static final int BEST = 20;
  private static final int VISITORS = 10_000;
  private static final int CORES = 2;
  private static final double WARMUP = 20; // seconds

  private RequestLoad() {}

  public static void main(String[] args) {
    double rate = args.length > 0 ? Double.parseDouble(args[0]) : 500;
    double seconds = args.length > 1 ? Double.parseDouble(args[1]) : 60;
    int dimension = args.length > 2 ? Integer.parseInt(args[2]) : 128;
    SplittableRandom random = new SplittableRandom(1);
    ServingModel model = DrawnModels.narm(random, ITEMS, dimension);
    QuantizedVectors items = QuantizedVectors.of(model.items());
    SessionStates states = SessionStates.builder(model, Ticker.systemTicker()).build();
    try (ExecutorService executor = Executors.newFixedThreadPool(CORES)) {
      BatchedScan scan = new BatchedScan(items, CORES, executor);
      check(states, scan, model);
      run(states, scan, random, rate, WARMUP);
      System.out.printf(
          Locale.ROOT,
          "%d items of %d, %d best, %d visitors, %d scanners, %d processors%n",
          ITEMS,
          dimension,
          BEST,
          VISITORS,
          CORES,
          Runtime.getRuntime().availableProcessors());
      run(states, scan, random, rate, seconds).print(rate);
    }
  }

  /** What came of a run. */
  private record Outcome(Histogram micros, double seconds, double busy, long failed) {
    void print(double rate) {
      System.out.printf(
          Locale.ROOT,
          "asked %.0f requests/s, answered %.1f requests/s (%d in %.1f s), failed %d%n",
          rate,
          micros.getTotalCount() / seconds,
          micros.getTotalCount(),
          seconds,
          failed);
      System.out.printf(
          Locale.ROOT,
          "%.2f ms of processor time a request, the generator's included%n",
          1000 * busy / micros.getTotalCount());
      for (double percentile : new double[] {50, 90, 95, 99, 99.9, 100}) {
        System.out.printf(
            Locale.ROOT,
            "p%-5s %8.2f ms%n",
            percentile == Math.rint(percentile) ? (int) percentile + "" : percentile + "",
            micros.getValueAtPercentile(percentile) / 1000.0);
      }
    }
  }

  private static Outcome run(
      SessionStates states,
      BatchedScan scan,
      SplittableRandom random,
      double rate,
      double seconds) {
    Histogram micros = new ConcurrentHistogram(3);
    List<CompletableFuture<ItemVectors.Top>> answers = new ArrayList<>();
    LongAdder failed = new LongAdder();
    double busy = busy();
    long start = System.nanoTime();
    double due = 0; // seconds
    while (due < seconds) {
      long at = start + (long) (due * 1e9);
      while (System.nanoTime() < at) {
        LockSupport.parkNanos(at - System.nanoTime());
      }
      String visitor = "v" + random.nextInt(VISITORS);
      String item = DrawnModels.id(1 + random.nextInt(ITEMS));
      float[] query = states.append(visitor, item).vector().query();
      answers.add(scan.top(query, BEST, row -> true).whenComplete((top, failure) -> {
        micros.recordValue((System.nanoTime() - at) / 1000);
        if (failure != null) {
          failed.increment();
        }
      }));
      due -= Math.log(1 - random.nextDouble()) / rate; // a Poisson process
    }
    for (CompletableFuture<ItemVectors.Top> answer : answers) {
      answer
          .exceptionally(counted -> new ItemVectors.Top(new int[0], new float[0]))
          .join();
    }
    double took = (System.nanoTime() - start) / 1e9;
    return new Outcome(micros, took, busy() - busy, failed.sum());
  }

  /** Processor seconds of this process. */
  private static double busy() {
    return ProcessHandle.current().info().totalCpuDuration().orElseThrow().toNanos() / 1e9;
  }

  /** That what is measured is right. */
  private static void check(SessionStates states, BatchedScan scan, ServingModel model) {
    for (int i = 1; i <= 20; i++) {
      float[] query = states.append("check", DrawnModels.id(i)).vector().query();
      ItemVectors.Top expected = model.items().top(query, BEST, row -> true);
      ItemVectors.Top top = scan.top(query, BEST, row -> true).join();
      if (!Arrays.equals(expected.rows(), top.rows())
          || !Arrays.equals(expected.scores(), top.scores())) {
        throw new IllegalStateException("the shared scan has other best items than the table");
      }
    }
  }
}
