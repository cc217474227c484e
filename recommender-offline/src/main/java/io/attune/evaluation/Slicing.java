package io.attune.evaluation;

import io.attune.session.Sessions;
import io.attune.session.Visits;
import io.attune.session.Vocabulary;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/**
 * A partition of the predictions into slices, such as by the popularity of the target, to show
 * where a recommender is good.
 *
 * @param name the property that predictions are divided by
 * @param labels the labels of the slices, in order
 * @param sliceOf (P): the index of each prediction's slice
 */
public record Slicing(String name, List<String> labels, int[] sliceOf) {
  private static final int[] MIN_CLICKS_BEFORE = {1, 2, 3, 4, 6, 11, 21}; // of each slice
  private static final int MAX_DAYS = 31;

  public Slicing {
    labels = List.copyOf(labels);
  }

  /**
   * All slicings of these predictions: by number of clicks before, by new or repeated item, and by
   * popularity. If the first model knows some items by their words alone, by whether the target is
   * one of them. If there are times, by a visitor's first and later visits where sessions are
   * histories, by hour, by day and by window.
   *
   * @param counts the clicks of training
   * @param model the clicks that the first model was trained on
   * @param windows number of windows of equal duration; 1 for no slicing by window
   */
  static List<Slicing> all(
      Predictions predictions, ItemCounts counts, ItemCounts model, int windows) {
    List<Slicing> all = new ArrayList<>();
    all.add(byClicksBefore(predictions));
    all.add(byRepeat(predictions));
    all.add(byPopularity(predictions, counts));
    if (model.hasItemsWithoutClicks()) {
      all.add(byKnowledge(predictions, model));
    }
    if (predictions.test().hasTimes() && predictions.size() > 0) {
      if (predictions.test().areHistories()) {
        all.add(byVisit(predictions));
      }
      all.add(byHour(predictions));
      addByDay(predictions, all);
      if (windows > 1) {
        all.add(byWindow(predictions, windows));
      }
    }
    return all;
  }

  /** The number of predictions in each slice. */
  int[] sizes() {
    int[] sizes = new int[labels.size()];
    for (int slice : sliceOf) {
      sizes[slice]++;
    }
    return sizes;
  }

  /**
   * The mean of values in each slice.
   *
   * @param values float64 (P)
   * @return one mean per slice, NaN for an empty slice
   */
  double[] means(double[] values) {
    double[] means = new double[labels.size()];
    for (int p = 0; p < values.length; p++) {
      means[sliceOf[p]] += values[p];
    }
    int[] sizes = sizes();
    Arrays.setAll(means, slice -> means[slice] / sizes[slice]);
    return means;
  }

  private static Slicing byClicksBefore(Predictions predictions) {
    int[] starts = MIN_CLICKS_BEFORE;
    List<String> labels = new ArrayList<>();
    for (int i = 0; i < starts.length; i++) {
      int from = starts[i];
      labels.add(
          i == starts.length - 1
              ? from + " or more"
              : starts[i + 1] == from + 1 ? "" + from : from + " to " + (starts[i + 1] - 1));
    }
    return of("clicks before", labels, predictions, p -> {
      int found = Arrays.binarySearch(starts, predictions.clicksBefore(p));
      return found >= 0 ? found : -found - 2;
    });
  }

  private static Slicing byRepeat(Predictions predictions) {
    BitSet repeats = predictions.repeats();
    return of("next item", List.of("new", "repeated"), predictions, p -> repeats.get(p) ? 1 : 0);
  }

  private static Slicing byPopularity(Predictions predictions, ItemCounts counts) {
    Sessions test = predictions.test();
    int[] deciles = counts.decileByRowOf(test.vocabulary());
    List<String> labels = new ArrayList<>();
    for (int decile = 1; decile <= 10; decile++) {
      labels.add(
          decile == 1 ? "1 (most clicked)" : decile == 10 ? "10 (least clicked)" : "" + decile);
    }
    labels.add("not in training");
    return of("popularity decile", labels, predictions, p -> {
      int row = test.item(predictions.click(p));
      int decile = row == Vocabulary.UNKNOWN ? 0 : deciles[row];
      return decile == 0 ? 10 : decile - 1;
    });
  }

  /** How the first model knows the target. */
  private static Slicing byKnowledge(Predictions predictions, ItemCounts model) {
    Sessions test = predictions.test();
    Vocabulary items = test.vocabulary();
    long[] clicks = model.byRowOf(items);
    BitSet known = model.knownRowsOf(items);
    return of(
        "item in the model",
        List.of("by its clicks", "by its words alone", "unknown"),
        predictions,
        p -> {
          int row = test.item(predictions.click(p));
          return clicks[row] > 0 ? 0 : known.get(row) ? 1 : 2;
        });
  }

  /** A target that begins a visit belongs to it: what a visitor who returns wants first. */
  private static Slicing byVisit(Predictions predictions) {
    Sessions test = predictions.test();
    long gap = Objects.requireNonNullElse(test.visitGap(), Visits.GAP).toMillis();
    return of(
        "visit",
        List.of("first", "returning: first click", "returning: later clicks"),
        predictions,
        p -> {
          int target = predictions.click(p);
          int click = target;
          int start = test.start(predictions.session(p));
          while (click > start && !Visits.begins(test.time(click - 1), test.time(click), gap)) {
            click--;
          }
          return click == start ? 0 : click == target ? 1 : 2;
        });
  }

  private static Slicing byHour(Predictions predictions) {
    return of(
        "hour (UTC)",
        List.of("0 to 5", "6 to 11", "12 to 17", "18 to 23"),
        predictions,
        p -> Instant.ofEpochMilli(time(predictions, p)).atOffset(ZoneOffset.UTC).getHour() / 6);
  }

  private static void addByDay(Predictions predictions, List<Slicing> all) {
    TreeSet<Long> days = new TreeSet<>();
    for (int p = 0; p < predictions.size() && days.size() <= MAX_DAYS; p++) {
      days.add(day(predictions, p));
    }
    if (days.size() > 1 && days.size() <= MAX_DAYS) {
      List<Long> order = List.copyOf(days);
      List<String> labels =
          order.stream().map(day -> LocalDate.ofEpochDay(day).toString()).toList();
      all.add(of("day (UTC)", labels, predictions, p -> order.indexOf(day(predictions, p))));
    }
  }

  private static Slicing byWindow(Predictions predictions, int count) {
    Windows windows = Windows.of(predictions, count);
    List<String> labels = IntStream.range(0, count)
        .mapToObj(window -> "from " + windows.start(window))
        .toList();
    return new Slicing("window", labels, windows.windowOf());
  }

  private static long time(Predictions predictions, int prediction) {
    return predictions.test().time(predictions.click(prediction));
  }

  private static long day(Predictions predictions, int prediction) {
    return Math.floorDiv(time(predictions, prediction), 86_400_000L);
  }

  private static Slicing of(
      String name, List<String> labels, Predictions predictions, IntUnaryOperator slice) {
    int[] sliceOf = new int[predictions.size()];
    Arrays.setAll(sliceOf, slice);
    return new Slicing(name, labels, sliceOf);
  }
}
