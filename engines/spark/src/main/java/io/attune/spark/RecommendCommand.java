package io.attune.spark;

import io.attune.batch.BatchOptions;
import io.attune.batch.BatchOptions.Fallback;
import io.attune.session.Counts;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code recommend}: recommends items for all sessions of a log. */
@Command(
    name = "recommend",
    description = "Recommends the next items for all sessions of a log.",
    customSynopsis = "spark-submit ... attune-spark.jar recommend --sessions PATH --model PATH"
        + " --top K --out PATH [OPTION]...",
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class RecommendCommand implements Callable<Integer> {
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
      names = "--top",
      paramLabel = "K",
      defaultValue = "20",
      description = "The number of items per session (default: ${DEFAULT-VALUE}).")
  private int top;

  @Mixin
  private OutputMixin output;

  @Option(
      names = "--exclude-clicked",
      description = "Do not recommend items that the session has clicked.")
  private boolean excludeClicked;

  @Option(
      names = "--min-score",
      paramLabel = "S",
      description = "Leave out items with a lower score, on the scale of the model.")
  private @Nullable Float minScore;

  @Option(
      names = "--fallback",
      paramLabel = "popular|none",
      defaultValue = "popular",
      description = "What to recommend for sessions without known items: the most clicked items of"
          + " the training data, marked as fallback, or nothing (default: ${DEFAULT-VALUE}).")
  private Fallback fallback = Fallback.POPULAR;

  @Option(
      names = "--candidates",
      paramLabel = "PATH",
      description = "Recommend only the items of this text file with an id in each line.")
  private @Nullable String candidates;

  @Override
  public Integer call() throws IOException {
    BatchOptions options = options();
    input.check();
    SparkSession spark = AttuneSpark.session(spec);
    output.check(spark);
    ModelFiles files = ModelFiles.of(spark, model);
    RecommendJob job = new RecommendJob(spark, files, options, candidates(spark));
    long start = System.nanoTime();
    output.write(job.of(input.read(spark)));
    double seconds = (System.nanoTime() - start) / 1e9;
    input.report();
    JobCounts made = job.counts();
    long sessions = made.of(Count.SESSIONS);
    PrintWriter err = spec.root().commandLine().getErr();
    if (made.of(Count.UNKNOWN_CLICKS) > 0) {
      err.println(String.format(
          Locale.ROOT,
          "skipped %,d of %s on items that the model does not know",
          made.of(Count.UNKNOWN_CLICKS),
          Counts.of(made.of(Count.CLICKS), "click")));
    }
    err.println(String.format(
        Locale.ROOT,
        "recommended for %s in %.1f s, %,d/s",
        Counts.of(sessions, "session"),
        seconds,
        Math.round(sessions / seconds)));
    PrintWriter out = spec.root().commandLine().getOut();
    out.println(String.format(
        Locale.ROOT,
        "%s: %s for %s; popular items for %,d, nothing for %,d",
        output.path(),
        Counts.of(made.of(Count.ITEMS), "recommendation"),
        Counts.of(sessions, "session"),
        made.of(Count.FALLBACKS),
        made.of(Count.EMPTY)));
    out.flush();
    return 0;
  }

  private BatchOptions options() {
    try {
      return new BatchOptions(top, excludeClicked, minScore, fallback);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  private @Nullable List<String> candidates(SparkSession spark) {
    return candidates == null
        ? null
        : spark.read().textFile(candidates).collectAsList().stream()
            .map(String::strip)
            .filter(line -> !line.isEmpty())
            .toList();
  }
}
