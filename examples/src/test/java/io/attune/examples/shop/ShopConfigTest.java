package io.attune.examples.shop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.LocalDate;
import org.junit.jupiter.api.Test;

class ShopConfigTest {

  private static final ShopConfig DEFAULT = ShopConfig.DEFAULT;

  @Test
  void aValueOutOfItsRangeIsNamedWithTheRule() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DEFAULT.withProducts(10))
        .withMessage("products must be from 400 to 15000, but is 10");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DEFAULT.withSessions(0))
        .withMessage("sessions must be from 1 to 1000000, but is 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DEFAULT.withDays(DEFAULT.firstDay(), 0))
        .withMessage("days must be from 1 to 400, but is 0");
  }

  @Test
  void sharesThatLeaveNothingForTheIntentAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> shares(0.5, 0.4, 0.2))
        .withMessageStartingWith(
            "strayShare + returnShare + switchShare must be from 0 to 0.95, but is 1.1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> shares(Double.NaN, 0.1, 0.1))
        .withMessage("strayShare must be from 0 to 1, but is NaN");
  }

  @Test
  void changingOneValueKeepsTheOthers() {
    ShopConfig changed =
        DEFAULT.withProducts(500).withSessions(10).withDays(LocalDate.of(2024, 2, 28), 3);
    assertThat(changed.products()).isEqualTo(500);
    assertThat(changed.sessions()).isEqualTo(10);
    assertThat(changed.firstDay()).isEqualTo(LocalDate.of(2024, 2, 28));
    assertThat(changed.days()).isEqualTo(3);
    assertThat(changed.withProducts(3_000).withSessions(40_000).withDays(DEFAULT.firstDay(), 60))
        .isEqualTo(DEFAULT);
  }

  @Test
  void theSmallestShopOfOneDayWithoutStraysReturnsAndSwitchesWorks() {
    ShopConfig smallest =
        new ShopConfig(ShopConfig.MIN_PRODUCTS, 200, DEFAULT.firstDay(), 1, 9, 20, 0, 0, 0, 0.9);
    assertThat(Shop.simulate(smallest, 1).clicks()).hasSizeGreaterThan(400);
  }

  private static ShopConfig shares(double stray, double back, double change) {
    return new ShopConfig(800, 100, DEFAULT.firstDay(), 30, 5, 20, stray, back, change, 0.1);
  }
}
