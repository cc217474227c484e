package io.attune.baseline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.attune.recommender.Prefix;
import io.attune.recommender.Recommender;
import io.attune.session.Sessions;
import io.attune.session.Vocabulary;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Compares scores with those of the authors' programs, which differ by a factor per prediction
 * (they divide similarities by a term that all neighbours share), by the ten-thousandth that breaks
 * ties in favour of newer sessions here, and in Serenade by ln(C / S_i) instead of ln(S / S_i) for
 * an item in S_i of S sessions, where C is the number of clicks with each item counted once per
 * session.
 */
class GoldenNeighboursTest {
  private static final double TRACE = 2e-4;

  static Stream<Arguments> runs() throws IOException {
    JsonNode golden = golden();
    return golden
        .path("runs")
        .valueStream()
        .map(run -> Arguments.of(
            Named.of(
                run.path("baseline").asText() + " as " + run.path("program").asText(), run),
            sessions(golden, run.path("repeats").asText().equals("removed"))));
  }

  @ParameterizedTest
  @MethodSource("runs")
  void scoresEqualThoseOfTheProgramUpToAFactor(JsonNode run, Sessions sessions) {
    Recommender recommender = Baseline.parse(run.path("baseline").asText()).train(sessions);
    Vocabulary vocabulary = sessions.vocabulary();
    assertThat(run.path("predictions")).hasSize(20);
    for (JsonNode prediction : run.path("predictions")) {
      int[] clicks = rows(prediction.path("session"), vocabulary);
      float[] scores = new float[vocabulary.size() + 1];
      recommender.score(List.of(new Prefix(clicks, clicks.length)), scores);
      int[] items = rows(prediction.path("items"), vocabulary);
      if (run.path("baseline").asText().startsWith("vmis-knn")) {
        weighByClicks(scores, sessions);
      }
      double[] theirs = prediction
          .path("scores")
          .valueStream()
          .mapToDouble(JsonNode::asDouble)
          .toArray();
      double factor = scores[items[0]] / theirs[0];
      assertThat(factor).isPositive();
      for (int i = 0; i < items.length; i++) {
        assertThat((double) scores[items[i]])
            .as("item %d after %s", i, prediction.path("session"))
            .isCloseTo(factor * theirs[i], within(TRACE * factor * theirs[i]));
        if (i > 0 && theirs[i] < theirs[i - 1] * (1 - 2 * TRACE)) {
          assertThat(scores[items[i]]).isLessThan(scores[items[i - 1]]);
        }
      }
      assertThat(others(scores, items, run, clicks)).isEmpty();
    }
  }

  /** Weights items as Serenade does. */
  private static void weighByClicks(float[] scores, Sessions sessions) {
    int[] counts = new int[scores.length];
    for (int session = 0; session < sessions.size(); session++) {
      Arrays.stream(sessions.items(session)).distinct().forEach(row -> counts[row]++);
    }
    double clicks = Arrays.stream(counts).sum();
    for (int row = 1; row < scores.length; row++) {
      scores[row] *= (float)
          (Math.log(clicks / counts[row]) / Math.log((double) sessions.size() / counts[row]));
    }
  }

  /** Items with a score here but not in the program. */
  private static List<Integer> others(float[] scores, int[] items, JsonNode run, int[] clicks) {
    boolean lastLeftOut = run.path("lastItem").asText().equals("left out");
    return IntStream.range(1, scores.length)
        .filter(row -> scores[row] > 0)
        .filter(row -> !lastLeftOut || row != clicks[clicks.length - 1])
        .filter(row -> Arrays.stream(items).noneMatch(item -> item == row))
        .boxed()
        .toList();
  }

  private static int[] rows(JsonNode items, Vocabulary vocabulary) {
    return items.valueStream().mapToInt(item -> vocabulary.row(item.asText())).toArray();
  }

  /** The log that the programs were trained on. */
  private static Sessions sessions(JsonNode golden, boolean withoutRepeats) {
    List<List<String>> ids = golden
        .path("sessions")
        .valueStream()
        .map(session -> session.valueStream().map(JsonNode::asText).toList())
        .toList();
    Vocabulary vocabulary =
        Vocabulary.of(ids.stream().flatMap(List::stream).distinct().toList());
    List<int[]> rows = new ArrayList<>();
    List<long[]> times = new ArrayList<>();
    for (int session = 0; session < ids.size(); session++) {
      List<String> clicks = ids.get(session);
      int[] kept = IntStream.range(0, clicks.size())
          .filter(click -> !withoutRepeats || clicks.lastIndexOf(clicks.get(click)) == click)
          .toArray();
      long end = golden.path("ends").path(session).asLong();
      rows.add(
          Arrays.stream(kept).map(click -> vocabulary.row(clicks.get(click))).toArray());
      times.add(Arrays.stream(kept)
          .mapToLong(click -> 1000 * (1_600_000_000L + end - (clicks.size() - 1 - click)))
          .toArray());
    }
    return Sessions.of(vocabulary, rows, times);
  }

  private static JsonNode golden() throws IOException {
    try (InputStream json =
        GoldenNeighboursTest.class.getResourceAsStream("golden-neighbours.json")) {
      return new ObjectMapper().readTree(Objects.requireNonNull(json));
    }
  }
}
