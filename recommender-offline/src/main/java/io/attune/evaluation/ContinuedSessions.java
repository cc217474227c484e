package io.attune.evaluation;

import io.attune.recommender.Prefix;
import io.attune.recommender.Recommendation;
import io.attune.recommender.SessionPrefixes;
import io.attune.serving.BeamSearch;
import io.attune.serving.ServingModel;
import io.attune.serving.ServingRecommender;
import io.attune.session.Sessions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * How well a model foretells the rest of sessions: by the list of its best items, and by the
 * sequences of clicks that it continues sessions by.
 *
 * @param model the name of the model
 * @param steps n, the number of items or clicks compared with the rest
 * @param predictions number of places in sessions; at most {@value #MAX}, spread evenly over those
 *     with at least two clicks to come
 * @param rows the list first, then sequences
 */
public record ContinuedSessions(String model, int steps, int predictions, List<Row> rows) {
  /** A sequence takes the work of hundreds of lists. */
  static final int MAX = 2_000;

  public ContinuedSessions {
    rows = List.copyOf(rows);
  }

  /**
   * Figures of one way to foretell.
   *
   * @param means mean of each measure, in [0, 1]
   * @param differences from the list, by measure; empty for the list itself
   */
  public record Row(
      String label,
      Map<SequenceMeasure, Double> means,
      Map<SequenceMeasure, Difference> differences) {}

  /** A place in a session: what was clicked before, and the rows of the clicks to come. */
  private record Place(int session, Prefix before, int[] rest) {}

  /**
   * Compares the list of the best items with sequences from a beam of one and of the given width.
   *
   * @param steps n, at least 1
   * @param beam number of sequences to keep after each click, at least 1
   * @param excludeClicked whether no item may come twice
   */
  static ContinuedSessions of(
      String name,
      ServingModel model,
      Predictions predictions,
      int steps,
      int beam,
      boolean excludeClicked) {
    List<Place> places = places(predictions, model);
    ServingRecommender recommender = new ServingRecommender(name, model);
    List<int[]> lists = foretold(
        places,
        before -> recommender.top(before, steps, excludeClicked).stream()
            .mapToInt(Recommendation::row)
            .toArray());
    int[] sessions = places.stream().mapToInt(Place::session).toArray();
    Bootstrap bootstrap = new Bootstrap(sessions, 1);
    List<Row> rows = new ArrayList<>();
    rows.add(row("the " + Figures.count(steps, "best item"), places, lists, null, bootstrap));
    for (int width : beam == 1 ? new int[] {1} : new int[] {1, beam}) {
      BeamSearch search = new BeamSearch(model, steps, width, !excludeClicked, row -> true);
      List<int[]> sequences =
          foretold(places, before -> search.continuations(before).getFirst().rows());
      rows.add(row("sequence, beam " + width, places, sequences, lists, bootstrap));
    }
    return new ContinuedSessions(name, steps, places.size(), rows);
  }

  private static List<int[]> foretold(List<Place> places, Function<Prefix, int[]> by) {
    return places.parallelStream().map(place -> by.apply(place.before)).toList();
  }

  private static List<Place> places(Predictions predictions, ServingModel model) {
    Sessions sessions = predictions.test().recode(model.vocabulary());
    int[] wanted = IntStream.range(0, predictions.size())
        .filter(p -> predictions.clicksBefore(p) < sessions.length(predictions.session(p)) - 1)
        .toArray();
    List<Place> places = new ArrayList<>();
    int count = Math.min(MAX, wanted.length);
    for (int i = 0; i < count; i++) {
      int p = wanted[(int) ((long) i * wanted.length / count)];
      int session = predictions.session(p);
      int[] clicks = sessions.items(session);
      int[] rest = Arrays.copyOfRange(clicks, predictions.clicksBefore(p), clicks.length);
      Prefix before = SessionPrefixes.before(sessions, session, predictions.clicksBefore(p));
      if (before.length() > 0) {
        places.add(new Place(session, before, rest));
      }
    }
    return places;
  }

  private static Row row(
      String label,
      List<Place> places,
      List<int[]> found,
      @Nullable List<int[]> lists,
      Bootstrap bootstrap) {
    Map<SequenceMeasure, Double> means = new EnumMap<>(SequenceMeasure.class);
    Map<SequenceMeasure, Difference> differences = new EnumMap<>(SequenceMeasure.class);
    for (SequenceMeasure measure : SequenceMeasure.values()) {
      double[] values = values(measure, places, found);
      means.put(measure, Arrays.stream(values).average().orElse(Double.NaN));
      if (lists != null) {
        differences.put(measure, bootstrap.difference(values, values(measure, places, lists)));
      }
    }
    return new Row(label, means, differences);
  }

  private static double[] values(SequenceMeasure measure, List<Place> places, List<int[]> found) {
    return IntStream.range(0, places.size())
        .mapToDouble(i -> measure.value(found.get(i), places.get(i).rest))
        .toArray();
  }
}
