package io.attune.examples.shop;

import static org.assertj.core.api.Assertions.assertThat;

import io.attune.online.OnlineComparison;
import io.attune.online.OnlineComparison.Outcome;
import io.attune.report.OnlineReport;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShopComparisonTest {
  @TempDir
  private Path folder;

  @Test
  void visitorsWhoWantWhatFitsTheirVisitPreferTheRankingThatKnowsIt()
      throws IOException, InterruptedException {
    OnlineComparison comparison = ShopComparison.run(
        ShopConfig.DEFAULT.withProducts(400).withSessions(1_500), folder, 500, 1);

    assertThat(comparison.searches().rankings()).containsExactly("words", "fixed");
    assertThat(comparison.searches().searches()).isEqualTo(500);
    assertThat(comparison.ratio().isFair()).isTrue();
    assertThat(comparison.outcome())
        .as(String.join("\n", OnlineReport.lines(comparison)))
        .isEqualTo(Outcome.B);
  }
}
