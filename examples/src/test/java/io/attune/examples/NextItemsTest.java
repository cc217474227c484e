package io.attune.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.attune.examples.shop.Shop;
import io.attune.examples.shop.ShopClick;
import io.attune.examples.shop.ShopConfig;
import io.attune.recommender.Recommendation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NextItemsTest {
  @TempDir
  private Path folder;

  @Test
  void theExampleOfTheReadmeRecommendsWhatWasNotClickedYet() throws IOException {
    Shop shop = Shop.simulate(ShopConfig.DEFAULT.withProducts(400).withSessions(1_000), 1);
    Path log = folder.resolve("clicks.csv");
    shop.writeClicks(log);
    NextItems.train(log, folder.resolve("model"));

    List<String> clicked = shop.clicks().limit(3).map(ShopClick::itemId).toList();
    List<Recommendation> next = NextItems.recommend(folder.resolve("model"), clicked);

    assertThat(next).hasSize(10).isSortedAccordingTo(Recommendation.BEST_FIRST);
    assertThat(next).extracting(Recommendation::item).doesNotContainAnyElementsOf(clicked);
  }
}
