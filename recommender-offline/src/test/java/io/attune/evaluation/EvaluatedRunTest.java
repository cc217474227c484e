package io.attune.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.attune.metric.Metric;
import io.attune.metric.Metric.Measure;
import io.attune.metric.Ties;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvaluatedRunTest {
  private static final Metric NDCG = new Metric(Measure.NDCG, 5);
  private static final Metric MRR = new Metric(Measure.MRR, 5);

  @TempDir
  private Path folder;

  @Test
  void ndcgUsesGradesAndNegativeGradesAreNotRelevant() throws IOException {
    String qrels = "q1 0 a 3\nq1 0 b 2\nq1 0 c 1\nq1 0 d 0\nq1 0 e -2\n";
    // As trec_eval's ndcg_cut_5; by hand in MetricTest.
    assertThat(judge("a b c d e", qrels).values(NDCG)).containsExactly(1);
    assertThat(judge("c b a d e", qrels).values(NDCG)[0]).isCloseTo(0.7900, within(5e-5));
    assertThat(judge("e d c b a", qrels).values(NDCG)[0]).isCloseTo(0.5296, within(5e-5));
    assertThat(judge("e d c b a", qrels).values(MRR)).containsExactly(1 / 3.0);
  }

  @Test
  void theIdealIncludesRelevantDocumentsThatWereNotFound() throws IOException {
    // Only b is found, at rank 1: 1 of 2 + 1 / log2(3).
    assertThat(judge("b", "q1 0 a 2\nq1 0 b 1\n").values(NDCG)[0])
        .isCloseTo(1 / (2 + 1 / 1.584962500721156), within(1e-12));
  }

  @Test
  void unjudgedQueriesAreIgnoredAndMissingOnesAreMisses() throws IOException {
    EvaluatedRun run = EvaluatedRun.of(
        "run",
        TrecFile.readRun(write("q1 Q0 a 1 3 x\nq1 Q0 b 2 2 x\nq3 Q0 c 1 9 x\n")),
        TrecFile.readQrels(write("q1 0 b 1\nq2 0 a 1\nq4 0 a 0\n")),
        Ties.CONSERVATIVE);
    assertThat(run.queries()).containsExactly("q1", "q2");
    assertThat(run.unjudged()).containsExactly("q3");
    assertThat(run.irrelevant()).containsExactly("q4");
    assertThat(run.missing()).isEqualTo(1);
    assertThat(run.values(MRR)).containsExactly(0.5, 0);
  }

  @Test
  void aRunWithoutJudgedQueriesIsRejectedWithExamples() throws IOException {
    Path run = write("01 Q0 a 1 3 x\n02 Q0 a 1 3 x\n03 Q0 a 1 3 x\n04 Q0 a 1 3 x\n");
    Path qrels = write("1 0 a 1\n2 0 a 1\n");
    assertThatThrownBy(() -> EvaluatedRun.of(
            "run", TrecFile.readRun(run), TrecFile.readQrels(qrels), Ties.CONSERVATIVE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "no query of run has judgements: the run has 01, 02, 03, …, the qrels have 1, 2");
  }

  @Test
  void tiesOfGradesCountAgainstTheRunByDefault() throws IOException {
    Path run = write("q1 Q0 x 1 1 t\nq1 Q0 a 2 1 t\nq1 Q0 b 3 1 t\n");
    Path qrels = write("q1 0 a 3\nq1 0 b 1\n");
    assertThat(gains(run, qrels, Ties.CONSERVATIVE)).containsExactly(0, 1, 3);
    assertThat(gains(run, qrels, Ties.MEDIAN)).containsExactly(0, 1, 3);
    assertThat(gains(run, qrels, Ties.OPTIMISTIC)).containsExactly(3, 1, 0);
    // Only relevant documents tie, but their grades differ.
    Path both = write("q1 Q0 a 2 1 t\nq1 Q0 b 3 1 t\n");
    assertThat(
            EvaluatedRun.of("run", TrecFile.readRun(both), TrecFile.readQrels(qrels), Ties.MEDIAN)
                .tied())
        .isEqualTo(1);
  }

  @Test
  void anInfiniteRelevanceIsRejected() throws IOException {
    Path qrels = write("q1 0 a Infinity\n");
    assertThatThrownBy(() -> TrecFile.readQrels(qrels))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(":1: the relevance 'Infinity' is not finite");
  }

  private static double[] gains(Path run, Path qrels, Ties ties) throws IOException {
    return EvaluatedRun.of("run", TrecFile.readRun(run), TrecFile.readQrels(qrels), ties)
        .gains()
        .getFirst();
  }

  /** A run of one query with these documents, best first. */
  private EvaluatedRun judge(String documents, String qrels) throws IOException {
    StringBuilder run = new StringBuilder();
    List<String> order = List.of(documents.split(" "));
    for (int i = 0; i < order.size(); i++) {
      run.append(String.format(Locale.ROOT, "q1 Q0 %s %d %d x\n", order.get(i), i + 1, 9 - i));
    }
    return EvaluatedRun.of(
        "run",
        TrecFile.readRun(write(run.toString())),
        TrecFile.readQrels(write(qrels)),
        Ties.CONSERVATIVE);
  }

  private Path write(String content) throws IOException {
    return Files.writeString(Files.createTempFile(folder, "case", ".trec"), content);
  }
}
