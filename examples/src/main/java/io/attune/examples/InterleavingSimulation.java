package io.attune.examples;

import io.attune.lucene.TeamDraft;
import io.attune.lucene.TeamDraft.Pick;
import io.attune.lucene.TeamDraft.Team;
import io.attune.online.InterleavedSearches;
import io.attune.online.InterleavedSearches.CreditedClick;
import io.attune.online.OnlineComparison;
import io.attune.online.OnlineComparison.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/**
 * Measures how often a comparison by interleaving finds the better of two rankings, and how often
 * it names a winner where there is none: simulated visitors search and click, and the events of
 * every day are looked at.
 *
 * <p>Each visitor wants one of {@value #ITEMS} items in each of one to five searches. Both rankings
 * guess what it is, with errors, so the wanted item stands anywhere; what one ranking gets wrong
 * about a visitor it gets wrong in all of their searches. Visitors read from the top, give up at
 * each hit with a chance of one in eight, click what they want, and sometimes something else.
 */
public final class InterleavingSimulation {
  private static final int ITEMS = 30;
  private static final int SHOWN = 10;
  private static final int DAYS = 14;
  private static final int SESSIONS_A_DAY = 100;
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  private InterleavingSimulation() {}

  /**
   * How a comparison went.
   *
   * @param anytimeDay the day, from 1, on which a look every day named a winner; 0 if none did
   * @param anytime the winner that it named
   * @param naive the winner of a look every day by the test for a single one, which is not meant
   *     for this
   * @param single the winner of a single look after the last day
   */
  public record Run(int anytimeDay, Outcome anytime, Outcome naive, Outcome single) {}

  /**
   * Simulates a comparison.
   *
   * @param gain how much better B knows what a visitor wants, in standard deviations of a ranking's
   *     error; 0 if it does not
   * @param sessionsADay number of sessions of a day
   * @param days number of days, with a look after each
   */
  public static Run run(double gain, int sessionsADay, int days, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<CreditedClick> clicks = new ArrayList<>();
    long[] first = new long[2];
    int day = 0;
    Outcome anytime = Outcome.UNDECIDED;
    Outcome naive = Outcome.UNDECIDED;
    Outcome single = Outcome.UNDECIDED;
    for (int number = 1; number <= days; number++) {
      for (int session = 0; session < sessionsADay; session++) {
        visit("visitor " + number + " " + session, gain, random, clicks, first);
      }
      InterleavedSearches searches = new InterleavedSearches(
          List.of("words", "session"),
          first[0] + first[1],
          first[0] + first[1],
          first[0],
          first[1],
          1,
          START,
          START.plus(Duration.ofDays(number)),
          clicks,
          Map.of());
      OnlineComparison look = OnlineComparison.of(searches, false, seed);
      if (anytime == Outcome.UNDECIDED && look.outcome() != Outcome.UNDECIDED) {
        anytime = look.outcome();
        day = number;
      }
      single = look.decided(true).outcome();
      naive = naive == Outcome.UNDECIDED ? single : naive;
    }
    return new Run(day, anytime, naive, single);
  }

  private static void visit(
      String session,
      double gain,
      SplittableRandom random,
      List<CreditedClick> clicks,
      long[] first) {
    double[][] errors = new double[2][ITEMS]; // of this visitor
    for (double[] ranking : errors) {
      for (int item = 0; item < ITEMS; item++) {
        ranking[item] = random.nextGaussian() / 2;
      }
    }
    int searches = 1 + random.nextInt(5);
    for (int search = 0; search < searches; search++) {
      int wanted = random.nextInt(ITEMS);
      List<Pick<Integer>> shown = TeamDraft.of(
          ranking(wanted, 1, errors[0], random),
          ranking(wanted, 1 + gain, errors[1], random),
          SHOWN,
          TeamDraft.seed(session, "search " + search));
      shown.stream()
          .filter(pick -> pick.team() != Team.NONE)
          .findFirst()
          .ifPresent(pick -> first[pick.team() == Team.A ? 0 : 1]++);
      for (int place = 0; place < shown.size(); place++) {
        Pick<Integer> hit = shown.get(place);
        boolean isClicked = hit.hit() == wanted || random.nextInt(25) == 0;
        if (isClicked && hit.team() != Team.NONE) {
          clicks.add(new CreditedClick(session, place + 1, "", hit.team() == Team.B));
        }
        if ((isClicked && hit.hit() == wanted) || random.nextInt(8) == 0) {
          break;
        }
      }
    }
  }

  /** The items by how likely a ranking takes each for the wanted one. */
  private static List<Integer> ranking(
      int wanted, double knowledge, double[] errors, SplittableRandom random) {
    double[] scores = new double[ITEMS];
    for (int item = 0; item < ITEMS; item++) {
      scores[item] = (item == wanted ? knowledge : 0) + errors[item] + random.nextGaussian();
    }
    return IntStream.range(0, ITEMS)
        .boxed()
        .sorted(Comparator.comparingDouble((Integer item) -> -scores[item]))
        .toList();
  }

  /**
   * Prints what came of many comparisons, without a better ranking and with one.
   *
   * @param args the number of runs, 1,000 without, and the gains, four of them without
   */
  public static void main(String... args) {
    int runs = args.length == 0 ? 1000 : Integer.parseInt(args[0]);
    System.out.printf(
        Locale.ROOT,
        "%,d runs each, %d days of %d sessions, percent of the runs%n%n"
            + "gain  look every day: B   A    days   single look: B   A    "
            + "single-look test every day: B   A%n",
        runs,
        DAYS,
        SESSIONS_A_DAY);
    double[] gains = args.length < 2
        ? new double[] {0, 0.05, 0.1, 0.2}
        : Arrays.stream(args).skip(1).mapToDouble(Double::parseDouble).toArray();
    for (double gain : gains) {
      List<Run> all = IntStream.range(0, runs)
          .parallel()
          .mapToObj(seed -> run(gain, SESSIONS_A_DAY, DAYS, seed))
          .toList();
      System.out.printf(
          Locale.ROOT,
          "%4.2f  %20.1f %3.1f %6.1f %16.1f %3.1f %30.1f %3.1f%n",
          gain,
          percent(all, run -> run.anytime() == Outcome.B),
          percent(all, run -> run.anytime() == Outcome.A),
          all.stream()
              .filter(run -> run.anytimeDay() > 0)
              .mapToInt(Run::anytimeDay)
              .average()
              .orElse(Double.NaN),
          percent(all, run -> run.single() == Outcome.B),
          percent(all, run -> run.single() == Outcome.A),
          percent(all, run -> run.naive() == Outcome.B),
          percent(all, run -> run.naive() == Outcome.A));
    }
  }

  private static double percent(List<Run> runs, Predicate<Run> which) {
    return 100.0 * runs.stream().filter(which).count() / runs.size();
  }
}
