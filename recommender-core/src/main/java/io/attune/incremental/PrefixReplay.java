package io.attune.incremental;

import io.attune.recommender.Prefix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Encodes session prefixes by replaying each session once, click by click.
 *
 * <p>Memory does not grow with the session beyond its clicks. If the prefixes of a session arrive
 * in several calls, shorter ones first, each call continues where the last one stopped, so a
 * session costs as many steps as it has clicks.
 *
 * <p>A query vector depends on its prefix alone. Thread-safe.
 *
 * <p>Internal: shared by the modules of Attune.
 */
public final class PrefixReplay {
  private final IncrementalEncoder encoder;
  private final int dimension;
  private final AtomicReference<@Nullable Walk> last = new AtomicReference<>();

  /**
   * Creates a replay.
   *
   * @param encoder encodes the clicks
   * @param dimension D, the size of its query vectors
   */
  public PrefixReplay(IncrementalEncoder encoder, int dimension) {
    this.encoder = encoder;
    this.dimension = dimension;
  }

  /** Receives encoded prefixes. */
  public interface Visitor {
    /**
     * Called once for each prefix.
     *
     * @param prefix index of the prefix in the list
     * @param query float32 (D): its query vector; zero for an empty prefix
     * @param shares the share of attention of each click in the window, oldest first
     */
    void accept(int prefix, float[] query, float[] shares);
  }

  /**
   * Encodes prefixes, replaying each session once for all of its prefixes.
   *
   * @param prefixes in any order
   * @param visitor called once for each prefix, by the calling thread
   * @return the number of encoder steps taken
   */
  public long encode(List<Prefix> prefixes, Visitor visitor) {
    List<Integer> order = new ArrayList<>(prefixes.size());
    for (int i = 0; i < prefixes.size(); i++) {
      order.add(i);
    }
    // Sorted so that each prefix comes right before its extensions.
    order.sort(Comparator.comparing(
        prefixes::get,
        (a, b) -> Arrays.compare(a.clicks(), 0, a.length(), b.clicks(), 0, b.length())));
    Walk walk = last.getAndSet(null);
    long steps = 0;
    for (int slot : order) {
      Prefix prefix = prefixes.get(slot);
      if (walk == null || !walk.isPrefixOf(prefix)) {
        walk = new Walk(encoder);
      }
      steps += walk.advanceTo(prefix);
      float[] query = new float[dimension];
      float[] shares = walk.state.clicks() == 0 ? new float[0] : encoder.encode(walk.state, query);
      visitor.accept(slot, query, shares);
    }
    last.set(walk);
    return steps;
  }

  /** A session as far as it has been replayed. */
  private static final class Walk {
    private final IncrementalEncoder encoder;
    private final SessionState state;
    private int[] clicks = {};
    private long[] times = {};

    Walk(IncrementalEncoder encoder) {
      this.encoder = encoder;
      this.state = encoder.start();
    }

    /** Whether the clicks replayed so far are the beginning of a prefix. */
    boolean isPrefixOf(Prefix prefix) {
      int steps = state.clicks();
      return steps <= prefix.length()
          && Arrays.equals(clicks, 0, steps, prefix.clicks(), 0, steps)
          && IntStream.range(0, steps).allMatch(click -> times[click] == prefix.time(click));
    }

    int advanceTo(Prefix prefix) {
      int before = state.clicks();
      if (clicks.length < prefix.length()) {
        int room = Math.max(prefix.length(), Math.min(2 * clicks.length, prefix.clicks().length));
        clicks = Arrays.copyOf(clicks, room);
        times = Arrays.copyOf(times, room);
      }
      while (state.clicks() < prefix.length()) {
        int click = state.clicks();
        clicks[click] = prefix.clicks()[click];
        times[click] = prefix.time(click);
        encoder.advance(state, clicks[click], times[click]);
      }
      return state.clicks() - before;
    }
  }
}
