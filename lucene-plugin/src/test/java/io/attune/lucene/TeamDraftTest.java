package io.attune.lucene;

import io.attune.lucene.TeamDraft.Pick;
import io.attune.lucene.TeamDraft.Team;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.SequencedSet;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.lucene.tests.util.LuceneTestCase;

public class TeamDraftTest extends LuceneTestCase {
  private static final int LISTS = 2_000;

  /** Hits with their teams, such as {@code x/- y/A}. */
  private static String text(List<Pick<String>> picks) {
    return picks.stream()
        .map(pick -> pick.hit() + "/" + (pick.team() == Team.NONE ? "-" : pick.team()))
        .collect(Collectors.joining(" "));
  }

  private static Set<String> drafts(List<String> a, List<String> b, int count) {
    return IntStream.range(0, 200)
        .mapToObj(seed -> text(TeamDraft.of(a, b, count, seed)))
        .collect(Collectors.toSet());
  }

  /** Some of the numbers from 0 on, in any order; a few stand there twice. */
  private static List<Integer> ranking(Random random, int hits) {
    List<Integer> all = new ArrayList<>(IntStream.range(0, hits).boxed().toList());
    Collections.shuffle(all, random);
    List<Integer> some = new ArrayList<>(all.subList(0, random.nextInt(hits + 1)));
    if (!some.isEmpty() && random.nextInt(4) == 0) {
      some.add(random.nextInt(some.size() + 1), some.get(random.nextInt(some.size())));
    }
    return some;
  }

  public void testEachRoundHasOneHitOfEachTeamInBothOrders() {
    // Round 1 takes x and y. In round 2 both want z: whoever wins the coin has it, and the other
    // has what is left.
    assertEquals(
        Set.of(
            "x/A y/B z/A w/B", "x/A y/B z/B w/A",
            "y/B x/A z/A w/B", "y/B x/A z/B w/A"),
        drafts(List.of("x", "y", "z", "w"), List.of("y", "x", "z", "w"), 4));
  }

  public void testWhatBothRankFirstStaysFirstAndBelongsToNoTeam() {
    assertEquals(
        Set.of("x/- y/- z/A w/B", "x/- y/- w/B z/A"),
        drafts(List.of("x", "y", "z", "w"), List.of("x", "y", "w", "z"), 4));
    assertEquals(Set.of("x/- y/- z/-"), drafts(List.of("x", "y", "z"), List.of("x", "y", "z"), 9));
  }

  public void testWhenARankingEndsTheOthersHitsFollowAndBelongToNoTeam() {
    assertEquals(
        Set.of("z/A x/B y/-", "x/B z/A y/-"), drafts(List.of("z"), List.of("x", "y", "z"), 9));
    // Whoever has z leaves the other without a hit, so it belongs to no team.
    assertEquals(
        Set.of("x/A y/B z/- w/-", "y/B x/A z/- w/-"),
        drafts(List.of("x", "z"), List.of("y", "z", "w"), 9));
    assertEquals(Set.of("x/- y/-"), drafts(List.of(), List.of("x", "y"), 9));
    assertEquals(Set.of(""), drafts(List.of(), List.of(), 9));
  }

  public void testAHitThatStandsTwiceCountsOnce() {
    assertEquals(
        drafts(List.of("x", "y", "z"), List.of("y", "x", "z"), 9),
        drafts(List.of("x", "x", "y", "z", "y"), List.of("y", "x", "x", "z"), 9));
  }

  public void testOfTheFirstHitsATeamHasAtMostOneMore() {
    forEachDraft((a, b, picks) -> {
      int lead = 0;
      for (Pick<Integer> pick : picks) {
        lead += pick.team() == Team.A ? 1 : pick.team() == Team.B ? -1 : 0;
        assertTrue(a + " " + b + " " + picks, Math.abs(lead) <= 1);
      }
    });
  }

