package io.attune.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.attune.recommender.Popularity;
import io.attune.session.Sessions;
import io.attune.session.Vocabulary;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PopularityForecastTest {
  @Test
  void articlesFadeAsThoseBeforeThem() {
    Sessions news = News.sessions();
    double[] forecast = new PopularityForecast(news).logarithms();
    long[] clicks = Popularity.counts(news);

    // All but the last articles have as many clicks in all, and the older are read less.
    assertThat(clicks[19]).isBetween((long) (0.7 * clicks[29]), (long) (1.3 * clicks[29]));
    for (int article = 30; article <= 36; article += 2) {
      double doubled = forecast[article + 2] - forecast[article];
      assertThat(doubled).as("article %d", article).isCloseTo(Math.log(2), within(0.35));
    }
    double[] plain = new double[News.ARTICLES + 1];
    for (int article = 1; article <= News.ARTICLES; article++) {
      plain[article] = Math.log(clicks[article - 1] + 0.5);
    }
    assertThat(distance(forecast)).isLessThan(0.15);
    assertThat(distance(plain)).isGreaterThan(0.6);
  }

  @Test
  void whereNothingChangesItIsThePopularityOfTheLog() {
    SplittableRandom random = new SplittableRandom(3);
    List<int[]> rows = new ArrayList<>();
    List<long[]> times = new ArrayList<>();
    for (int session = 0; session < 5000; session++) {
      // Item 1 half as often as 2 and a quarter as often as 3.
      rows.add(random.ints(2, 0, 7).map(i -> i < 1 ? 1 : i < 3 ? 2 : 3).toArray());
      times.add(new long[] {1000L * session, 1000L * session + 1});
    }
    Sessions steady = Sessions.of(Vocabulary.of(List.of("a", "b", "c")), rows, times);

    double[] forecast = new PopularityForecast(steady).logarithms();

    assertThat(forecast[2] - forecast[1]).isCloseTo(Math.log(2), within(0.15));
    assertThat(forecast[3] - forecast[1]).isCloseTo(Math.log(4), within(0.15));
  }

  @Test
  void aLogTooSmallToLearnFromHasThePopularityOfItsClicks() {
    Sessions small = Sessions.of(
        Vocabulary.of(List.of("a", "b", "c")),
        List.of(new int[] {1, 2, 2}, new int[] {2, 1}),
        List.of(new long[] {0, 1, 2}, new long[] {5, 6}));

    double[] forecast = new PopularityForecast(small).logarithms();

    assertThat(forecast[1]).isCloseTo(Math.log(2.5), within(1e-12));
    assertThat(forecast[2]).isCloseTo(Math.log(3.5), within(1e-12));
    assertThat(forecast[3]).as("never clicked").isNegative().isInfinite();
  }

  /** Total variation distance to what will be read. */
  private static double distance(double[] logarithms) {
    double sum =
        IntStream.rangeClosed(1, News.ARTICLES).mapToDouble(News::popularity).sum();
    double all = IntStream.rangeClosed(1, News.ARTICLES)
        .mapToDouble(article -> Math.exp(logarithms[article]))
        .sum();
    return IntStream.rangeClosed(1, News.ARTICLES)
            .mapToDouble(article ->
                Math.abs(News.popularity(article) / sum - Math.exp(logarithms[article]) / all))
            .sum()
        / 2;
  }
}
