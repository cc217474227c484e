package io.attune.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.session.Filters;
import io.attune.session.Holdout;
import io.attune.session.SessionStatistics;
import io.attune.session.Sessions;
import io.attune.session.Vocabulary;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PresetTest {
  private static final Vocabulary ITEMS =
      Vocabulary.of(IntStream.range(0, 2000).mapToObj(Integer::toString).toList());

  @Test
  void visitsOfAFewClicksAreShortSessions() {
    Shape shop = new Shape(2, 6, 0.2, Duration.ofMinutes(4));

    expect(shop.log(), Preset.SHORT_SESSIONS, "the median session has 4 clicks, fewer than 5");
    expect(
        shop.withoutTimes(),
        Preset.SHORT_SESSIONS,
        "the median session has 4 clicks, fewer than 5");
  }

  /** A visitor's cookie lasts for months, and still there is little in its sessions to learn. */
  @Test
  void aFewClicksAreNoHistoryHoweverLongTheyLast() {
    expect(
        new Shape(1, 3, 0, Duration.ofDays(60)).log(),
        Preset.SHORT_SESSIONS,
        "the median session has 2 clicks, fewer than 5");
  }

  @Test
  void anHourOfMusicIsAVisit() {
    Shape music = new Shape(2, 8, 0.1, Duration.ofMinutes(50));

    expect(
        music.log(),
        Preset.SHORT_SESSIONS,
        "the median session has 5 clicks, three in four last at most 50 min, and 8.3 % of the"
            + " clicks repeat an item");
    expect(
        music.withoutTimes(),
        Preset.SHORT_SESSIONS,
        "the median session has 5 clicks, and 8.3 % of the clicks repeat an item");
  }

  @Test
  void aPlaylistOfDifferentSongsWithinHoursIsAVisit() {
    expect(
        new Shape(10, 14, 0, Duration.ofHours(5)).log(),
        Preset.SHORT_SESSIONS,
        "the median session has 12 clicks, three in four last at most 5 h, and 0.0 % of the clicks"
            + " repeat an item");
  }

  @Test
  void monthsArePersonsHistoriesHoweverOftenTheyRepeat() {
    expect(
        new Shape(5, 80, 0.4, Duration.ofDays(200)).log(),
        Preset.LONG_HISTORIES,
        "the median session has 42 clicks, and one in four lasts longer than a day");
  }

  @Test
  void reviewsWithoutTimesAreHistoriesSinceNothingRepeats() {
    expect(
        new Shape(5, 8, 0, Duration.ZERO).withoutTimes(),
        Preset.LONG_HISTORIES,
        "the median session has 6 clicks, and only 0.0 % of the clicks repeat an item");
  }

  @Test
  void aHundredFilmsRatedInAnEveningAreAHistory() {
    expect(
        new Shape(20, 180, 0, Duration.ofHours(1)).log(),
        Preset.LONG_HISTORIES,
        "the median session has 100 clicks, and only 0.0 % of the clicks repeat an item");
  }

  @Test
  void newsAreAFastCatalogue() {
    SessionStatistics news = SessionStatistics.of(News.sessions(), 0);

    assertThat(Preset.of(news)).isEqualTo(Preset.FAST_CATALOGUE);
    assertThat(Preset.reason(news))
        .matches("\\d\\d % of the newest demand is for other items than before");
    assertThat(Preset.FAST_CATALOGUE.filters()).isEqualTo(new Filters(2, 2));
    assertThat(Preset.SHORT_SESSIONS.filters()).isEqualTo(Filters.standard());
  }

  @Test
  void whatIsHeldOutInTimeDecidesNothing() {
    Sessions shop = new Shape(2, 6, 0.2, Duration.ofMinutes(4)).log();
    List<int[]> rows = new ArrayList<>();
    List<long[]> times = new ArrayList<>();
    for (int session = 0; session < 200; session++) {
      rows.add(session < 150 ? new int[] {1, 2} : new int[] {3, 4});
      times.add(new long[] {60_000L * session, 60_000L * session + 1});
    }
    Sessions changed = Sessions.of(ITEMS, rows, times);
    Holdout lastHour = new Holdout.Last(Duration.ofHours(1));

    assertThat(Preset.of(Preset.statistics(changed, new Holdout.None())))
        .isEqualTo(Preset.FAST_CATALOGUE);
    assertThat(Preset.of(Preset.statistics(changed, lastHour))).isEqualTo(Preset.SHORT_SESSIONS);
    assertThat(Preset.statistics(shop, new Holdout.LastClick()).clicks()).isEqualTo(shop.clicks());
  }

  @Test
  void withoutTimesNobodyKnowsHowFastACatalogueIs() {
    Sessions news = News.sessions();
    List<int[]> rows = IntStream.range(0, news.size()).mapToObj(news::items).toList();

    expect(
        Sessions.of(news.vocabulary(), rows),
        Preset.SHORT_SESSIONS,
        "the median session has 3 clicks, fewer than 5");
  }

  @Test
  void aNameThatIsNoneSaysWhatThereIs() {
    assertThatThrownBy(() -> Preset.named("short"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("short-sessions, long-histories, fast-catalogue")
        .hasMessageContaining("'short'");
  }

  private static void expect(Sessions log, Preset preset, String reason) {
    SessionStatistics statistics = SessionStatistics.of(log, 0);
    assertThat(Preset.of(statistics)).isEqualTo(preset);
    assertThat(Preset.reason(statistics)).isEqualTo(reason);
  }

  /**
   * Sessions of all lengths between two, as many of each.
   *
   * @param repeats chance of a click to be on an item clicked before
   * @param span of every session
   */
  private record Shape(int shortest, int longest, double repeats, Duration span) {
    Sessions log() {
      return log(true);
    }

    Sessions withoutTimes() {
      return log(false);
    }

    private Sessions log(boolean timed) {
      SplittableRandom random = new SplittableRandom(1);
      List<int[]> rows = new ArrayList<>();
      List<long[]> times = new ArrayList<>();
      for (int round = 0; round < 20; round++) {
        for (int length = shortest; length <= longest; length++) {
          int[] session =
              random.ints(1, ITEMS.size() + 1).distinct().limit(length).toArray();
          long[] at = new long[length];
          for (int i = 1; i < length; i++) {
            at[i] = span.toMillis() * i / (length - 1);
            session[i] = random.nextDouble() < repeats ? session[random.nextInt(i)] : session[i];
          }
          rows.add(session);
          times.add(at);
        }
      }
      return Sessions.of(ITEMS, rows, timed ? times : null);
    }
  }
}
