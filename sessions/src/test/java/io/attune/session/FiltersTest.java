package io.attune.session;

import static io.attune.session.SessionsBuilderTest.items;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.session.Filters.Filtered;
import io.attune.session.Filters.Step;
import io.attune.session.Filters.UnknownItems;
import io.attune.session.Split.Targets;
import java.util.List;
import org.junit.jupiter.api.Test;

class FiltersTest {
  private static final Vocabulary ABCD = Vocabulary.of(List.of("a", "b", "c", "d"));

  /** Item a has 3 clicks in longer sessions and 1 in a short one, b has 3, c and d have 1 each. */
  private static final Sessions TRAIN = Sessions.of(
      ABCD,
      List.of(
          new int[] {4, 1}, new int[] {1}, new int[] {1, 2}, new int[] {2, 1}, new int[] {3, 2}));

  @Test
  void shortSessionsThenRareItemsThenShortSessionsAreDroppedAndCounted() {
    Filtered filtered = new Filters(2, 3).train(TRAIN);

    assertThat(filtered.sessions().size()).isEqualTo(2);
    assertThat(filtered.sessions().vocabulary().ids()).containsExactly("a", "b");
    assertThat(filtered.sessions().items(0)).containsExactly(1, 2);
    assertThat(filtered.sessions().items(1)).containsExactly(2, 1);
    assertThat(filtered.sessions().id(0)).isEqualTo("2");
    assertThat(filtered.steps())
        .containsExactly(
            new Step("sessions of fewer than 2 clicks", 1, 1, 0, 4, 8, 4),
            new Step("items of fewer than 3 clicks", 0, 2, 2, 4, 6, 2),
            new Step("sessions of fewer than 2 clicks", 2, 2, 0, 2, 4, 2));
  }

  @Test
  void knownItemsKeepTheirRowsAndNewOnesFollowIfTheyHaveSupport() {
    Vocabulary known = Vocabulary.of(List.of("gone", "c"));

    Filtered filtered = new Filters(2, 3).train(TRAIN, known);

    assertThat(filtered.sessions().vocabulary().ids()).containsExactly("gone", "c", "a", "b");
    assertThat(filtered.sessions().size()).isEqualTo(3);
    assertThat(filtered.sessions().items(2)).containsExactly(2, 4); // c, then b
    assertThat(filtered.steps().get(1))
        .isEqualTo(new Step("items of fewer than 3 clicks", 0, 1, 1, 4, 7, 3));
  }

  @Test
  void theStandardIsTwoClicksAndFiveOfAnItem() {
    assertThat(Filters.standard()).isEqualTo(new Filters(2, 5));
    assertThat(Filters.none().train(TRAIN).sessions().clicks()).isEqualTo(TRAIN.clicks());
  }

  @Test
  void unknownItemsOfTheTestPartStayAsRowZeroOrAreDropped() {
    Vocabulary known = new Filters(2, 3).train(TRAIN).sessions().vocabulary();
    Sessions test = Sessions.of(
        ABCD, List.of(new int[] {1, 3, 2}, new int[] {3, 1}, new int[] {1}, new int[] {4, 3}));

    Filtered kept =
        new Filters(2, 3).test(test, known, UnknownItems.MISS, new Targets.AfterFirst());
    Filtered dropped =
        new Filters(2, 3).test(test, known, UnknownItems.DROP, new Targets.AfterFirst());

    assertThat(kept.sessions().size()).isEqualTo(3);
    assertThat(items(kept.sessions(), 0)).containsExactly("a", "?", "b");
    assertThat(items(kept.sessions(), 2)).containsExactly("?", "?");
    assertThat(dropped.sessions().size()).isEqualTo(1);
    assertThat(items(dropped.sessions(), 0)).containsExactly("a", "b");
    assertThat(dropped.steps())
        .containsExactly(
            new Step("sessions of fewer than 2 clicks", 1, 1, 0, 3, 7, 4),
            new Step("items not in the training part", 0, 4, 2, 3, 3, 2),
            new Step("sessions of fewer than 2 clicks", 2, 1, 0, 1, 2, 2));
  }

  @Test
  void aSessionWhoseLastItemIsUnknownHasNoLastClickToTest() {
    Vocabulary known = Vocabulary.of(List.of("a", "b"));
    Sessions test =
        Sessions.of(ABCD, List.of(new int[] {1, 2, 3}, new int[] {1, 3, 2}, new int[] {3, 4, 1}));

    Filtered dropped = new Filters(2, 1).test(test, known, UnknownItems.DROP, new Targets.Last());

    // The session a, b, c ends with an unknown item. In c, d, a no known item precedes the last.
    assertThat(dropped.sessions().size()).isEqualTo(1);
    assertThat(dropped.sessions().id(0)).isEqualTo("1");
    assertThat(items(dropped.sessions(), 0)).containsExactly("a", "b");
    assertThat(dropped.steps())
        .containsExactly(
            new Step("sessions of fewer than 2 clicks", 0, 0, 0, 3, 9, 4),
            new Step("sessions whose last item is not in the training part", 1, 3, 0, 2, 6, 4),
            new Step("items not in the training part", 0, 3, 2, 2, 3, 2),
            new Step("sessions of fewer than 2 clicks", 1, 1, 0, 1, 2, 2));
  }

  @Test
  void aMinimumBelowOneIsRefused() {
    assertThatThrownBy(() -> new Filters(0, 5))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at least 1");
  }
}
