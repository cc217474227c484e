package io.attune.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.attune.evaluation.Evaluation;
import io.attune.evaluation.Metric;
import io.attune.evaluation.Ranks;
import io.attune.model.AtomicFile;
import io.attune.recommender.Recommender;
import io.attune.session.Sessions;
import io.attune.session.Split;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The figures of several recommenders on one test: for people as text, for machines as JSON. */
final class EvaluationTable {

  /** What one recommender did, and how long it took. */
  private record Row(Ranks ranks, double seconds) {}

  private final Evaluation evaluation;
  private final List<Metric> metrics;
  private final List<Row> rows = new ArrayList<>();

  EvaluationTable(Evaluation evaluation, List<Metric> metrics) {
    this.evaluation = evaluation;
    this.metrics = List.copyOf(metrics);
  }

  /** How many predictions these sessions are. */
  static int predictions(Sessions test, Split.Targets targets) {
    int count = 0;
    for (int session = 0; session < test.size(); session++) {
      int possible = Math.max(0, test.length(session) - 1);
      count += targets == Split.Targets.LAST ? Math.min(1, possible) : possible;
    }
    return count;
  }

  /** Adds a row for a recommender; how far it is goes to the console. */
  void evaluate(Recommender recommender, Sessions test, Console console) throws CommandFailure {
    int total = predictions(test, evaluation.targets());
    long start = console.nanoTime().getAsLong();
    try {
      Ranks ranks = evaluation.of(
          recommender,
          test,
          made -> console.state(() -> progress(recommender, made, total, start, console)));
      double seconds = console.since(start);
      rows.add(new Row(ranks, seconds));
      console.line("%s: %s in %s, %s/s"
          .formatted(
              recommender.name(),
              Figures.count(total, "prediction"),
              Figures.seconds(seconds),
              Figures.count(Math.round(total / seconds))));
    } catch (ArithmeticException e) {
      // A score that is no number.
      throw new CommandFailure(e);
    }
  }

  private static String progress(
      Recommender recommender, int made, int total, long start, Console console) {
    double share = (double) made / total;
    return "%s %s%2.0f %% of %s, %,.0f/s"
        .formatted(
            recommender.name(),
            console.bar(share),
            100 * share,
            Figures.count(total, "prediction"),
            made / console.since(start));
  }

  /** One line a recommender below a header; metrics in percent. */
  List<String> lines() {
    List<String> header = new ArrayList<>(List.of("model"));
    metrics.forEach(metric -> header.add(metric.name()));
    header.addAll(List.of("predictions", "sessions", "unknown targets", "unknown clicks"));
    TextTable table = new TextTable(header);
    for (Row row : rows) {
      Ranks ranks = row.ranks();
      Stream<String> figures = metrics.stream().map(metric -> Figures.percent(ranks.mean(metric)));
      Stream<String> counts = Stream.of(
              ranks.predictions(), ranks.sessions(), ranks.unknownTargets(), ranks.unknownClicks())
          .map(Figures::count);
      table.add(Stream.concat(Stream.of(ranks.recommender()), Stream.concat(figures, counts))
          .toList());
    }
    return table.lines();
  }

  /**
   * Writes the figures, metrics as fractions.
   *
   * @param conditions further values by name
   */
  void writeJson(Path file, Map<String, Object> conditions) throws IOException {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("predictions", rows.getFirst().ranks().predictions());
    Map<String, Map<String, Double>> models = new LinkedHashMap<>();
    Map<String, Map<String, Integer>> unknown = new LinkedHashMap<>();
    Map<String, Double> seconds = new LinkedHashMap<>();
    for (Row row : rows) {
      Ranks ranks = row.ranks();
      Map<String, Double> figures = new LinkedHashMap<>();
      metrics.forEach(metric -> figures.put(metric.name(), ranks.mean(metric)));
      models.put(ranks.recommender(), figures);
      unknown.put(
          ranks.recommender(),
          Map.of("targets", ranks.unknownTargets(), "clicks", ranks.unknownClicks()));
      seconds.put(ranks.recommender(), row.seconds());
    }
    tree.put("models", models);
    tree.put("sessions", rows.getFirst().ranks().sessions());
    tree.put("unknown", unknown);
    tree.put("seconds", seconds);
    tree.putAll(conditions);
    AtomicFile.replace(
        file,
        beside -> JsonMapper.builder()
            .build()
            .writerWithDefaultPrettyPrinter()
            .writeValue(beside.toFile(), tree));
  }
}
