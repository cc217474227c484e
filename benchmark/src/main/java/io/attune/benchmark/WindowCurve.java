package io.attune.benchmark;

import io.attune.evaluation.EvaluationReport;
import io.attune.evaluation.Evaluator;
import io.attune.incremental.SessionState;
import io.attune.log.ClickLog;
import io.attune.log.LogOptions;
import io.attune.metric.Metric;
import io.attune.model.ComputeDevice;
import io.attune.recommender.Prefix;
import io.attune.recommender.Recommender;
import io.attune.saved.SavedModel;
import io.attune.serving.ServingModel;
import io.attune.session.Holdout;
import io.attune.session.Sessions;
import io.attune.session.Vocabulary;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * What long histories cost and bring. First the time of a click and the size of a state after 10 to
 * 10,000 clicks, which an encoder's window bounds; then HR@20 and MRR@20 of the last items of a log
 * where only so many of the clicks before them are read. Clicked items are not recommended.
 *
 * <pre>
 * mvn -q -Pbenchmark -DskipTests verify -pl benchmark -am \
 *     -Dbenchmark.main=io.attune.benchmark.WindowCurve -Dbenchmark="LOG MODEL..."
 * </pre>
 *
 * <p>The arguments are a log, and the directories of models that were trained on it with
 * {@code --holdout last-click}.
 */
public final class WindowCurve {
  private static final Metric HR = new Metric(Metric.Measure.HR, 20);
  private static final Metric MRR = new Metric(Metric.Measure.MRR, 20);
  private static final int[] LENGTHS = {10, 100, 1_000, 10_000};
  private static final int[] READ = {1, 3, 10, 30, 100, 300};
  private static final int TIMED = 200; // clicks at each length
  private static final int RUNS = 15;

  private WindowCurve() {}

  public static void main(String[] args) throws IOException {
    List<Path> models = Arrays.stream(args, 1, args.length).map(Path::of).toList();
    System.out.println("| model | clicks so far | a click, median | state |");
    System.out.println("|---|---|---|---|");
    for (Path model : models) {
      ServingModel served = ServingModel.open(model);
      for (int length : LENGTHS) {
        System.out.printf(
            Locale.ROOT,
            "| %s | %,d | %.1f µs | %,d bytes |%n",
            model.getFileName(),
            length,
            click(served, length),
            after(served, length).bytes());
      }
    }
    Sessions log =
        ClickLog.load(List.of(Path.of(args[0])), LogOptions.standard()).sessions();
    System.out.println();
    System.out.println("| model | clicks read | HR@20 / MRR@20 |");
    System.out.println("|---|---|---|");
    for (Path model : models) {
      try (SavedModel opened = SavedModel.open(model, "model", ComputeDevice.AUTO)) {
        for (int read : READ) {
          System.out.println(row(model, opened, read, log));
        }
      }
    }
  }

  private static String row(Path model, SavedModel opened, int read, Sessions log)
      throws IOException {
    SavedModel cut = new SavedModel.Baseline(
        "cut", opened.version(), opened.counts(), new Cut(opened.recommender(), read));
    EvaluationReport.Row row = Evaluator.of(log, System::nanoTime)
        .holdout(new Holdout.LastClick())
        .excludeClicked(true)
        .model("cut", cut)
        .run()
        .report()
        .rows()
        .getFirst();
    return String.format(
        Locale.ROOT,
        "| %s | %d | %.2f / %.2f |",
        model.getFileName(),
        read,
        100 * row.figure(HR).mean(),
        100 * row.figure(MRR).mean());
  }

  /**
   * Reads the last clicks only.
   *
   * @param whole reads all
   * @param read how many clicks
   */
  private record Cut(Recommender whole, int read) implements Recommender {
    @Override
    public String name() {
      return "cut";
    }

    @Override
    public Vocabulary vocabulary() {
      return whole.vocabulary();
    }

    @Override
    public void score(List<Prefix> prefixes, float[] scores) {
      whole.score(prefixes.stream().map(this::last).toList(), scores);
    }

    private Prefix last(Prefix prefix) {
      int from = Math.max(0, prefix.length() - read);
      long[] times = prefix.times().length == 0
          ? prefix.times()
          : Arrays.copyOfRange(prefix.times(), from, prefix.length());
      int[] clicks = Arrays.copyOfRange(prefix.clicks(), from, prefix.length());
      return new Prefix(clicks, times, clicks.length);
    }
  }

  /** The state of a session of drawn items. */
  private static SessionState after(ServingModel model, int clicks) {
    SplittableRandom random = new SplittableRandom(clicks);
    SessionState state = model.encoder().start();
    for (int i = 0; i < clicks; i++) {
      model.encoder().advance(state, 1 + random.nextInt(model.vocabulary().size()));
    }
    return state;
  }

  /** The median of what a click and its query vector take at a length, in microseconds. */
  private static double click(ServingModel model, int length) {
    SplittableRandom random = new SplittableRandom(length);
    double[] times = new double[RUNS];
    for (int run = 0; run < RUNS; run++) {
      SessionState state = after(model, length);
      long spent = 0;
      for (int i = 0; i < TIMED; i++) {
        int row = 1 + random.nextInt(model.vocabulary().size());
        SessionState.Checkpoint checkpoint = state.checkpoint();
        long start = System.nanoTime();
        model.encoder().advance(state, row);
        model.vector(state);
        spent += System.nanoTime() - start;
        checkpoint.restore();
      }
      times[run] = spent / 1e3 / TIMED;
    }
    Arrays.sort(times);
    return times[RUNS / 2];
  }
}
