package io.attune.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SequenceMeasureTest {
  @ParameterizedTest
  @CsvSource({
    // foretold, rest: P, R, both in order
    "1 2 3, 1 2 3, 1, 1, 1, 1",
    "3 2 1, 1 2 3, 1, 1, 0.333333, 0.333333",
    "1 2 3 4, 9 2 4 4 0, 0.5, 0.5, 0.5, 0.4", // distinct in the rest: 9, 2, 4 and an unknown one
    "5 5 5, 5 6, 0.333333, 0.5, 0.333333, 0.5",
    "7 8, 1, 0, 0, 0, 0",
    "'', 1, 0, 0, 0, 0",
  })
  void whatIsForetoldIsComparedWithTheRest(
      String foretold, String rest, double p, double r, double orderedP, double orderedR) {
    Map<SequenceMeasure, Double> expected = Map.of(
        SequenceMeasure.PRECISION, p,
        SequenceMeasure.RECALL, r,
        SequenceMeasure.ORDERED_PRECISION, orderedP,
        SequenceMeasure.ORDERED_RECALL, orderedR);
    expected.forEach((measure, value) -> assertThat(measure.value(rows(foretold), rows(rest)))
        .as(measure.label())
        .isCloseTo(value, within(1e-6)));
  }

  private static int[] rows(String text) {
    return text.isEmpty()
        ? new int[0]
        : Arrays.stream(text.split(" ")).mapToInt(Integer::parseInt).toArray();
  }
}
