package io.attune.benchmark;

import io.attune.baseline.Baseline;
import io.attune.evaluation.EvaluationReport;
import io.attune.evaluation.Evaluator;
import io.attune.log.ClickLog;
import io.attune.log.LogOptions;
import io.attune.metric.Metric;
import io.attune.model.ComputeDevice;
import io.attune.model.EncoderConfig;
import io.attune.saved.SavedModel;
import io.attune.session.Filters;
import io.attune.session.Holdout;
import io.attune.session.Sessions;
import io.attune.session.Split;
import io.attune.training.Preset;
import io.attune.training.Training;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * How much data each encoder needs: HR@20 and MRR@20 of encoders and baselines that are trained on
 * a share of the training sessions, on the same test, as a table in Markdown. A share is drawn over
 * the whole time of the log and contains the smaller ones. Whatever an item's support, it is
 * learned; items that a share does not contain count as misses.
 *
 * <pre>
 * mvn -q -Pbenchmark -DskipTests verify -pl benchmark -am \
 *     -Dbenchmark.main=io.attune.benchmark.LearningCurve -Dbenchmark="LOG HOURS [ITEM_COLUMN]"
 * </pre>
 *
 * <p>The arguments are a click log, how many of its last hours are the test, and the name of the
 * column of items where it is not found by itself.
 */
public final class LearningCurve {
  private static final double[] SHARES = {0.01, 0.03, 0.1, 0.3, 1};
  private static final List<String> ENCODERS =
      List.of("stamp", "gru", "convolution", "narm", "transformer");
  private static final String BASELINES = "pop,item-knn,sr,stan";
  private static final Metric HR = new Metric(Metric.Measure.HR, 20);
  private static final Metric MRR = new Metric(Metric.Measure.MRR, 20);
  private static final long SEED = 1;

  private LearningCurve() {}

  public static void main(String[] args) throws IOException {
    LogOptions.Builder options = LogOptions.builder();
    if (args.length > 2) {
      options.itemColumn(args[2]);
    }
    Sessions log = ClickLog.load(List.of(Path.of(args[0])), options.build()).sessions();
    Holdout holdout = new Holdout.Last(Duration.ofHours(Long.parseLong(args[1])));
    Split split = holdout.split(log);
    Preset preset = Preset.of(Preset.statistics(log, holdout));
    int[] order = shuffled(split.trainable().size());
    Map<String, StringBuilder> lines = new LinkedHashMap<>();
    StringBuilder header = new StringBuilder("| training sessions |");
    for (double share : SHARES) {
      int[] chosen = Arrays.copyOf(order, (int) Math.ceil(share * order.length));
      Arrays.sort(chosen);
      header.append(String.format(Locale.ROOT, " %,d (%.0f %%) |", chosen.length, 100 * share));
      Sessions train = split.trainable().select(chosen);
      for (EvaluationReport.Row row : evaluate(train, split.test(), preset).rows()) {
        lines
            .computeIfAbsent(row.name(), name -> new StringBuilder("| " + name + " |"))
            .append(String.format(
                Locale.ROOT,
                " %.2f / %.2f |",
                100 * row.figure(HR).mean(),
                100 * row.figure(MRR).mean()));
        System.err.printf("%.2f %s%n", share, lines.get(row.name()));
      }
    }
    System.out.println(header);
    System.out.println("|---" + "|---".repeat(SHARES.length) + "|");
    lines.values().forEach(System.out::println);
  }

  private static int[] shuffled(int size) {
    Integer[] order = IntStream.range(0, size).boxed().toArray(Integer[]::new);
    Collections.shuffle(Arrays.asList(order), new SplittableRandom(SEED));
    return Arrays.stream(order).mapToInt(i -> i).toArray();
  }

  private static EvaluationReport evaluate(Sessions train, Sessions test, Preset preset)
      throws IOException {
    Path folder = Files.createTempDirectory("curve");
    Map<String, SavedModel> models = new LinkedHashMap<>();
    try {
      Evaluator evaluator = Evaluator.of(test, System::nanoTime)
          .filters(Filters.none())
          .trainBaselinesOn(train)
          .baselines(Baseline.parseAll(BASELINES));
      for (String name : ENCODERS) {
        Path directory = folder.resolve(name);
        EncoderConfig encoder = name.equals("transformer")
            ? preset.encoder()
            : Objects.requireNonNull(EncoderConfig.defaults().get(name));
        Training.of(train, System::nanoTime)
            .preset(preset)
            .filters(new Filters(2, 1))
            .encoder(encoder)
            .seed(SEED)
            .train()
            .save(directory);
        models.put(name, SavedModel.open(directory, name, ComputeDevice.CPU));
        evaluator.model(name, models.get(name));
      }
      return evaluator.run().report();
    } finally {
      models.values().forEach(SavedModel::close);
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }
}
