package io.attune.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.attune.examples.InterleavingSimulation.Run;
import io.attune.online.OnlineComparison.Outcome;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class InterleavingSimulationTest {
  private static final int RUNS = 100;

  private static List<Run> runs(double gain) {
    return IntStream.range(0, RUNS)
        .mapToObj(seed -> InterleavingSimulation.run(gain, 50, 4, seed))
        .toList();
  }

  @Test
  void theBetterRankingIsFoundAndTheOtherNever() {
    List<Run> runs = runs(0.5);

    assertThat(runs).noneMatch(run -> run.anytime() == Outcome.A || run.single() == Outcome.A);
    assertThat(runs.stream().filter(run -> run.anytime() == Outcome.B)).hasSizeGreaterThan(90);
    assertThat(runs.stream().filter(run -> run.single() == Outcome.B)).hasSizeGreaterThan(95);
  }

  /** Of 100 runs, a chance of 5 % each exceeds 11 in four of a thousand cases. */
  @Test
  void whereNoneIsBetterOneIsNamedAsSeldomAsPromised() {
    List<Run> runs = runs(0);

    assertThat(runs.stream().filter(run -> run.anytime() != Outcome.UNDECIDED))
        .hasSizeLessThanOrEqualTo(11);
    assertThat(runs.stream().filter(run -> run.single() != Outcome.UNDECIDED))
        .hasSizeLessThanOrEqualTo(11);
  }
}
