package io.attune.evaluation;

import io.attune.session.Sessions;
import io.attune.session.Vocabulary;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.TreeSet;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/**
 * A way to divide predictions, so that one sees where a recommender is good.
 *
 * @param name what they are divided by
 * @param labels of the slices, in their order
 * @param sliceOf (P): index of each prediction's slice
 */
public record Slicing(String name, List<String> labels, int[] sliceOf) {
  private static final int[] LENGTHS = {1, 2, 3, 4, 6, 11, 21};
  private static final int MAX_DAYS = 31;

  public Slicing {
    labels = List.copyOf(labels);
  }

  /**
   * All ways that these predictions allow: by clicks before, by repeated or new item, by the item's
   * popularity, and with times by hour and by day.
   *
   * @param counts of training
   * @param windows into how many windows of equal duration the test is cut as well; 1 for none
   */
  public static List<Slicing> all(Predictions predictions, ItemCounts counts, int windows) {
    List<Slicing> all = new ArrayList<>();
    all.add(byLength(predictions));
    all.add(byRepeat(predictions));
    all.add(byPopularity(predictions, counts));
    if (predictions.test().hasTimes() && predictions.size() > 0) {
      all.add(byHour(predictions));
      byDay(predictions, all);
      if (windows > 1) {
        all.add(byWindow(predictions, windows));
      }
    }
    return all;
  }

  /** How many predictions are in each slice. */
  public int[] sizes() {
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
   * @return NaN for an empty slice
   */
  public double[] means(double[] values) {
    double[] means = new double[labels.size()];
    for (int p = 0; p < values.length; p++) {
      means[sliceOf[p]] += values[p];
    }
    int[] sizes = sizes();
    Arrays.setAll(means, slice -> means[slice] / sizes[slice]);
    return means;
  }

  private static Slicing byLength(Predictions predictions) {
    List<String> labels = new ArrayList<>();
    for (int i = 0; i < LENGTHS.length; i++) {
      int from = LENGTHS[i];
      labels.add(
          i == LENGTHS.length - 1
              ? from + " or more"
              : LENGTHS[i + 1] == from + 1 ? "" + from : from + " to " + (LENGTHS[i + 1] - 1));
    }
    return of("clicks before", labels, predictions, p -> {
      int found = Arrays.binarySearch(LENGTHS, predictions.clicksBefore(p));
      return found >= 0 ? found : -found - 2;
    });
  }

  private static Slicing byRepeat(Predictions predictions) {
    BitSet repeats = predictions.repeats();
    return of("next item", List.of("new", "repeated"), predictions, p -> repeats.get(p) ? 1 : 0);
  }

  private static Slicing byPopularity(Predictions predictions, ItemCounts counts) {
    Sessions test = predictions.test();
    int[] tenths = counts.tenthByRowOf(test.vocabulary());
    List<String> labels = new ArrayList<>();
    for (int tenth = 1; tenth <= 10; tenth++) {
      labels.add(tenth == 1 ? "1 (most clicked)" : tenth == 10 ? "10 (least clicked)" : "" + tenth);
    }
    labels.add("not in training");
    return of("tenth of the items", labels, predictions, p -> {
      int row = test.item(predictions.click(p));
      int tenth = row == Vocabulary.UNKNOWN ? 0 : tenths[row];
      return tenth == 0 ? 10 : tenth - 1;
    });
  }

  private static Slicing byHour(Predictions predictions) {
    return of(
        "hour (UTC)",
        List.of("0 to 5", "6 to 11", "12 to 17", "18 to 23"),
        predictions,
        p -> Instant.ofEpochMilli(time(predictions, p)).atOffset(ZoneOffset.UTC).getHour() / 6);
  }

  private static void byDay(Predictions predictions, List<Slicing> into) {
    TreeSet<Long> days = new TreeSet<>();
    for (int p = 0; p < predictions.size() && days.size() <= MAX_DAYS; p++) {
      days.add(day(predictions, p));
    }
    if (days.size() > 1 && days.size() <= MAX_DAYS) {
      List<Long> order = List.copyOf(days);
      List<String> labels =
          order.stream().map(day -> LocalDate.ofEpochDay(day).toString()).toList();
      into.add(of("day (UTC)", labels, predictions, p -> order.indexOf(day(predictions, p))));
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
