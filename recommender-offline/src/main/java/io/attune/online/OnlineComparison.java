package io.attune.online;

import io.attune.evaluation.Bootstrap;
import io.attune.evaluation.Interval;
import io.attune.online.InterleavedSearches.CreditedClick;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Which of two rankings wins, by the clicks on interleaved searches.
 *
 * <p>What is compared is the share of B among the credited clicks. Clicks of one session are not
 * independent, so sessions are resampled for its interval and are the units of both tests. By
 * default a ranking wins only if that holds however often the comparison was looked at before (a
 * test that is valid at any time, which needs about 2.4 times the sessions); with a single look
 * that was planned in advance, if the p-value of a paired randomization test is below 0.05. In both
 * cases the interval must exclude one half.
 *
 * <p>Nobody wins if the sample ratio is off: then the log is not that of fair coins.
 *
 * @param searches what was shown and clicked
 * @param all the share over all credited clicks
 * @param ratio whether both teams chose first equally often
 * @param pValue of a single look
 * @param anytimePValue of any number of looks
 * @param isSingleLook whether the first of them decides
 * @param outcome who wins
 * @param seed of resampling
 * @param daysLeft about how many more days, at this rate and if the share stays as it is, decide
 *     with a chance of 80 %; empty if decided, or if that cannot be said
 */
