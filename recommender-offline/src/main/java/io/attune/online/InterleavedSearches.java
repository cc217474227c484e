package io.attune.online;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Searches that compared two rankings, with the clicks that count for one of them.
 *
 * @param rankings the names of A and B
 * @param searches number of interleaved searches
 * @param contested number of those that showed a hit of a team
 * @param firstOfA number of draws in which A chose first; a search that its session repeats is the
 *     same draw
 * @param firstOfB number of draws in which B did
 * @param models number of versions of the model
 * @param from time of the first search
 * @param to time of the last search
 * @param clicks the clicks that count
 * @param notes what was left out or is odd, with how often; without what was never there
 */
public record InterleavedSearches(
    List<String> rankings,
    long searches,
    long contested,
    long firstOfA,
    long firstOfB,
    int models,
    Instant from,
    Instant to,
    List<CreditedClick> clicks,
    Map<String, Long> notes) {

  /** Copies the lists. */
  public InterleavedSearches {
    if (rankings.size() != 2) {
      throw new IllegalArgumentException("there must be two rankings, not " + rankings);
    }
    rankings = List.copyOf(rankings);
    clicks = List.copyOf(clicks);
    notes = Collections.unmodifiableMap(new LinkedHashMap<>(notes));
  }

  /**
   * The first click on a hit that a team had chosen.
   *
   * @param session whose it is
   * @param position of the hit, from 1
   * @param device what the search called the device; empty if it did not
   * @param isOfB whether it counts for B; else for A
   */
  public record CreditedClick(String session, int position, String device, boolean isOfB) {}

  /**
   * Reads files of events as {@code attune serve} logs them: OpenSearch UBI events as JSON lines,
   * plain or gzip, in any order, also as they come out of OpenSearch. A click counts if it names
   * the search, and is of the same session, on a hit that was shown.
   *
   * @param files each once
   * @param rankings the names of the two rankings, in any order; empty for those of the events
   * @throws IOException if a file cannot be read, a line is no event, a hit was shown twice, no
   *     search is interleaved, or several pairs of rankings are and none is named
   */
  public static InterleavedSearches read(List<Path> files, List<String> rankings)
      throws IOException {
    EventReader reader = new EventReader();
    for (Path file : files) {
      reader.read(file);
    }
    return reader.joined(rankings);
  }
}
