package io.attune.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.attune.baseline.Baseline;
import io.attune.baseline.BaselineModel;
import io.attune.examples.shop.Shop;
import io.attune.examples.shop.ShopConfig;
import io.attune.log.ClickLog;
import io.attune.log.LogOptions;
import io.attune.session.Filters;
import io.attune.session.Holdout;
import io.attune.session.Sessions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvaluateModelsTest {
  @TempDir
  private Path folder;

  @Test
  void theReportHasARowForTheModelAndForEachBaseline() throws IOException {
    Shop shop = Shop.simulate(ShopConfig.DEFAULT.withProducts(400).withSessions(2_000), 1);
    Path log = folder.resolve("clicks.csv");
    shop.writeClicks(log);
    Sessions sessions = ClickLog.load(List.of(log), LogOptions.standard()).sessions();
    Sessions before = new Holdout.Last(Duration.ofDays(7)).split(sessions).train();
    Sessions training = Filters.standard().train(before).sessions();
    BaselineModel.of(Baseline.parse("markov"), training).save(folder.resolve("model"));

    List<String> lines = new ArrayList<>();
    EvaluateModels.evaluate(log, folder.resolve("model"), lines::add);

    assertThat(lines).noneMatch(line -> line.startsWith("Caution"));
    int header = lines.indexOf(
        lines.stream().filter(line -> line.startsWith("model ")).findFirst().orElseThrow());
    assertThat(lines.subList(header + 1, header + 4))
        .extracting(line -> line.substring(0, line.indexOf(' ')))
        .containsExactly("markov", "pop", "stan");
    assertThat(lines).anyMatch(line -> line.matches("(stan|markov) beats pop at HR@20 by .*"));
  }
}
