package io.attune.server;

import java.time.Duration;

/**
 * What the server takes at most. {@link #defaults} are for a machine of a few cores.
 *
 * @param bodyBytes size of a request's body
 * @param sessionClicks clicks kept of a session; of a longer one the newest. The state of a live
 *     session has seen all of them; one that is rebuilt, after a change of the model, those kept
 * @param sessions sessions in memory; a session of many clicks counts as several. The one that is
 *     least likely to be used again makes room for another
 * @param expiry how long a session is kept after its last click
 * @param requests requests under way; a further one is refused with status 429
 * @param budget time for one search; what is not ranked by then keeps the order by words
 * @param grace time that requests under way have to finish when the server is closed
 */
public record ServerLimits(
    int bodyBytes,
    int sessionClicks,
    int sessions,
    Duration expiry,
    int requests,
    Duration budget,
    Duration grace) {

  /** Checks that each limit lets something through. */
  public ServerLimits {
    requirePositive("bodyBytes", bodyBytes);
    requirePositive("sessionClicks", sessionClicks);
    requirePositive("sessions", sessions);
    requirePositive("requests", requests);
    requirePositive("expiry", expiry);
    requirePositive("budget", budget);
    if (grace.isNegative()) {
      throw new IllegalArgumentException("grace must not be negative, but is " + grace);
    }
  }

  private static void requirePositive(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + " must be 1 or more, not " + value);
    }
  }

  private static void requirePositive(String name, Duration value) {
    if (!value.isPositive()) {
      throw new IllegalArgumentException(name + " must be positive, not " + value);
    }
  }

  /**
   * Bodies of 1 MiB, 200 clicks a session, 100,000 sessions for 30 minutes, 256 requests under way,
   * 200 ms for a search, 10 seconds to finish.
   */
  public static ServerLimits defaults() {
    return new ServerLimits(
        1 << 20,
        200,
        100_000,
        Duration.ofMinutes(30),
        256,
        Duration.ofMillis(200),
        Duration.ofSeconds(10));
  }
}
