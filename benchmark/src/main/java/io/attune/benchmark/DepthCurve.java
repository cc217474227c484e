package io.attune.benchmark;

import io.attune.evaluation.EvaluationReport;
import io.attune.evaluation.Evaluator;
import io.attune.incremental.SessionState;
import io.attune.log.ClickLog;
import io.attune.log.LogOptions;
import io.attune.metric.Metric;
import io.attune.model.DriftConfig;
import io.attune.model.EncoderConfig;
import io.attune.model.Model;
import io.attune.model.TransformerConfig;
import io.attune.saved.SavedModel;
import io.attune.serving.ServingModel;
import io.attune.serving.ServingRecommender;
import io.attune.session.Holdout;
import io.attune.session.Sessions;
import io.attune.session.Vocabulary;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * What fewer layers cost and save: HR@20, MRR@20, the time of a click and the size of a state, by
 * the number of layers that a Transformer is served with whose layers share their weights.
 *
 * <pre>
 * mvn -q -Pbenchmark -DskipTests verify -pl benchmark -am \
 *     -Dbenchmark.main=io.attune.benchmark.DepthCurve -Dbenchmark="MODEL LOG HOURS"
 * </pre>
 *
 * <p>The arguments are the directory of a model trained with {@code --set sharing=halting} or
 * {@code shared}, its log, and how many of the last hours of the log were held out.
 */
public final class DepthCurve {
  private static final Metric HR = new Metric(Metric.Measure.HR, 20);
  private static final Metric MRR = new Metric(Metric.Measure.MRR, 20);
  private static final int CLICKS = 200_000;

  private DepthCurve() {}

  public static void main(String[] args) throws IOException {
    Model model = Model.load(Path.of(args[0]));
    Sessions log =
        ClickLog.load(List.of(Path.of(args[1])), LogOptions.standard()).sessions();
    Holdout holdout = new Holdout.Last(Duration.ofHours(Long.parseLong(args[2])));
    System.out.println("| layers | HR@20 / MRR@20 | a click | state after 10 clicks |");
    System.out.println("|---|---|---|---|");
    for (int layers = layers(model.manifest().encoder()); layers > 0; layers--) {
      ServingModel served = ServingModel.of(model).shallower(layers);
      SavedModel shallow =
          new SavedModel.Incremental(new ServingRecommender("served", served), model.counts());
      EvaluationReport.Row row = Evaluator.of(log, System::nanoTime)
          .holdout(holdout)
          .model("served", shallow)
          .run()
          .report()
          .rows()
          .getFirst();
      System.out.printf(
          Locale.ROOT,
          "| %d | %.2f / %.2f | %.1f µs | %,d bytes |%n",
          layers,
          100 * row.figure(HR).mean(),
          100 * row.figure(MRR).mean(),
          click(served, log),
          state(served).bytes());
    }
  }

  private static int layers(EncoderConfig encoder) {
    return switch (encoder) {
      case DriftConfig drift -> layers(drift.encoder());
      case TransformerConfig transformer -> transformer.layers();
      default -> throw new IllegalArgumentException("not a Transformer: " + encoder.kind());
    };
  }

  /** The median of several times that a click and its query vector take, in microseconds. */
  private static double click(ServingModel model, Sessions log) {
    double[] times = new double[7];
    for (int i = 0; i < times.length; i++) {
      long start = System.nanoTime();
      int clicks = 0;
      for (int session = 0; session < log.size() && clicks < CLICKS; session++) {
        SessionState state = model.encoder().start();
        for (int row : rows(model, log, session)) {
          model.encoder().advance(state, row);
          model.vector(state);
          clicks++;
        }
      }
      times[i] = (System.nanoTime() - start) / 1e3 / clicks;
    }
    Arrays.sort(times);
    return times[times.length / 2];
  }

  private static SessionState state(ServingModel model) {
    SessionState state = model.encoder().start();
    for (int i = 0; i < 10; i++) {
      model.encoder().advance(state, 1 + i % model.vocabulary().size());
    }
    return state;
  }

  /** The rows of a session's items in the model, without those that it does not know. */
  private static int[] rows(ServingModel model, Sessions log, int session) {
    return Arrays.stream(log.items(session))
        .map(row -> model.vocabulary().row(log.vocabulary().id(row)))
        .filter(row -> row != Vocabulary.UNKNOWN)
        .toArray();
  }
}
