package io.attune.lucene;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;

/**
 * Interleaves two rankings of the same search, so that clicks tell which of them is better: two
 * teams choose their best remaining hit, one each in a round, and a coin decides who chooses first.
 * A click counts for the team that chose the hit. At every position both teams have the same
 * chance, so visitors who click without looking give both the same number of clicks.
 *
 * <p>Of the first hits, of any number, one team has at most one more than the other. A hit that
 * both rankings have first is first.
 *
 * <p>Source: Radlinski, Kurup and Joachims, How does clickthrough data reflect retrieval quality?,
 * CIKM 2008, section 4.2. Differs from the paper:
 *
 * <ul>
 *   <li>the first hits, as far as both rankings agree on them, belong to no team: whoever clicks
 *       there has not chosen between the rankings;
 *   <li>when a ranking has too few hits left for a round, the paper ends the list; here what is
 *       left of the other ranking follows and belongs to no team.
 * </ul>
 */
public final class TeamDraft {
  private TeamDraft() {}

  /** Whom a click on a hit counts for. */
  public enum Team {
    /** The first ranking. */
    A,
    /** The second ranking. */
    B,
    /** Neither of them. */
    NONE
  }

  /**
   * A hit of the interleaved list.
   *
   * @param <T> what names a hit, with {@code equals}
   */
  public record Pick<T>(T hit, Team team) {}

  /**
   * Interleaves two rankings. A longer list begins with the shorter one, if the rankings do so too.
   *
   * @param a best first; a hit that stands there again counts once
   * @param b best first, likewise
   * @param count maximum number of hits of the list, 1 or more
   * @param seed decides the coins: the same gives the same list
   */
  public static <T> List<Pick<T>> of(List<T> a, List<T> b, int count, long seed) {
    return of(a, b, count, new SplittableRandom(seed)::nextBoolean);
  }

  /** The same with a coin: whether A chooses first. */
  static <T> List<Pick<T>> of(List<T> a, List<T> b, int count, BooleanSupplier coin) {
    if (count < 1) {
      throw new IllegalArgumentException("count must be 1 or more, not " + count);
    }
    SequencedSet<T> leftOfA = new LinkedHashSet<>(a);
    SequencedSet<T> leftOfB = new LinkedHashSet<>(b);
    Map<T, Team> picks = new LinkedHashMap<>();
    while (!leftOfA.isEmpty()
        && !leftOfB.isEmpty()
        && leftOfA.getFirst().equals(leftOfB.getFirst())) {
      picks.put(leftOfA.removeFirst(), Team.NONE);
      leftOfB.removeFirst();
    }
    while (picks.size() < count && canPlayARound(leftOfA, leftOfB)) {
      List<Team> order = coin.getAsBoolean() ? List.of(Team.A, Team.B) : List.of(Team.B, Team.A);
      for (Team team : order) {
        T hit = (team == Team.A ? leftOfA : leftOfB).getFirst();
        picks.put(hit, team);
        leftOfA.remove(hit);
        leftOfB.remove(hit);
      }
    }
    leftOfA.forEach(hit -> picks.putIfAbsent(hit, Team.NONE));
    leftOfB.forEach(hit -> picks.putIfAbsent(hit, Team.NONE));
    return picks.entrySet().stream()
        .limit(count)
        .map(pick -> new Pick<>(pick.getKey(), pick.getValue()))
        .toList();
  }

  /** Whether each team has a hit to choose, whoever chooses first. */
  private static <T> boolean canPlayARound(SequencedSet<T> leftOfA, SequencedSet<T> leftOfB) {
    if (leftOfA.isEmpty() || leftOfB.isEmpty()) {
      return false;
    }
    return !leftOfA.getFirst().equals(leftOfB.getFirst())
        || Math.min(leftOfA.size(), leftOfB.size()) > 1;
  }

  /**
   * A seed that is the same whenever all parts are, such as the session's id and the words, so that
   * a search that is repeated shows the same list. Any other part makes it independent.
   */
  public static long seed(String... parts) {
    MessageDigest digest;
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every Java platform has it
    }
    for (String part : parts) {
      byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
      digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).flip());
      digest.update(bytes);
    }
    return ByteBuffer.wrap(digest.digest()).getLong();
  }
}
