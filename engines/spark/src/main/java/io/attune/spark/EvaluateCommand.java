package io.attune.spark;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.attune.evaluation.Figures;
import io.attune.evaluation.RankCounts;
import io.attune.metric.Metric;
import io.attune.metric.Metric.Measure;
import io.attune.metric.Ties;
import io.attune.model.AtomicFile;
import io.attune.session.Counts;
import io.attune.session.Filters.UnknownItems;
import io.attune.session.Holdout;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code evaluate}: ranks the true next items of a log. */
@Command(
    name = "evaluate",
    description = "Ranks the true next items of test sessions among all items of a model.",
    customSynopsis =
        "spark-submit ... attune-spark.jar evaluate --sessions PATH --model PATH [OPTION]...",
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class EvaluateCommand implements Callable<Integer> {
  private static final List<Measure> MEASURES = List.of(Measure.HR, Measure.MRR, Measure.NDCG);

  @Spec
  private CommandSpec spec;

  @Mixin
  private InputMixin input;

  @Option(
      names = "--model",
      paramLabel = "PATH",
      required = true,
      description = "The directory of a model or a saved baseline.")
  private String model = "";

  @Option(
      names = "--holdout",
      paramLabel = "none|last-click|7d",
      defaultValue = "none",
      description =
          "What to test: the whole log, the last click of each session, or the sessions of"
              + " the last days, of whole histories the clicks (default: ${DEFAULT-VALUE}).")
  private Holdout holdout = new Holdout.None();

  @Option(
      names = "--cutoffs",
      paramLabel = "K,K",
      split = ",",
      defaultValue = "5,10,20",
      description = "The cutoffs of the metrics (default: ${DEFAULT-VALUE}).")
  private List<Integer> cutoffs = List.of(20);

  @Option(
      names = "--exclude-clicked",
      description = "Do not rank items that the session has clicked.")
  private boolean excludeClicked;

  @Option(
      names = "--unknown-items",
      paramLabel = "miss|drop",
      defaultValue = "miss",
      description = "Count items that the model does not know as misses, or drop them from the test"
          + " as is usual in the literature (default: ${DEFAULT-VALUE}).")
  private UnknownItems unknown = UnknownItems.MISS;

  @Option(
      names = "--ties",
      paramLabel = "conservative|median|optimistic",
      defaultValue = "conservative",
      description = "The rank of a target among items with the same score: last, middle or first"
          + " (default: ${DEFAULT-VALUE}).")
  private Ties ties = Ties.CONSERVATIVE;

  @Option(
      names = "--min-session-length",
      paramLabel = "N",
      defaultValue = "2",
      description = "Leave out sessions of fewer than N clicks (default: ${DEFAULT-VALUE}).")
  private int minSessionLength;

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "Write the results as JSON, on the driver.")
  private @Nullable Path json;

  @Override
  public Integer call() throws IOException {
    EvaluateJob.Protocol protocol = protocol();
    input.check();
    SparkSession spark = AttuneSpark.session(spec);
    ModelFiles files = ModelFiles.of(spark, model);
    Dataset<Row> sessions = input.read(spark);
    EvaluateJob job = new EvaluateJob(spark, files, protocol.ofHistories(input.areHistories()));
    RankCounts counts;
    try {
      counts = job.of(sessions);
    } catch (IllegalArgumentException e) {
      throw new NothingToPredictException(String.valueOf(e.getMessage()), e);
    }
    input.report();
    if (counts.predictions() == 0) {
      throw new NothingToPredictException(
          "nothing to predict: no test session has two clicks"
              + (unknown == UnknownItems.DROP ? " on known items; " + ids(sessions, files) : ""),
          null);
    }
    if (counts.unknownTargets() == counts.predictions()) {
      warn(String.format(
          Locale.ROOT,
          "the model knows none of the items of %s, so that all are misses: %s",
          Counts.of(counts.predictions(), "target"),
          ids(sessions, files)));
    }
    if (excludeClicked && counts.repeatedTargets() > 0) {
      warn(String.format(
          Locale.ROOT,
          "%,d of %s clicked earlier in the session: because of --exclude-clicked, they are misses",
          counts.repeatedTargets(),
          Counts.of(counts.predictions(), "target was", "targets were")));
    }
    print(counts);
    if (json != null) {
      Map<String, Object> tree = tree(counts);
      AtomicFile.replace(
          json,
          beside -> JsonMapper.builder()
              .build()
              .writerWithDefaultPrettyPrinter()
              .writeValue(beside.toFile(), tree));
    }
    return 0;
  }

  /** Examples of ids in the log and in the model, which may be formatted differently. */
  private static String ids(Dataset<Row> sessions, ModelFiles files) {
    List<String> logs = sessions.isEmpty() ? List.of() : sessions.first().getList(1);
    return "the log has " + Figures.examples(logs) + ", the model " + files.examples();
  }

  private void warn(String text) {
    PrintWriter out = spec.root().commandLine().getOut();
    out.println("Warning: " + text);
    out.flush();
  }

  private EvaluateJob.Protocol protocol() {
    if (cutoffs.stream().anyMatch(cutoff -> cutoff < 1)) {
      throw new ParameterException(
          spec.commandLine(), "a cutoff must be 1 or more, not " + Collections.min(cutoffs));
    }
    try {
      return new EvaluateJob.Protocol(
          holdout,
          Collections.max(cutoffs),
          minSessionLength,
          unknown,
          ties,
          excludeClicked,
          false);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  private List<Metric> metrics() {
    return cutoffs.stream()
        .distinct()
        .sorted(Comparator.reverseOrder())
        .flatMap(cutoff -> MEASURES.stream().map(measure -> new Metric(measure, cutoff)))
        .toList();
  }

  private void print(RankCounts counts) {
    PrintWriter out = spec.root().commandLine().getOut();
    out.println(String.format(
        Locale.ROOT,
        "%s in %s; unknown target in %,d, only unknown clicks before it in %,d, tied in %,d",
        Counts.of(counts.predictions(), "prediction"),
        Counts.of(counts.sessions(), "session"),
        counts.unknownTargets(),
        counts.unknownClicks(),
        counts.tied()));
    for (Metric metric : metrics()) {
      out.println(
          String.format(Locale.ROOT, "%-8s %6.2f %%", metric.name(), 100 * counts.mean(metric)));
    }
    out.flush();
  }

  private Map<String, Object> tree(RankCounts counts) {
    Map<String, Double> means = new LinkedHashMap<>();
    metrics().forEach(metric -> means.put(metric.name(), counts.mean(metric)));
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("predictions", counts.predictions());
    tree.put("sessions", counts.sessions());
    tree.put("unknownTargets", counts.unknownTargets());
    tree.put("unknownClicks", counts.unknownClicks());
    tree.put("repeatedTargets", counts.repeatedTargets());
    tree.put("tied", counts.tied());
    tree.put("models", Map.of(model.replaceAll(".*/(?=[^/]+/*$)|/+$", ""), means));
    return tree;
  }

  /** Thrown if there is nothing to test with the given options. */
  static final class NothingToPredictException extends RuntimeException {
    private static final long serialVersionUID = 1;

    NothingToPredictException(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }
}
