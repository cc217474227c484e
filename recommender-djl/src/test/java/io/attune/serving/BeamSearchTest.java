package io.attune.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.attune.encoder.EncoderConfigs;
import io.attune.model.EncoderConfig;
import io.attune.recommender.Prefix;
import io.attune.recommender.TrainedModels;
import io.attune.session.Sessions;
import io.attune.session.Vocabulary;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class BeamSearchTest {
  private static final List<String> ITEMS = List.of("a", "b", "c", "d", "e");
  private static final int STEPS = 3;
  private static final int ALL = 125; // sequences of three of five items
  private static final Prefix SESSION = new Prefix(new int[] {2, 5, 2, 1}, 4);
  private static final Sessions SESSIONS = Sessions.of(
      Vocabulary.of(ITEMS),
      List.of(new int[] {1, 2, 3}, new int[] {2, 3, 4, 5}, new int[] {3, 4, 1, 2}));

  static Stream<EncoderConfig> encoders() {
    return EncoderConfigs.causal();
  }

  @ParameterizedTest
  @MethodSource("encoders")
  void aBeamOfAllSequencesFindsThoseOfThePlainComputationInOrder(EncoderConfig config) {
    ServingModel model = model(config);
    List<Continuation> expected = all(model, row -> true, true);

    List<Continuation> found =
        new BeamSearch(model, STEPS, ALL, true, row -> true).continuations(SESSION);

    assertThat(found).hasSize(ALL);
    assertThat(
            found.stream().mapToDouble(each -> Math.exp(each.logProbability())).sum())
        .isCloseTo(1, within(1e-6));
    for (int i = 0; i < ALL; i++) {
      assertThat(found.get(i).logProbability())
          .isCloseTo(expected.get(i).logProbability(), within(1e-5));
    }
    assertThat(found.getFirst().ids(model.vocabulary()))
        .isEqualTo(expected.getFirst().ids(model.vocabulary()));
  }

  @Test
  void withoutRepeatsNoItemIsClickedTwiceAndProbabilitiesAreAmongTheRest() {
    ServingModel model = model(encoders().findFirst().orElseThrow());
    List<Continuation> expected = all(model, row -> true, false);

    List<Continuation> found =
        new BeamSearch(model, STEPS, ALL, false, row -> true).continuations(SESSION);

    // Clicked were b, e, b, a. Of c and d one comes first, and nothing is left after the other.
    assertThat(found).hasSize(2).allSatisfy(each -> assertThat(each.rows()).hasSize(2));
    assertThat(found.stream().map(each -> each.ids(model.vocabulary())))
        .containsExactlyInAnyOrder(List.of("c", "d"), List.of("d", "c"));
    assertThat(found.getFirst().probabilities()[1]).isCloseTo(1, within(1e-9));
    assertThat(found.getFirst().rows()).containsExactly(expected.getFirst().rows());
    assertThat(found.getFirst().probabilities()[0])
        .isCloseTo(expected.getFirst().probabilities()[0], within(1e-6));
  }

  @Test
  void aBeamOfOneTakesTheBestCandidateAtEachStep() {
    ServingModel model = model(encoders().findFirst().orElseThrow());
    IntPredicate candidate = row -> row != 3;
    List<Integer> expected = new ArrayList<>();
    for (int step = 0; step < STEPS; step++) {
      double[] next = probabilities(model, expected, candidate, true);
      expected.add(IntStream.range(0, next.length)
          .boxed()
          .max(Comparator.comparingDouble(row -> next[row]))
          .orElseThrow());
    }

    List<Continuation> found =
        new BeamSearch(model, STEPS, 1, true, candidate).continuations(SESSION);

    assertThat(found).hasSize(1);
    assertThat(found.getFirst().rows())
        .containsExactly(expected.stream().mapToInt(row -> row).toArray());
  }

  @Test
  void whatCannotBeContinuedIsAnError() {
    ServingModel model = model(encoders().findFirst().orElseThrow());
    BeamSearch search = new BeamSearch(model, STEPS, 2, true, row -> true);
    assertThatThrownBy(() -> search.continuations(new Prefix(new int[0], 0)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("without clicks");
    assertThatThrownBy(() -> new BeamSearch(model, 0, 2, true, row -> true))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at least 1, not 0 and 2");
    assertThat(new BeamSearch(model, STEPS, 2, true, row -> false).continuations(SESSION))
        .singleElement()
        .satisfies(each -> assertThat(each.rows()).isEmpty());
  }

  private static ServingModel model(EncoderConfig config) {
    return ServingModel.of(TrainedModels.corrected(TrainedModels.briefly(SESSIONS, config), 3));
  }

  /** Every sequence, with its probability by encoding the whole session anew for each click. */
  private static List<Continuation> all(
      ServingModel model, IntPredicate candidate, boolean repeats) {
    List<Continuation> done = List.of(new Continuation(new int[0], new double[0]));
    for (int step = 0; step < STEPS; step++) {
      List<Continuation> longer = new ArrayList<>();
      for (Continuation each : done) {
        List<Integer> rows = Arrays.stream(each.rows()).boxed().toList();
        double[] next = probabilities(model, rows, candidate, repeats);
        for (int row = 1; row < next.length; row++) {
          if (next[row] > 0) {
            int[] sequence = Arrays.copyOf(each.rows(), step + 1);
            sequence[step] = row;
            double[] probabilities = Arrays.copyOf(each.probabilities(), step + 1);
            probabilities[step] = next[row];
            longer.add(new Continuation(sequence, probabilities));
          }
        }
      }
      done = longer.isEmpty() ? done : longer;
    }
    return done.stream()
        .sorted(Comparator.comparingDouble(Continuation::logProbability).reversed())
        .toList();
  }

  /** (V + 1): softmax over the candidates. */
  private static double[] probabilities(
      ServingModel model, List<Integer> after, IntPredicate candidate, boolean repeats) {
    List<Integer> clicks = new ArrayList<>();
    Arrays.stream(SESSION.clicks()).forEach(clicks::add);
    clicks.addAll(after);
    SessionVector vector =
        model.vector(clicks.stream().map(row -> ITEMS.get(row - 1)).toList());
    double[] probabilities = new double[ITEMS.size() + 1];
    for (int row = 1; row < probabilities.length; row++) {
      if (candidate.test(row) && (repeats || !clicks.contains(row))) {
        probabilities[row] =
            Math.exp(model.items().dot(vector.query(), row) + vector.clicked().of(row));
      }
    }
    double sum = Arrays.stream(probabilities).sum();
    return Arrays.stream(probabilities).map(each -> sum == 0 ? 0 : each / sum).toArray();
  }
}
