package io.attune.cli;

import io.attune.cli.EvaluationReport.Entry;
import io.attune.cli.EvaluationReport.Kind;
import io.attune.evaluation.EvaluatedRun;
import io.attune.evaluation.Examples;
import io.attune.evaluation.TrecFile;
import io.attune.metric.Ties;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** Evaluates runs of whatever search engine or recommender, by relevance judgements. */
final class RunEvaluation {
  private RunEvaluation() {}

  /**
   * Evaluates.
   *
   * @param alone whether neither logs nor models were named, which have no place here
   */
  static EvaluationReport of(
      CommandSpec spec,
      List<Path> runs,
      @Nullable Path qrels,
      boolean alone,
      List<Integer> cutoffs,
      Ties ties)
      throws IOException, CommandFailure {
    if (runs.isEmpty() || qrels == null || !alone) {
      throw new ParameterException(
          spec.commandLine(),
          "--run=FILE and --qrels=FILE go together, without a LOG or a --model");
    }
    Map<String, Map<String, Double>> judged = TrecFile.qrels(qrels);
    Console console = Console.of(spec);
    List<Entry> entries = new ArrayList<>();
    List<String> findings = new ArrayList<>();
    List<String> names = ModelNames.of(runs, Set.of());
    int[] clusters = {};
    for (int i = 0; i < runs.size(); i++) {
      try {
        EvaluatedRun run = EvaluatedRun.of(names.get(i), TrecFile.run(runs.get(i)), judged, ties);
        clusters = run.clusters();
        entries.add(new Entry(run, Kind.MODEL, null));
        if (!run.unjudged().isEmpty()) {
          findings.add("%s has results for %s that the qrels do not judge, left out: %s"
              .formatted(
                  run.name(),
                  Figures.count(run.unjudged().size(), "query", "queries"),
                  Examples.of(run.unjudged())));
        }
        if (i == 0 && !run.irrelevant().isEmpty()) {
          findings.add("%s of the qrels %s no relevant document, left out: %s"
              .formatted(
                  Figures.count(run.irrelevant().size(), "query", "queries"),
                  run.irrelevant().size() == 1 ? "has" : "have",
                  Examples.of(run.irrelevant())));
        }
        if (run.missing() > 0) {
          findings.add("%s has no results for %s of %s, which count as misses"
              .formatted(
                  run.name(),
                  Figures.count(run.missing()),
                  Figures.count(run.queries().size(), "query", "queries")));
        }
        if (run.tied() > 0) {
          findings.add("%s ties relevant documents with others in %s: --ties %s"
              .formatted(
                  run.name(),
                  Figures.count(run.tied(), "query", "queries"),
                  ties.name().toLowerCase(Locale.ROOT)));
        }
      } catch (IllegalArgumentException e) {
        throw new CommandFailure(e);
      }
    }
    findings.forEach(console::warn);
    Map<String, Object> conditions = new LinkedHashMap<>();
    conditions.put("qrels", qrels.toString());
    conditions.put("ties", ties.name().toLowerCase(Locale.ROOT));
    int sessions = (int) Arrays.stream(clusters).distinct().count();
    return EvaluationReport.of(
        conditions, List.of(), findings, cutoffs, entries, clusters, sessions, List.of());
  }
}
