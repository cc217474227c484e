package io.attune.examples.shop;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/**
 * The next click is neither given away by popularity nor by the last click, and yet it can be
 * foretold.
 */
class ShopDifficultyTest {

  private static final ShopFigures FIGURES = ShopFigures.measure(ShopConfig.DEFAULT, 1);

  @Test
  void popularityAloneFindsFewNextClicks() {
    assertThat(FIGURES.popularity()).isBetween(0.02, 0.06);
  }

  @Test
  void theLastClickAloneFindsAThird() {
    assertThat(FIGURES.lastClick()).isBetween(0.25, 0.40);
  }

  @Test
  void theWholeVisitTellsMuchMoreThanTheLastClick() {
    assertThat(FIGURES.wholeVisit()).isGreaterThan(FIGURES.lastClick() + 0.10);
  }

  @Test
  void whoKnowsTheVisitorsMindIsFarAheadAndStillNotCertain() {
    assertThat(FIGURES.oracle()).isBetween(FIGURES.wholeVisit() + 0.15, 0.90);
  }
}
