package io.attune.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.attune.baseline.Baseline;
import io.attune.evaluation.BaselineComparison;
import io.attune.evaluation.BaselineComparison.Result;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BaselineVerdictTest {
  private static final BaselineComparison BASELINES = new BaselineComparison(
      List.of(result("sr", false, 0.31, 0.21), result("v-sknn", true, 0.5, 0.1)), 19_998, true);

  @Test
  void theBestBaselineStandsBesideAModelThatIsBetter() {
    assertThat(new BaselineVerdict(BASELINES, Map.of("HR@20", 0.6, "MRR@20", 0.3))
            .lines(Path.of("shop")))
        .containsExactly("best baseline on validation: sr HR@20 31.00, MRR@20 21.00, on a sample of"
            + " 19,998 predictions");
  }

  @Test
  void aBetterBaselineIsNamedWithTheCommandsThatGiveIt() {
    assertThat(new BaselineVerdict(BASELINES, Map.of("HR@20", 0.4, "MRR@20", 0.3))
            .lines(Path.of("shop")))
        .hasSize(2)
        .first()
        .asString()
        .startsWith(
            "best baseline on validation: v-sknn without clicked items, HR@20 50.00, MRR@20 10.00");
    assertThat(new BaselineVerdict(BASELINES, Map.of("HR@20", 0.4, "MRR@20", 0.3))
            .lines(Path.of("shop"))
            .getLast())
        .isEqualTo("v-sknn is better at HR@20 (the model has 40.00): measure both in one with"
            + " attune evaluate --model shop --ensemble v-sknn --exclude-clicked, or keep it instead with"
            + " attune train --baseline v-sknn");
  }

  private static Result result(String name, boolean excludeClicked, double hr, double mrr) {
    return new Result(
        Baseline.parse(name),
        excludeClicked,
        Map.of("HR@20", hr, "MRR@20", mrr),
        Map.of("HR@20", 0.01, "MRR@20", 0.01));
  }
}