public record OnlineComparison(
    InterleavedSearches searches,
    Share all,
    SampleRatio ratio,
    double pValue,
    double anytimePValue,
    boolean isSingleLook,
    Outcome outcome,
    long seed,
    OptionalDouble daysLeft) {
  /** The significance level. */
  public static final double LEVEL = 0.05;

  /** Fewer sessions with credited clicks than this allow no estimate of the days. */
  public static final int MIN_SESSIONS = 30;

  /** A comparison that would need this many times what there is shows no difference. */
  private static final double MAX_GROWTH = 1000;

  /** The quantiles of the normal distribution at 97.5 and 80 %. */
  private static final double SIGNIFICANT = 1.959964;

  private static final double POWER = 0.841621;
  private static final int MAX_DEVICES = 8;

  /** Who wins. */
  public enum Outcome {
    /** The first ranking. */
    A,
    /** The second ranking. */
    B,
    /** Not decided yet. */
    UNDECIDED,
    /** Nobody: the sample ratio is off, so the log cannot be trusted. */
    UNRELIABLE
  }

  /**
   * The share of B among clicks.
   *
   * @param clicks number of credited clicks
   * @param sessions number of sessions that they are of
   * @param ofB 0 to 1; NaN without clicks
   * @param interval its 95 % confidence interval, by resampled sessions; NaN without clicks
   */
  public record Share(long clicks, long sessions, double ofB, Interval interval) {}

  /** The share of B in a part of the clicks. */
  public record Slice(String name, Share share) {}

  /**
   * Whether both teams chose first equally often, by a chi-square test of one degree of freedom.
   *
   * @param firstOfA number of draws in which A did
   * @param firstOfB number of draws in which B did
   * @param chiSquare the statistic
   * @param pValue its p-value
   */
  public record SampleRatio(long firstOfA, long firstOfB, double chiSquare, double pValue) {
    /** Below this p-value the ratio is off; a sound log is so once in a thousand times. */
    public static final double LEVEL = 0.001;

    static SampleRatio of(long a, long b) {
      double difference = a - b;
      double chiSquare = a + b == 0 ? 0 : difference * difference / (a + b);
      return new SampleRatio(a, b, chiSquare, 2 * upperTail(Math.sqrt(chiSquare)));
    }

    /** Whether it is as fair coins make it. */
    public boolean isFair() {
      return pValue >= LEVEL;
    }

    /**
     * The chance of a standard normal number above z, 0 or more, to a relative 1e-7 (Numerical
     * Recipes, erfcc).
     */
    static double upperTail(double z) {
      double x = z / Math.sqrt(2);
      double t = 1 / (1 + 0.5 * x);
      double[] coefficients = {
        0.17087277,
        -0.82215223,
        1.48851587,
        -1.13520398,
        0.27886807,
        -0.18628806,
        0.09678418,
        0.37409196,
        1.00002368,
        -1.26551223
      };
      double sum = 0;
      for (double coefficient : coefficients) {
        sum = sum * t + coefficient;
      }
      return 0.5 * t * Math.exp(-x * x + sum);
    }
  }

  /**
   * Compares.
   *
   * @param isSingleLook whether this is the only look, planned in advance
   * @param seed of resampling
   */
  public static OnlineComparison of(InterleavedSearches searches, boolean isSingleLook, long seed) {
    List<CreditedClick> clicks = searches.clicks();
    double[] differences = differences(clicks);
    double sum = Arrays.stream(differences).sum();
    double squares = Arrays.stream(differences).map(d -> d * d).sum();
    Share all = new Share(0, 0, Double.NaN, new Interval(Double.NaN, Double.NaN));
    double pValue = 1;
    if (!clicks.isEmpty()) {
      Bootstrap sessions = new Bootstrap(sessions(clicks), seed);
      all = share(clicks, sessions);
      double[] ofB = ofB(clicks);
      double[] ofA = Arrays.stream(ofB).map(b -> 1 - b).toArray();
      pValue = sessions.difference(ofB, ofA).pValue();
    }
    OnlineComparison undecided = new OnlineComparison(
        searches,
        all,
        SampleRatio.of(searches.firstOfA(), searches.firstOfB()),
        pValue,
        AnytimeTest.pValue(sum, squares),
        isSingleLook,
        Outcome.UNDECIDED,
        seed,
        all.sessions < MIN_SESSIONS
            ? OptionalDouble.empty()
            : daysLeft(searches, sum, squares, isSingleLook));
    return undecided.decided(isSingleLook);
  }

  /**
   * The same evidence, judged as that of a single look or of any number of looks. The days that are
   * left are those of the judgement that it was made with.
   */
  public OnlineComparison decided(boolean bySingleLook) {
    boolean excludesHalf = all.interval.low() > 0.5 || all.interval.high() < 0.5;
    Outcome who = Outcome.UNDECIDED;
    if (!ratio.isFair()) {
      who = Outcome.UNRELIABLE;
    } else if (excludesHalf && (bySingleLook ? pValue : anytimePValue) < LEVEL) {
      who = all.ofB > 0.5 ? Outcome.B : Outcome.A;
    }
    return new OnlineComparison(
        searches,
        all,
        ratio,
        pValue,
        anytimePValue,
        bySingleLook,
        who,
        seed,
        who == Outcome.UNDECIDED ? daysLeft : OptionalDouble.empty());
  }

  /** The share by position of the hit. */
  public List<Slice> positions() {
    return slices(
        click -> position(click.position()),
        Comparator.comparingInt(
            clicks -> clicks.stream().mapToInt(CreditedClick::position).min().orElseThrow()));
  }

  /** The share by device, those with the most clicks first; the rare ones of many together. */
  public List<Slice> devices() {
    return slices(deviceNames(), Comparator.comparingInt(clicks -> -clicks.size()));
  }

  private static int[] sessions(List<CreditedClick> clicks) {
    Map<String, Integer> numbers = new HashMap<>();
    return clicks.stream()
        .mapToInt(click -> numbers.computeIfAbsent(click.session(), key -> numbers.size()))
        .toArray();
  }

  private static double[] ofB(List<CreditedClick> clicks) {
    return clicks.stream().mapToDouble(click -> click.isOfB() ? 1 : 0).toArray();
  }

  private static Share share(List<CreditedClick> clicks, Bootstrap bootstrap) {
    double[] ofB = ofB(clicks);
    return new Share(
        clicks.size(),
        clicks.stream().map(CreditedClick::session).distinct().count(),
        Arrays.stream(ofB).average().orElseThrow(),
        bootstrap.interval(ofB));
  }

  /** Clicks of B less those of A, of each session. */
  private static double[] differences(List<CreditedClick> clicks) {
    int[] sessions = sessions(clicks);
    double[] differences = new double[Arrays.stream(sessions).max().orElse(-1) + 1];
    for (int i = 0; i < sessions.length; i++) {
      differences[sessions[i]] += clicks.get(i).isOfB() ? 1 : -1;
    }
    return differences;
  }

  private static String position(int position) {
    if (position <= 3) {
      return Integer.toString(position);
    }
    return position <= 5 ? "4 to 5" : position <= 10 ? "6 to 10" : "from 11";
  }

  private Function<CreditedClick, String> deviceNames() {
    Map<String, Long> counts = searches.clicks().stream()
        .collect(Collectors.groupingBy(CreditedClick::device, Collectors.counting()));
    Set<String> named = counts.entrySet().stream()
        .sorted(Map.Entry.<String, Long>comparingByValue()
            .reversed()
            .thenComparing(Map.Entry.comparingByKey()))
        .limit(MAX_DEVICES)
        .map(Map.Entry::getKey)
        .collect(Collectors.toSet());
    return click -> click.device().isEmpty()
        ? "not given"
        : named.contains(click.device()) ? click.device() : "others";
  }

  private List<Slice> slices(
      Function<CreditedClick, String> name, Comparator<List<CreditedClick>> order) {
    return searches.clicks().stream()
        .collect(Collectors.groupingBy(name, LinkedHashMap::new, Collectors.toList()))
        .entrySet()
        .stream()
        .sorted(Map.Entry.comparingByValue(order))
        .map(part -> new Slice(
            part.getKey(), share(part.getValue(), new Bootstrap(sessions(part.getValue()), seed))))
        .toList();
  }

  /**
   * How many more days decide, if every further day is like those so far: then the sum of the
   * differences grows with the time, and so do their squares.
   */
  private static OptionalDouble daysLeft(
      InterleavedSearches searches, double sum, double squares, boolean isSingleLook) {
    double days = Duration.between(searches.from(), searches.to()).toMillis() / 86_400e3;
    double z = Math.abs(sum) / Math.sqrt(squares);
    DoubleUnaryOperator missing = growth -> {
      double likely = Math.max(0, z * Math.sqrt(growth) - POWER); // reached with this chance
      return isSingleLook
          ? SIGNIFICANT - likely
          : AnytimeTest.pValue(likely * Math.sqrt(squares * growth), squares * growth) - LEVEL;
    };
    double enough = 1;
    while (missing.applyAsDouble(enough) >= 0) {
      enough *= 1.05;
      if (!(enough < MAX_GROWTH)) {
        return OptionalDouble.empty();
      }
    }
    return days > 1 / 24.0 ? OptionalDouble.of(days * (enough - 1)) : OptionalDouble.empty();
  }
}
