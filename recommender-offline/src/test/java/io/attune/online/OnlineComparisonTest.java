package io.attune.online;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.attune.online.InterleavedSearches.CreditedClick;
import io.attune.online.OnlineComparison.Outcome;
import io.attune.online.OnlineComparison.SampleRatio;
import io.attune.online.OnlineComparison.Slice;
import io.attune.report.OnlineReport;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class OnlineComparisonTest {
  private static final Instant START = Instant.parse("2026-03-01T00:00:00Z");

  private static InterleavedSearches searches(
      long firstOfA, long firstOfB, double days, List<CreditedClick> clicks) {
    return new InterleavedSearches(
        List.of("words", "learned"),
        5000,
        firstOfA + firstOfB,
        firstOfA,
        firstOfB,
        1,
        START,
        START.plus(Duration.ofMillis(Math.round(days * 86_400e3))),
        clicks,
        Map.of());
  }

  /** One click a session, of which so many count for B. */
  private static List<CreditedClick> clicks(int ofA, int ofB) {
    List<CreditedClick> clicks = new ArrayList<>();
    for (int i = 0; i < ofA + ofB; i++) {
      clicks.add(new CreditedClick("s" + i, 1 + i % 7, i % 3 == 0 ? "phone" : "", i >= ofA));
    }
    return clicks;
  }

  private static OnlineComparison compare(int ofA, int ofB, double days, boolean single) {
    return OnlineComparison.of(searches(500, 500, days, clicks(ofA, ofB)), single, 1);
  }

  @Test
  void theShareIsThatOfTheClicksAndItsIntervalThatOfSessions() {
    OnlineComparison comparison = compare(400, 600, 10, true);

    assertThat(comparison.all().clicks()).isEqualTo(1000);
    assertThat(comparison.all().sessions()).isEqualTo(1000);
    assertThat(comparison.all().ofB()).isEqualTo(0.6);
    double deviation = Math.sqrt(0.6 * 0.4 / 1000); // of a binomial share
    assertThat(comparison.all().interval().low()).isEqualTo(0.6 - 1.96 * deviation, within(0.005));
    assertThat(comparison.all().interval().high()).isEqualTo(0.6 + 1.96 * deviation, within(0.005));
  }

  @Test
  void clicksOfOneSessionAreNotTakenForIndependent() {
    List<CreditedClick> clicks = new ArrayList<>();
    for (int i = 0; i < 1000; i++) { // the same share, but each session clicks ten times alike
      clicks.add(new CreditedClick("s" + i / 10, 1, "", i >= 400));
    }
    OnlineComparison comparison = OnlineComparison.of(searches(500, 500, 10, clicks), true, 1);

    assertThat(comparison.all().sessions()).isEqualTo(100);
    assertThat(comparison.all().interval().halfWidth())
        .isEqualTo(1.96 * Math.sqrt(0.6 * 0.4 / 100), within(0.02));
    assertThat(comparison.pValue()).isEqualTo(0.057, within(0.015)); // binomial, 60 of 100
    assertThat(comparison.outcome()).isEqualTo(Outcome.UNDECIDED);
  }

  @Test
  void theBetterRankingWinsOnceTheEvidenceIsEnough() {
    assertThat(compare(400, 600, 10, false).outcome()).isEqualTo(Outcome.B);
    assertThat(compare(600, 400, 10, false).outcome()).isEqualTo(Outcome.A);
    assertThat(compare(500, 500, 10, false).outcome()).isEqualTo(Outcome.UNDECIDED);
    // z = 2.2: enough for a single look, not for any number of them.
    assertThat(compare(465, 535, 10, true).outcome()).isEqualTo(Outcome.B);
    assertThat(compare(465, 535, 10, false).outcome()).isEqualTo(Outcome.UNDECIDED);
    assertThat(compare(0, 5, 10, true).outcome()).isEqualTo(Outcome.UNDECIDED); // p = 1 / 16
    assertThat(compare(0, 0, 10, true).outcome()).isEqualTo(Outcome.UNDECIDED);
  }

  @Test
  void theAnytimePValueIsItsFormula() {
    double variance = (-2 * Math.log(0.05) + Math.log(-2 * Math.log(0.05)) + 1) / 1000;
    double growth = 1 + variance * 1000;
    assertThat(compare(400, 600, 10, false).anytimePValue())
        .isEqualTo(
            Math.sqrt(growth) / Math.exp(variance * 200 * 200 / (2 * growth)), within(1e-12));
    assertThat(compare(500, 500, 10, false).anytimePValue()).isEqualTo(1);
  }

  /** Looked at after every session: the test for one look would err in more than 30 %. */
  @Test
  void theAnytimeTestErrsSeldomHoweverOftenItIsLookedAt() {
    Random random = new Random(3);
    int everBelow = 0;
    int everSignificant = 0;
    for (int run = 0; run < 2000; run++) {
      double sum = 0;
      double squares = 0;
      boolean below = false;
      boolean significant = false;
      for (int session = 0; session < 2000; session++) {
        int clicks = 1 + random.nextInt(3);
        sum += random.nextBoolean() ? clicks : -clicks;
        squares += clicks * clicks;
        below |= AnytimeTest.pValue(sum, squares) < 0.05;
        significant |= session >= 30 && Math.abs(sum) > 1.96 * Math.sqrt(squares);
      }
      everBelow += below ? 1 : 0;
      everSignificant += significant ? 1 : 0;
    }
    assertThat(everBelow).isLessThanOrEqualTo(100); // of 2,000: 5 %
    assertThat(everSignificant).isGreaterThan(600);
  }

  @Test
  void theSampleRatioIsAChiSquareTest() {
    SampleRatio ratio = SampleRatio.of(540, 460);
    assertThat(ratio.chiSquare()).isEqualTo(6.4);
    assertThat(ratio.pValue()).isEqualTo(0.011412, within(1e-6)); // by scipy.stats.chi2.sf(6.4, 1)
    assertThat(ratio.isFair()).isTrue();
    assertThat(SampleRatio.of(0, 0).isFair()).isTrue();
    assertThat(SampleRatio.of(1, 0).isFair()).isTrue();
    assertThat(SampleRatio.of(560, 440).isFair()).isFalse();
  }

  @Test
  void nobodyWinsWhereTheSampleRatioIsOff() {
    OnlineComparison comparison =
        OnlineComparison.of(searches(440, 560, 10, clicks(100, 900)), false, 1);

    assertThat(comparison.outcome()).isEqualTo(Outcome.UNRELIABLE);
    assertThat(OnlineReport.verdict(comparison)).startsWith("nobody wins: the sample ratio is off");
  }

  @Test
  void theDaysThatAreLeftGrowWithWhatIsMissing() {
    // z = 1.58 after ten days, but 1.96 + 0.84 are wanted: 10 · (2.80 / 1.58)² = 31.4 in all.
    assertThat(compare(475, 525, 10, true).daysLeft().orElseThrow())
        .isEqualTo(21.4, within(1.6)); // in steps of 5 %
    double anytime = compare(475, 525, 10, false).daysLeft().orElseThrow();
    assertThat(anytime).isBetween(30.0, 60.0);
    assertThat(compare(475, 525, 5, false).daysLeft().orElseThrow())
        .isEqualTo(anytime / 2, within(1e-9));
    assertThat(compare(500, 500, 10, false).daysLeft()).isEmpty();
    assertThat(compare(5, 10, 10, false).daysLeft()).isEmpty();
    assertThat(compare(400, 600, 10, false).daysLeft()).isEmpty();
  }

  @Test
  void slicesAreByPositionAndByDevice() {
    OnlineComparison comparison = compare(40, 60, 10, false);

    assertThat(comparison.positions())
        .extracting(Slice::name)
        .containsExactly("1", "2", "3", "4 to 5", "6 to 10");
    assertThat(comparison.positions().stream()
            .mapToLong(slice -> slice.share().clicks())
            .sum())
        .isEqualTo(100);
    assertThat(comparison.devices()).extracting(Slice::name).containsExactly("not given", "phone");
    assertThat(comparison.devices().get(1).share().clicks()).isEqualTo(34);
    assertThat(comparison.devices().get(1).share().ofB()).isEqualTo(20 / 34.0); // 42, 45, … 99
  }
}
