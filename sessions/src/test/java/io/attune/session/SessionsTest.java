package io.attune.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class SessionsTest {
  private static final Vocabulary ABC = Vocabulary.of(List.of("a", "b", "c"));

  private static Sessions three() {
    return Sessions.of(ABC, List.of(new int[] {1, 2, 3}, new int[] {}, new int[] {3, 3}));
  }

  @Test
  void rowsOfAVocabularyBeginAtOneAndUnknownIsZero() {
    assertThat(ABC.row("a")).isEqualTo(1);
    assertThat(ABC.row("c")).isEqualTo(3);
    assertThat(ABC.row("d")).isEqualTo(Vocabulary.UNKNOWN);
    assertThat(ABC.size()).isEqualTo(3);
    assertThat(ABC.id(2)).isEqualTo("b");
    assertThat(ABC.ids()).containsExactly("a", "b", "c");
  }

  @Test
  void aVocabularyRefusesDuplicatesEmptyIdsAndRowsThatItLacks() {
    assertThatThrownBy(() -> Vocabulary.of(List.of("a", "b", "a")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'a' is at index 0 and at index 2");
    assertThatThrownBy(() -> Vocabulary.of(List.of("a", "")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("index 1");
    assertThatThrownBy(() -> ABC.id(0)).hasMessageContaining("between 1 and 3");
    assertThatThrownBy(() -> ABC.id(4)).hasMessageContaining("between 1 and 3");
  }

  @Test
  void idsOutsideOfAsciiKeepTheirLetters() {
    Vocabulary vocabulary = Vocabulary.of(List.of("Käse", "奶酪", "🧀"));

    assertThat(vocabulary.ids()).containsExactly("Käse", "奶酪", "🧀");
    assertThat(vocabulary.row("🧀")).isEqualTo(3);
  }

  @Test
  void columnsGiveEachSessionItsClicks() {
    Sessions sessions = three();

    assertThat(sessions.size()).isEqualTo(3);
    assertThat(sessions.clicks()).isEqualTo(5);
    assertThat(sessions.length(1)).isZero();
    assertThat(sessions.items(0)).containsExactly(1, 2, 3);
    assertThat(sessions.item(sessions.start(2))).isEqualTo(3);
    assertThat(sessions.end(2)).isEqualTo(5);
    assertThat(sessions.id(2)).isEqualTo("2");
    assertThat(sessions.hasTimes()).isFalse();
    assertThatThrownBy(() -> sessions.time(0)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void recodingKeepsAllClicksAndTurnsUnknownItemsIntoZero() {
    Vocabulary other = Vocabulary.of(List.of("c", "a"));

    Sessions recoded = three().recode(other);

    assertThat(recoded.vocabulary()).isSameAs(other);
    assertThat(recoded.items(0)).containsExactly(2, 0, 1);
    assertThat(recoded.items(2)).containsExactly(1, 1);
    assertThat(recoded.clicks()).isEqualTo(5);
  }

  @Test
  void recodingAPartOfTheSessionsGivesTheSameAsAPartOfTheRecoded() {
    Vocabulary other = Vocabulary.of(List.of("c", "a"));

    Sessions part = three().select(new int[] {2, 0}).recode(other);

    assertThat(part.items(0)).containsExactly(1, 1);
    assertThat(part.items(1)).containsExactly(2, 0, 1);
    assertThat(part.id(0)).isEqualTo("2");
  }

  @Test
  void selectedSessionsStandInTheOrderAskedFor() {
    Sessions part = three().select(new int[] {2, 0, 2});

    assertThat(part.size()).isEqualTo(3);
    assertThat(part.clicks()).isEqualTo(7);
    assertThat(part.id(1)).isEqualTo("0");
    assertThat(part.items(2)).containsExactly(3, 3);
    assertThatThrownBy(() -> three().select(new int[] {3}))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void aRowOutsideOfTheVocabularyIsRefused() {
    assertThatThrownBy(() -> Sessions.of(ABC, List.of(new int[] {4})))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("session 0 has 4");
  }
}
