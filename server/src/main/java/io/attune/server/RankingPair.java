package io.attune.server;

import io.attune.lucene.Blend;
import io.attune.lucene.SessionRescorer;
import io.attune.model.LearnedBlend;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Two rankings of a search's hits that are to be compared by clicks.
 *
 * @param a team A
 * @param b team B, another one
 */
record RankingPair(Ranking a, Ranking b) {
  private static final String WHERE = "query.compare";

  /** A ranking that requests can name, in lower case. */
  enum Ranking {
    /** By words alone. */
    WORDS,
    /** By words and session, with a fixed weight: the server's, or else equal ones. */
    FIXED,
    /** By words and session, by the model's learned blend. */
    LEARNED;

    /** The name in requests, answers and events. */
    String label() {
      return name().toLowerCase(Locale.ROOT);
    }

    /**
     * How it makes one score.
     *
     * @param settings of the search
     * @param learned the model's blend; null if it has none
     * @return null for words alone
     */
    @Nullable
    Blend blend(SessionRescorer.Settings settings, @Nullable LearnedBlend learned) {
      return switch (this) {
        case WORDS -> null;
        case FIXED ->
          settings.blend() == null || settings.blend() instanceof Blend.Learned
              ? Blend.defaults()
              : settings.blend();
        case LEARNED -> settings.withBlend(null).blendOf(learned);
      };
    }
  }

  /**
   * Reads two names with a comma between them.
   *
   * @throws RequestFailure if they are not the names of two rankings
   */
  static RankingPair parse(String text) {
    List<Ranking> named = Arrays.stream(text.split(",", -1))
        .flatMap(name ->
            Arrays.stream(Ranking.values()).filter(ranking -> ranking.label().equals(name)))
        .toList();
    if (named.size() != 2 || text.chars().filter(c -> c == ',').count() != 1) {
      throw RequestFailure.invalid("not two rankings: " + Ids.shown(text), WHERE, expected());
    }
    if (named.getFirst() == named.getLast()) {
      throw RequestFailure.invalid("twice the same ranking", WHERE, expected());
    }
    return new RankingPair(named.getFirst(), named.getLast());
  }

  private static String expected() {
    return "two of "
        + Arrays.stream(Ranking.values()).map(Ranking::label).collect(Collectors.joining(", "))
        + ", such as words,learned";
  }

  /**
   * Checks that a model can rank so.
   *
   * @throws RequestFailure if it has no learned blend, and one is named
   */
  void requirePossible(@Nullable LearnedBlend learned) {
    if (learned == null && (a == Ranking.LEARNED || b == Ranking.LEARNED)) {
      throw RequestFailure.invalid(
          "the model has no learned blend",
          WHERE,
          "words,fixed, or a model whose blend attune blend has learned");
    }
  }
}
