package io.attune.benchmark;

import io.attune.log.ClickLog;
import io.attune.log.LogOptions;
import io.attune.session.Sessions;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Clicks a second from a plain CSV (parsing, vocabulary, sessions) on one thread, beside a bare
 * pass over the same bytes.
 *
 * <p>Five million clicks in sessions of five on average, on 50,000 items of a skewed popularity.
 * The goal is two million a second:
 *
 * <pre>{@code
 * mvn -q -Pbenchmark -DskipTests verify -pl benchmark -am -Dbenchmark=LoadBenchmark
 * }</pre>
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 5)
@Measurement(iterations = 5, time = 5)
public class LoadBenchmark {
  private static final int CLICKS = 5_000_000;
  private static final int ITEMS = 50_000;

  private Path log = Path.of("");
  private long bytes;

  /** Writes the log and checks what is read from it. */
  @Setup
  public void writeLog() throws IOException {
    log = Files.createTempFile("clicks", ".csv");
    SplittableRandom random = new SplittableRandom(1);
    try (BufferedWriter out = Files.newBufferedWriter(log)) {
      out.write("session_id,item_id,timestamp\n");
      long time = 1_396_300_000_000L;
      int session = 0;
      int left = 0;
      for (int click = 0; click < CLICKS; click++) {
        if (left == 0) {
          session++;
          left = 1 + random.nextInt(9);
        }
        left--;
        time += random.nextInt(500);
        int item = (int) (ITEMS * Math.pow(random.nextDouble(), 3));
        out.write(session + "," + (214_500_000 + item) + "," + time + "\n");
      }
    }
    bytes = Files.size(log);
    if (load().clicks() != CLICKS || barePass() != CLICKS + 1) {
      throw new IllegalStateException("the log has another number of clicks than was written");
    }
  }

  /** Deletes the log. */
  @TearDown
  public void deleteLog() throws IOException {
    Files.delete(log);
  }

  /** Loads the log. */
  @Benchmark
  @OperationsPerInvocation(CLICKS)
  public Sessions load() throws IOException {
    return ClickLog.load(List.of(log), LogOptions.standard()).sessions();
  }

  /** Reads the same bytes and counts their lines. */
  @Benchmark
  @OperationsPerInvocation(CLICKS)
  public long barePass() throws IOException {
    long lines = 0;
    long seen = 0;
    try (InputStream in = Files.newInputStream(log)) {
      byte[] buffer = new byte[1 << 16];
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        for (int i = 0; i < read; i++) {
          lines += buffer[i] == '\n' ? 1 : 0;
        }
        seen += read;
      }
    }
    if (seen != bytes) {
      throw new IllegalStateException("the log has changed");
    }
    return lines;
  }
}
