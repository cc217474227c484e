package io.attune.spark;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;

/**
 * Submits the Spark jobs with a Parquet log of the simulated shop, and compares their output with
 * that of {@code attune recommend} on the same files.
 *
 * <p>Arguments: the jar of the jobs, the folder of a quickstart, an output folder, the launcher
 * {@code attune}, and {@code local}, {@code cluster}, or {@code measure}, which measures the cost
 * of a session with the log repeated {@value #TIMES} times. A single argument is a file to which
 * the JDK's folder and the class path of this process are written, in two lines.
 */
public final class ShopExample {
  private static final int TIMES = 2;

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private static final String QUIET = """
      rootLogger.level = warn
      rootLogger.appenderRef.stderr.ref = stderr
      appender.stderr.type = Console
      appender.stderr.name = stderr
      appender.stderr.target = SYSTEM_ERR
      appender.stderr.layout.type = PatternLayout
      appender.stderr.layout.pattern = %p %c{1}: %m%n
      logger.native.name = org.apache.hadoop.util.NativeCodeLoader
      logger.native.level = error
      logger.utils.name = org.apache.spark.util.Utils
      logger.utils.level = error
      """;

  private final Path jar;
  private final Path shop;
  private final Path folder;
  private final Path attune;
  private final Path home;
  private final PrintStream out;
  private final Children children = new Children();

  private ShopExample(Path jar, Path shop, Path folder, Path attune, PrintStream out)
      throws IOException {
    this.jar = jar;
    this.shop = shop;
    this.folder = Files.createDirectories(folder);
    this.attune = attune;
    this.home = SparkHome.make(folder.resolve("spark"));
    this.out = out;
    Files.writeString(quiet(), QUIET);
    Files.createDirectories(events());
  }

  /** Runs the example; see the class for its arguments. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    if (arguments.length == 1) {
      Files.write(
          Path.of(arguments[0]),
          List.of(System.getProperty("java.home"), System.getProperty("java.class.path")));
      return;
    }
    if (arguments.length != 5) {
      System.err.println("usage: ShopExample JAR SHOP FOLDER ATTUNE local|cluster|measure");
      System.exit(2);
    }
    ShopExample example = new ShopExample(
        Path.of(arguments[0]),
        Path.of(arguments[1]),
        Path.of(arguments[2]),
        Path.of(arguments[3]),
        System.out);
    System.setProperty("log4j2.configurationFile", example.quiet().toString());
    switch (arguments[4]) {
      case "cluster" -> example.show("local-cluster[2,1,1024]");
      case "measure" -> example.measure();
      default -> example.show("local[2]");
    }
  }

  private void show(String master) throws IOException, InterruptedException {
    Path log = folder.resolve("clicks");
    Path made = folder.resolve("next");
    Path alone = folder.resolve("alone.parquet");
    try (SparkSession spark = spark()) {
      clicks(spark, 1).coalesce(2).write().mode("overwrite").parquet(log.toString());
    }
    submit(
        master,
        "recommend",
        "--sessions",
        log,
        "--model",
        model(),
        "--top",
        "20",
        "--out",
        made,
        "--overwrite");
    submit(master, "evaluate", "--sessions", log, "--model", model(), "--holdout", "7d");
    attune("recommend", files(log), "--model", model(), "--top", "20", "--out", alone);
    try (SparkSession spark = spark()) {
      compare(spark, made, alone);
    }
  }

  private void compare(SparkSession spark, Path made, Path alone) {
    Dataset<Row> spread = spark.read().parquet(made.toString());
    out.println("\nThe first rows:");
    spread.show(5, false);
    Dataset<Row> single = spark.read().parquet(alone.toString());
    Row row = spread
        .as("a")
        .join(
            single.as("b"),
            functions.expr("a.session_id = b.session_id and a.rank = b.rank"),
            "full_outer")
        .select(
            functions.count("*"),
            functions.count_if(functions.expr("a.item_id = b.item_id")),
            functions.max(functions.expr("abs(a.score - b.score) / abs(b.score)")))
        .first();
    out.printf(
        Locale.ROOT,
        "Compared with `attune recommend`, which encodes with the tensor engine: %,d of %,d rows have"
            + " the same item; the largest relative difference of scores is %.1e.%n",
        row.getLong(1),
        row.getLong(0),
        row.getDouble(2));
  }

  private void measure() throws IOException, InterruptedException {
    Path log = folder.resolve("many-clicks");
    Path sessions = folder.resolve("many-sessions");
    try (SparkSession spark = spark()) {
      clicks(spark, TIMES).coalesce(4).write().mode("overwrite").parquet(log.toString());
    }
    submit("local[2]", "sessions", "--sessions", log, "--out", sessions, "--overwrite");
    processorSeconds();
    attune(
        "recommend",
        files(log),
        "--model",
        model(),
        "--top",
        "20",
        "--threads",
        "1",
        "--out",
        folder.resolve("alone.parquet"));
    for (Path input : List.of(sessions, log)) {
      for (String master : List.of("local-cluster[1,1,1024]", "local-cluster[2,1,1024]")) {
        submit(
            master,
            "recommend",
            "--sessions",
            input,
            "--model",
            model(),
            "--top",
            "20",
            "--out",
            folder.resolve("next"),
            "--overwrite");
        out.printf(Locale.ROOT, "CPU time of all tasks: %.1f s%n", processorSeconds());
      }
    }
  }

  /** The CPU time of the tasks of the last application. */
  private double processorSeconds() throws IOException {
    double nanos = 0;
    try (Stream<Path> files = Files.list(events())) {
      for (Path file : files.toList()) {
        for (String line : Files.readAllLines(file)) {
          JsonNode event = JSON.readTree(line);
          if (event.path("Event").asText().equals("SparkListenerTaskEnd")) {
            nanos += event.at("/Task Metrics/Executor CPU Time").asDouble();
          }
        }
        Files.delete(file);
      }
    }
    return nanos / 1e9;
  }

