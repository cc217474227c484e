package io.attune.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.session.Filters;
import io.attune.session.Holdout;
import io.attune.session.Sessions;
import io.attune.session.SessionsBuilder;
import io.attune.session.Split;
import io.attune.session.Visits;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class PreparedDataTest {
  private static final long HOUR = Duration.ofHours(1).toMillis();

  @Test
  void aHoldoutInTimeIsNeitherTrainedNorValidatedNorKnown() {
    // A session an hour; the last two are held out, and "x" is clicked in them alone.
    Sessions sessions = sessions("ab", "ba", "abb", "aab", "ax", "xa");

    PreparedData prepared = PreparedData.of(
        sessions, new Holdout.Last(Duration.ofMillis(3 * HOUR / 2)), new Filters(2, 1), 0.25);

    TrainingData data = prepared.data();
    assertThat(data.all().size()).isEqualTo(4);
    assertThat(data.all().vocabulary().ids()).containsExactly("a", "b");
    assertThat(data.train().size()).isEqualTo(3);
    assertThat(texts(data.validation())).containsExactly("aab");
    assertThat(data.targets()).isEqualTo(new Split.Targets.AfterFirst());
    assertThat(texts(prepared.split().test())).containsExactly("ax", "xa");
  }

  @Test
  void ofHistoriesTheNewestClicksAreTestedAndThoseBeforeValidated() {
    Sessions sessions = sessions("abab", "ba", "abb", "aab", "aa", "ab").asHistories(Visits.GAP);

    PreparedData prepared = PreparedData.of(
        sessions, new Holdout.Last(Duration.ofMillis(3 * HOUR / 2)), new Filters(2, 1), 0.25);

    // Of the twelve clicks before the cut the newest three are the last session's.
    TrainingData data = prepared.data();
    assertThat(data.all().clicks()).isEqualTo(12);
    assertThat(texts(data.train())).containsExactly("abab", "ba", "abb");
    assertThat(texts(data.validation())).containsExactly("aab");
    assertThat(data.targets()).isInstanceOf(Split.Targets.From.class);
    assertThat(data.targets().count(data.validation())).isEqualTo(2);
    assertThat(prepared.split().targets()).isNotEqualTo(data.targets());
  }

  @Test
  void leaveOneOutValidatesOnTheLastClickButOneAndNeverSeesTheLast() {
    Sessions sessions = sessions("abcx", "bcay", "ab");

    PreparedData prepared =
        PreparedData.of(sessions, new Holdout.LastClick(), new Filters(2, 1), 0.1);

    TrainingData data = prepared.data();
    assertThat(texts(data.train())).containsExactly("ab", "bc", "ab");
    assertThat(texts(data.validation())).containsExactly("abc", "bca");
    assertThat(texts(data.all())).containsExactly("abc", "bca", "ab");
    assertThat(data.all().vocabulary().ids()).containsExactlyInAnyOrder("a", "b", "c");
    assertThat(data.targets()).isEqualTo(new Split.Targets.Last());
  }

  @Test
  void withoutValidationEverythingIsTrained() {
    TrainingData data = PreparedData.of(
            sessions("ab", "ba"), new Holdout.None(), new Filters(2, 1), 0)
        .data();

    assertThat(data.train().size()).isEqualTo(2);
    assertThat(data.validation().size()).isZero();
  }

  @Test
  void tooLittleSaysHowMuchIsLeft() {
    assertThatThrownBy(() ->
            PreparedData.of(sessions("ab", "ba"), new Holdout.None(), Filters.standard(), 0.1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "too little is left to train on: of 2 sessions on 2 items, those of at least 2 clicks"
                + " on items of at least 5 clicks are 0 on 0");
  }

  /** A letter a click, an hour from one session to the next. */
  private static Sessions sessions(String... letters) {
    SessionsBuilder builder = new SessionsBuilder();
    long start = Instant.parse("2025-01-01T00:00:00Z").toEpochMilli();
    for (int session = 0; session < letters.length; session++) {
      byte[] id = Integer.toString(session).getBytes(StandardCharsets.UTF_8);
      byte[] items = letters[session].getBytes(StandardCharsets.UTF_8);
      for (int i = 0; i < items.length; i++) {
        builder.click(
            builder.key(id, 0, id.length),
            builder.item(items, i, i + 1),
            start + session * HOUR + i);
      }
    }
    return builder.build();
  }

  private static String[] texts(Sessions sessions) {
    String[] texts = new String[sessions.size()];
    for (int session = 0; session < texts.length; session++) {
      StringBuilder text = new StringBuilder();
      Arrays.stream(sessions.items(session))
          .forEach(row -> text.append(row == 0 ? "?" : sessions.vocabulary().id(row)));
      texts[session] = text.toString();
    }
    return texts;
  }
}
