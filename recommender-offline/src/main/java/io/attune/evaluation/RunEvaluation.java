package io.attune.evaluation;

import io.attune.evaluation.EvaluationReport.Entry;
import io.attune.evaluation.EvaluationReport.Kind;
import io.attune.metric.Ties;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Evaluates TREC runs, produced by any tool, against relevance judgements. */
public final class RunEvaluation {
  private RunEvaluation() {}

  /**
   * Evaluates runs.
   *
   * @param runs the files of the runs by name, in the order of the report
   * @param qrels the file of relevance judgements
   * @param listener receives problems that make the results less reliable
   * @throws IOException if a file cannot be read, or a line is malformed
   * @throws IllegalArgumentException if no query of a run has judgements
   */
  public static EvaluationReport of(
      Map<String, Path> runs,
      Path qrels,
      List<Integer> cutoffs,
      Ties ties,
      EvaluationListener listener)
      throws IOException {
    Map<String, Map<String, Double>> judged = TrecFile.readQrels(qrels);
    List<EvaluatedRun> evaluated = new ArrayList<>();
    for (Map.Entry<String, Path> run : runs.entrySet()) {
      evaluated.add(EvaluatedRun.of(run.getKey(), TrecFile.readRun(run.getValue()), judged, ties));
    }
    List<String> findings = findings(evaluated, ties);
    findings.forEach(listener::onFinding);
    Map<String, Object> conditions = new LinkedHashMap<>();
    conditions.put("qrels", qrels.toString());
    conditions.put("ties", ties.name().toLowerCase(Locale.ROOT));
    int[] queries = evaluated.getFirst().clusters();
    return EvaluationReport.of(
        conditions,
        List.of(),
        findings,
        cutoffs,
        evaluated.stream().map(run -> new Entry(run, Kind.MODEL, null)).toList(),
        queries,
        (int) Arrays.stream(queries).distinct().count(),
        List.of());
  }

  private static List<String> findings(List<EvaluatedRun> runs, Ties ties) {
    List<String> findings = new ArrayList<>();
    for (int i = 0; i < runs.size(); i++) {
      EvaluatedRun run = runs.get(i);
      if (!run.unjudged().isEmpty()) {
        findings.add("%s has results for %s without judgements, ignored: %s"
            .formatted(
                run.name(),
                Figures.count(run.unjudged().size(), "query", "queries"),
                Figures.examples(run.unjudged())));
      }
      if (i == 0 && !run.irrelevant().isEmpty()) {
        findings.add("%s no relevant document in the qrels, ignored: %s"
            .formatted(
                Figures.count(run.irrelevant().size(), "query has", "queries have"),
                Figures.examples(run.irrelevant())));
      }
      if (run.missing() > 0) {
        findings.add("%s has no results for %s of %s, which count as misses"
            .formatted(
                run.name(),
                Figures.count(run.missing()),
                Figures.count(run.queries().size(), "query", "queries")));
      }
      if (run.tied() > 0) {
        findings.add("%s ties relevant documents with others in %s (--ties %s)"
            .formatted(
                run.name(),
                Figures.count(run.tied(), "query", "queries"),
                ties.name().toLowerCase(Locale.ROOT)));
      }
    }
    return findings;
  }
}
