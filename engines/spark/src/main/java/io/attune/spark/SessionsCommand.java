package io.attune.spark;

import java.io.IOException;
import java.util.concurrent.Callable;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code sessions}: makes sessions of a log once, for use by several commands. */
@Command(
    name = "sessions",
    description =
        "Groups clicks into sessions and writes a row for each: session_id, items, times.",
    customSynopsis =
        "spark-submit ... attune-spark.jar sessions --sessions PATH --out PATH [OPTION]...",
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class SessionsCommand implements Callable<Integer> {
  @Spec
  private CommandSpec spec;

  @Mixin
  private InputMixin input;

  @Mixin
  private OutputMixin output;

  @Override
  public Integer call() throws IOException {
    input.check();
    SparkSession spark = AttuneSpark.session(spec);
    output.check(spark);
    output.write(input.read(spark));
    input.report();
    return 0;
  }
}