  public void testATeamsHitIsTheBestOfItsRankingThatIsLeft() {
    forEachDraft((a, b, picks) -> {
      SequencedSet<Integer> leftOfA = new LinkedHashSet<>(a);
      SequencedSet<Integer> leftOfB = new LinkedHashSet<>(b);
      for (Pick<Integer> pick : picks) {
        switch (pick.team()) {
          case A -> assertEquals(leftOfA.getFirst(), pick.hit());
          case B -> assertEquals(leftOfB.getFirst(), pick.hit());
          case NONE -> {} // as both rankings have it, or as it is left over
        }
        leftOfA.remove(pick.hit());
        leftOfB.remove(pick.hit());
      }
    });
  }

  public void testEveryHitIsShownOnceAndNoneIsLost() {
    forEachDraft((a, b, picks) -> {
      Set<Integer> all = new HashSet<>(a);
      all.addAll(b);
      List<Integer> shown = picks.stream().map(Pick::hit).toList();
      assertEquals(all, new HashSet<>(shown));
      assertEquals(all.size(), shown.size());
    });
  }

  public void testAShorterListIsTheBeginningOfALongerOne() {
    Random random = new Random(5);
    for (int i = 0; i < LISTS; i++) {
      List<Integer> a = ranking(random, 8);
      List<Integer> b = ranking(random, 8);
      List<Pick<Integer>> all = TeamDraft.of(a, b, 100, i);
      for (int count = 1; count <= all.size(); count++) {
        assertEquals(all.subList(0, count), TeamDraft.of(a, b, count, i));
      }
    }
  }

  /** What the fairness of the comparison rests on. */
  public void testAtEveryPositionBothTeamsHaveTheSameChance() {
    forEachDraft((a, b, picks) -> {
      int[] lead = new int[picks.size()]; // of A, over all outcomes of the coins
      for (int coins = 0; coins < 1 << 6; coins++) { // of twelve hits, at most six rounds
        int outcome = coins;
        int[] tossed = {0};
        List<Pick<Integer>> draft =
            TeamDraft.of(a, b, 100, () -> (outcome >> tossed[0]++ & 1) == 1);
        for (int position = 0; position < lead.length; position++) {
          Team team = draft.get(position).team();
          lead[position] += team == Team.A ? 1 : team == Team.B ? -1 : 0;
        }
      }
      assertArrayEquals(a + " " + b, new int[lead.length], lead);
    });
  }

  public void testTheSeedsOfSessionsTossAFairCoin() {
    long first = IntStream.range(0, 10_000)
        .filter(session -> TeamDraft.of(
                    List.of("x", "y"),
                    List.of("y", "x"),
                    2,
                    TeamDraft.seed("session" + session, "shoes"))
                .getFirst()
                .team()
            == Team.A)
        .count();
    assertEquals(5_000.0, (double) first, 4 * 50.0); // four standard deviations
  }

  public void testASeedDependsOnEveryPartAndOnWhereItEnds() {
    assertEquals(TeamDraft.seed("anna", "red shoes"), TeamDraft.seed("anna", "red shoes"));
    Set<Long> seeds = Set.of(
        TeamDraft.seed("anna", "red shoes"),
        TeamDraft.seed("annared", " shoes"),
        TeamDraft.seed("anna", "red", "shoes"),
        TeamDraft.seed("anna", "red shoe"),
        TeamDraft.seed("anne", "red shoes"));
    assertEquals(5, seeds.size());
  }

  public void testACountBelowOneIsRefused() {
    IllegalArgumentException refused = expectThrows(
        IllegalArgumentException.class, () -> TeamDraft.of(List.of("x"), List.of("y"), 0, 1));
    assertEquals("count must be 1 or more, not 0", refused.getMessage());
  }

  private interface Check {
    void check(List<Integer> a, List<Integer> b, List<Pick<Integer>> picks);
  }

  private static void forEachDraft(Check check) {
    Random random = new Random(7);
    for (int i = 0; i < LISTS; i++) {
      List<Integer> a = ranking(random, 12);
      List<Integer> b = i % 3 == 0 ? new ArrayList<>(a) : ranking(random, 12);
      if (i % 3 == 0 && b.size() > 1) {
        Collections.swap(b, random.nextInt(b.size()), random.nextInt(b.size()));
      }
      check.check(a, b, TeamDraft.of(a, b, 100, i));
    }
  }
}
