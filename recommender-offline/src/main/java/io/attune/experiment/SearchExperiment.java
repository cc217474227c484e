package io.attune.experiment;

import io.attune.session.Sessions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Collectors;

/**
 * Draws the queries of an offline experiment on how much sessions improve text search. A query
 * consists of words from the title of an item that a session clicked; that item is the wanted hit,
 * and the session is the clicks before it. What is learned or chosen on the second to last items of
 * sessions can be tested on the last ones.
 *
 * @param sessions the log; the last two clicks of each session are wanted
 * @param titles the title of each item, by id
 * @param words numbers of words of a title to search for, from 1
 * @param sample approximate number of sessions to use
 * @param seed the seed by which words, and visitors for unrelated sessions, are drawn
 */
public record SearchExperiment(
    Sessions sessions, Map<String, String> titles, List<Integer> words, int sample, long seed) {
  /** The number of hits that are ranked; an item that is not among them is a miss. */
  public static final int WINDOW = 1000;

  private static final int MIN_WORD_LENGTH = 3;

  public SearchExperiment {
    words = words.stream().distinct().sorted().toList();
    if (words.isEmpty() || words.getFirst() < 1) {
      throw new IllegalArgumentException("numbers of words must be 1 or more, not " + words);
    }
  }

  /** Which items of the sessions are wanted. */
  public enum Part {
    /** The second to last ones, to learn from. */
    LEARN(2),
    /** The last ones, to test on. */
    TEST(1);

    private final int fromEnd;

    Part(int fromEnd) {
      this.fromEnd = fromEnd;
    }
  }

  /**
   * A query whose wanted hit is known, as in known-item search.
   *
   * @param session number of the session
   * @param words number of words
   * @param text the words
   * @param clicks ids of the clicked items before the wanted one, oldest first
   * @param otherClicks clicks of another session, which has nothing to do with the query
   * @param wanted the id of the wanted item
   * @param shown ids of the items that the visitor was shown, in their order; empty if the query is
   *     to be searched
   */
  public record KnownItemQuery(
      int session,
      int words,
      String text,
      List<String> clicks,
      List<String> otherClicks,
      String wanted,
      List<String> shown) {
    /** A query that is to be searched. */
    public KnownItemQuery(
        int session,
        int words,
        String text,
        List<String> clicks,
        List<String> otherClicks,
        String wanted) {
      this(session, words, text, clicks, otherClicks, wanted, List.of());
    }
  }

  /**
   * Draws the queries of a part. Titles with fewer words than a query needs are left out.
   *
   * @throws IllegalArgumentException if no wanted item has a title of as many words
   */
  public List<KnownItemQuery> queries(Part part) {
    int every = Math.max(1, sessions.size() / sample);
    List<Integer> used = new ArrayList<>();
    for (int s = 0; s < sessions.size(); s += every) {
      if (sessions.length(s) > part.fromEnd) {
        used.add(s);
      }
    }
    List<KnownItemQuery> queries = new ArrayList<>();
    for (int i = 0; i < used.size(); i++) {
      int session = used.get(i);
      List<String> clicks = clicks(session, part);
      String wanted = item(session, sessions.length(session) - part.fromEnd);
      SplittableRandom random = new SplittableRandom(seed * 31 + session);
      List<String> title = shuffled(titles.getOrDefault(wanted, ""), random);
      int other = used.get((i + 1 + random.nextInt(Math.max(1, used.size() - 1))) % used.size());
      for (int number : words) {
        if (number <= title.size()) {
          queries.add(new KnownItemQuery(
              session,
              number,
              String.join(" ", title.subList(0, number)),
              clicks,
              clicks(other, part),
              wanted));
        }
      }
    }
    for (int number : words) {
      if (queries.stream().noneMatch(query -> query.words == number)) {
        throw new IllegalArgumentException(
            number == words.getFirst()
                ? "no wanted item of the log has a title: the items must have the same ids as the"
                    + " log, and sessions 3 clicks or more"
                : "no wanted item has a title of " + number + " words; name smaller numbers");
      }
    }
    return queries;
  }

  private List<String> clicks(int session, Part part) {
    return Arrays.stream(sessions.items(session), 0, sessions.length(session) - part.fromEnd)
        .mapToObj(sessions.vocabulary()::id)
        .toList();
  }

  private String item(int session, int click) {
    return sessions.vocabulary().id(sessions.items(session)[click]);
  }

  /** The different words of a title that are long enough, in random order. */
  private static List<String> shuffled(String title, SplittableRandom random) {
    List<String> all = Arrays.stream(title.split("[^\\p{L}\\p{N}]+", -1))
        .filter(word -> word.length() >= MIN_WORD_LENGTH)
        .distinct()
        .collect(Collectors.toCollection(ArrayList::new));
    List<String> drawn = new ArrayList<>();
    while (!all.isEmpty()) {
      drawn.add(all.remove(random.nextInt(all.size())));
    }
    return drawn;
  }
}
