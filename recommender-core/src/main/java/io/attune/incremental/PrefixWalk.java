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
 * The query vectors of prefixes, by going through each session once, click by click. Memory does
 * not depend on how long a session is but for its clicks, and where the prefixes of one session
 * come in several calls, shorter ones first, the next call goes on where the last one stopped: so a
 * session costs as many steps as it has clicks.
 *
 * <p>A vector depends on its prefix alone. Safe for use by several threads.
 */
public final class PrefixWalk {
  private final IncrementalEncoder encoder;
  private final int dimension;
  private final AtomicReference<@Nullable Way> last = new AtomicReference<>();

  /**
   * Walks by an encoder.
   *
   * @param dimension D, of its query vectors
   */
  public PrefixWalk(IncrementalEncoder encoder, int dimension) {
    this.encoder = encoder;
    this.dimension = dimension;
  }

  /** Is told what the encoder made of a prefix. */
  public interface Use {
    /**
     * Takes one.
     *
     * @param prefix which of those that were asked for
     * @param query float32 (D): its query vector, zero where it has no clicks
     * @param shares of attention of the clicks that are looked back on, oldest first
     */
    void accept(int prefix, float[] query, float[] shares);
  }

  /**
   * Encodes prefixes. Those of one session are encoded on one way through it.
   *
   * @param prefixes in any order
   * @param use called once for each prefix, by the calling thread
   * @return how many clicks were walked through
   */
  public long vectors(List<Prefix> prefixes, Use use) {
    List<Integer> order = new ArrayList<>(prefixes.size());
    for (int i = 0; i < prefixes.size(); i++) {
      order.add(i);
    }
    // Each prefix comes right before those that go on from it.
    order.sort(Comparator.comparing(
        prefixes::get,
        (a, b) -> Arrays.compare(a.clicks(), 0, a.length(), b.clicks(), 0, b.length())));
    Way way = last.getAndSet(null);
    long walked = 0;
    for (int slot : order) {
      Prefix prefix = prefixes.get(slot);
      if (way == null || !way.leadsTo(prefix)) {
        way = new Way(encoder);
      }
      walked += way.goOn(prefix);
      float[] query = new float[dimension];
      float[] shares = way.state.clicks() == 0 ? new float[0] : encoder.shares(way.state, query);
      use.accept(slot, query, shares);
    }
    last.set(way);
    return walked;
  }

  /** A session as far as it has been walked through. */
  private static final class Way {
    private final IncrementalEncoder encoder;
    private final SessionState state;
    private int[] clicks = {};
    private long[] times = {};

    Way(IncrementalEncoder encoder) {
      this.encoder = encoder;
      this.state = encoder.start();
    }

    /** Whether what was walked through is the beginning of a prefix. */
    boolean leadsTo(Prefix prefix) {
      int walked = state.clicks();
      return walked <= prefix.length()
          && Arrays.equals(clicks, 0, walked, prefix.clicks(), 0, walked)
          && IntStream.range(0, walked).allMatch(click -> times[click] == prefix.time(click));
    }

    int goOn(Prefix prefix) {
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
