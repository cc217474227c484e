package io.attune.benchmark;

import com.sun.management.OperatingSystemMXBean;
import io.attune.encoder.NeuralRecommender;
import io.attune.evaluation.EvaluationReport;
import io.attune.evaluation.Evaluator;
import io.attune.log.ClickLog;
import io.attune.log.LogOptions;
import io.attune.metric.Metric;
import io.attune.model.ComputeDevice;
import io.attune.model.Model;
import io.attune.saved.SavedModel;
import io.attune.session.Filters;
import io.attune.session.LogEnd;
import io.attune.session.SessionStatistics;
import io.attune.session.Sessions;
import io.attune.session.Split;
import io.attune.training.Preset;
import io.attune.training.TrainedModel;
import io.attune.training.Training;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * What growing a model every night is worth: HR@20, MRR@20 and seconds of the model of the first
 * night, of one that is grown each night by the sessions since the last, and of one that is trained
 * anew each night on all sessions so far, each tested on the sessions until the next night, as a
 * table in Markdown.
 *
 * <pre>
 * mvn -q -Pbenchmark -DskipTests verify -pl benchmark -am \
 *     -Dbenchmark.main=io.attune.benchmark.NightlyGrowth \
 *     -Dbenchmark="LOG HOURS NIGHTS [EPOCHS REPLAY [ITEM_COLUMN]]"
 * </pre>
 *
 * <p>The arguments are a click log with times; how many hours lie between two nights; how many
 * nights there are after the first, the last of them so many hours before the end of the log;
 * epochs of a growth and how many known sessions it trains again for each new one, both 0 for the
 * defaults; and the name of the column of items where it is not found by itself. Seconds are
 * processor time of the process so far, which other programs disturb less than the clock.
 */
public final class NightlyGrowth {
  private static final Metric HR = new Metric(Metric.Measure.HR, 20);
  private static final Metric MRR = new Metric(Metric.Measure.MRR, 20);
  private static final List<String> MODELS = List.of("frozen", "grown", "anew");
  private static final long SEED = 1;

  private final Sessions log;
  private final Preset preset;
  private final int epochs;
  private final double replay;
  private final Map<String, Sums> sums = new LinkedHashMap<>();

  /** Sums over predictions, and seconds. */
  private static final class Sums {
    private double hr;
    private double mrr;
    private double predictions;
    private double seconds;

    @Override
    public String toString() {
      return String.format(
          Locale.ROOT, "%.2f / %.2f", 100 * hr / predictions, 100 * mrr / predictions);
    }
  }

  private NightlyGrowth(Sessions log, Preset preset, int epochs, double replay) {
    this.log = log;
    this.preset = preset;
    this.epochs = epochs;
    this.replay = replay;
    MODELS.forEach(name -> sums.put(name, new Sums()));
  }

  public static void main(String[] args) throws IOException {
    LogOptions.Builder options = LogOptions.builder();
    if (args.length > 5) {
      options.itemColumn(args[5]);
    }
    Sessions log = ClickLog.load(List.of(Path.of(args[0])), options.build()).sessions();
    Duration day = Duration.ofHours(Long.parseLong(args[1]));
    int nights = Integer.parseInt(args[2]);
    Instant end = Objects.requireNonNull(LogEnd.of(log)).end().plusMillis(1);
    Instant first = end.minus(day.multipliedBy(nights + 1L));
    Preset preset = Preset.of(SessionStatistics.of(log.before(first), 0));
    int epochs = args.length > 3 ? Integer.parseInt(args[3]) : 0;
    double replay = args.length > 4 ? Double.parseDouble(args[4]) : 0;
    new NightlyGrowth(log, preset, epochs, replay).run(first, day, nights);
  }

  private void run(Instant first, Duration day, int nights) throws IOException {
    System.out.println("| night | frozen | grown | trained anew | seconds grown | anew |");
    System.out.println("|---|---|---|---|---|---|");
    Model frozen = anew(log.before(first), "frozen");
    Model grown = frozen;
    for (int night = 1; night <= nights; night++) {
      Instant now = first.plus(day.multipliedBy(night));
      Sessions known = log.before(now);
      grown = grown(grown, known);
      Model anew = anew(known, "anew");
      evaluate(now, now.plus(day), Map.of("frozen", frozen, "grown", grown, "anew", anew));
    }
    Sums f = sum("frozen");
    Sums g = sum("grown");
    Sums a = sum("anew");
    System.out.printf(
        Locale.ROOT, "| all | %s | %s | %s | %.1f | %.1f |%n", f, g, a, g.seconds, a.seconds);
    System.out.printf(
        Locale.ROOT,
        "of the gain: HR@20 %.1f %%, MRR@20 %.1f %%; of the seconds: %.1f %%%n",
        100 * (g.hr - f.hr) / (a.hr - f.hr),
        100 * (g.mrr - f.mrr) / (a.mrr - f.mrr),
        100 * g.seconds / a.seconds);
  }

  private Sums sum(String name) {
    return Objects.requireNonNull(sums.get(name));
  }

  private Model anew(Sessions known, String name) {
    return train(Training.of(known, System::nanoTime).preset(preset).seed(SEED), name);
  }

  private Model grown(Model model, Sessions known) {
    Training training = Training.from(model, known, System::nanoTime);
    if (epochs > 0) {
      training
          .training(Training.config(model.manifest()).growing().toBuilder()
              .epochs(epochs)
              .build())
          .replay(replay);
    }
    return train(training, "grown");
  }

  private Model train(Training training, String name) {
    long start = processorTime();
    TrainedModel trained = training.device(ComputeDevice.CPU).train();
    sum(name).seconds += (processorTime() - start) / 1e9;
    return trained.model();
  }

  private static long processorTime() {
    return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
  }

  private void evaluate(Instant from, Instant to, Map<String, Model> models) throws IOException {
    Sessions test = Split.at(log.before(to), from).test();
    Map<String, SavedModel> opened = new LinkedHashMap<>();
    try {
      Evaluator evaluator = Evaluator.of(test, System::nanoTime)
          .filters(new Filters(preset.filters().minSessionLength(), 1))
          .cutoffs(List.of(20));
      for (String name : MODELS) {
        Model model = Objects.requireNonNull(models.get(name));
        opened.put(
            name,
            new SavedModel.Engine(model, NeuralRecommender.load(model, name, ComputeDevice.CPU)));
        evaluator.model(name, Objects.requireNonNull(opened.get(name)));
      }
      EvaluationReport report = evaluator.run().report();
      StringBuilder line = new StringBuilder("| " + from + " |");
      for (EvaluationReport.Row row : report.rows()) {
        Sums sum = sum(row.name());
        double hr = row.figure(HR).mean();
        double mrr = row.figure(MRR).mean();
        sum.hr += hr * report.predictions();
        sum.mrr += mrr * report.predictions();
        sum.predictions += report.predictions();
        line.append(String.format(Locale.ROOT, " %.2f / %.2f |", 100 * hr, 100 * mrr));
      }
      System.out.printf(
          Locale.ROOT, "%s %.1f | %.1f |%n", line, sum("grown").seconds, sum("anew").seconds);
    } finally {
      opened.values().forEach(SavedModel::close);
    }
  }
}