  private Path events() {
    return folder.resolve("events");
  }

  /** The clicks of the shop, with each session repeated under different ids. */
  private Dataset<Row> clicks(SparkSession spark, int times) {
    return spark
        .read()
        .option("header", true)
        .csv(shop.resolve("clicks.csv").toString())
        .withColumn(
            "copy", functions.explode(functions.sequence(functions.lit(1), functions.lit(times))))
        .select(
            functions.expr("concat(session_id, '-', copy)").as("session_id"),
            functions.col("item_id"),
            functions.expr("cast(timestamp as timestamp)").as("timestamp"));
  }

  private static SparkSession spark() {
    return SparkSession.builder()
        .master("local[2]")
        .config("spark.ui.enabled", false)
        .getOrCreate();
  }

  private void submit(String master, Object... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "--enable-native-access=ALL-UNNAMED",
        "-Dlog4j2.configurationFile=" + quiet(),
        "-cp",
        home.resolve("jars") + "/*",
        "org.apache.spark.deploy.SparkSubmit",
        "--master",
        master,
        "--conf",
        "spark.ui.enabled=false",
        "--conf",
        "spark.eventLog.enabled=true",
        "--conf",
        "spark.eventLog.rolling.enabled=false",
        "--conf",
        "spark.eventLog.compress=false",
        "--conf",
        "spark.eventLog.dir=" + events().toUri(),
        jar.toString()));
    out.printf("%n$ spark-submit --master %s attune-spark.jar %s%n", master, words(arguments));
    run(command, arguments);
  }

  private void attune(Object... arguments) throws IOException, InterruptedException {
    out.printf("%n$ attune %s%n", words(arguments));
    run(new ArrayList<>(List.of(attune.toString())), arguments);
  }

  private void run(List<String> command, Object... arguments)
      throws IOException, InterruptedException {
    out.flush();
    command.addAll(flat(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
    builder
        .environment()
        .putAll(Map.of(
            "SPARK_HOME", home.toString(),
            "SPARK_SCALA_VERSION", "2.13",
            "SPARK_LOCAL_IP", "127.0.0.1"));
    int code = children.run(builder);
    if (code != 0) {
      throw new IOException("the command failed with exit code " + code);
    }
  }

  private String words(Object... arguments) {
    return String.join(" ", flat(arguments)).replace(folder + "/", "").replace(shop + "/", "");
  }

  private static List<String> flat(Object... arguments) {
    return Stream.of(arguments)
        .flatMap(each -> each instanceof List<?> many ? many.stream() : Stream.of(each))
        .map(Object::toString)
        .toList();
  }

  private static List<Path> files(Path log) throws IOException {
    return Logs.files(log);
  }

  private Path model() {
    return shop.resolve("model");
  }

  private Path quiet() {
    return folder.resolve("log4j2.properties");
  }
}
