package io.attune.server;

import io.attune.lucene.Blend;
import io.attune.lucene.SessionRanking;
import io.attune.lucene.SessionRescorer;
import io.attune.lucene.TeamDraft;
import io.attune.model.LearnedBlend;
import io.attune.serving.SessionVector;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Two rankings of a search's hits that are to be compared by clicks.
 *
 * @param a team A
 * @param b team B, another one
 * @param where the part of the request that names them
 */
record RankingPair(Ranking a, Ranking b, String where) {

  /** A ranking that requests can name, in lower case. */
  enum Ranking {
    /** By words alone. */
    WORDS,
    /** By words and session, with a fixed weight: the server's, or else equal ones. */
    FIXED,
    /** By words and session, by the model's learned blend. */
    LEARNED,
    /** By words and session, by the version before, as the server ranked with it. */
    PREVIOUS;

    /** The name in requests, answers and events. */
    String label() {
      return name().toLowerCase(Locale.ROOT);
    }

    /**
     * Ranks hits.
     *
     * @param settings of the search
     * @param byWords scores of the first pass, in its order
     * @param bySession scores of {@link Encoded#model its model}; none where they cannot be had
     * @param count of the first hits
     * @return their places in the first pass, from 0
     */
    private List<Integer> places(
        SessionRescorer.Settings settings,
        Encoded session,
        float[] byWords,
        float[] bySession,
        int count) {
      int shown = Math.min(count, byWords.length);
      if (this == WORDS || bySession.length == 0) {
        return IntStream.range(0, shown).boxed().toList();
      }
      Blend blend = blend(settings, session.model(this).model().blend());
      return Arrays.stream(
              SessionRanking.of(blend, byWords, bySession).top(shown).before())
          .boxed()
          .toList();
    }

    private Blend blend(SessionRescorer.Settings settings, @Nullable LearnedBlend learned) {
      return switch (this) {
        case WORDS -> throw new IllegalStateException("words alone have no blend");
        case FIXED ->
          settings.blend() == null || settings.blend() instanceof Blend.Learned
              ? Blend.defaults()
              : settings.blend();
        case LEARNED -> settings.withBlend(null).blendOf(learned);
        case PREVIOUS -> settings.blendOf(learned);
      };
    }
  }

  /**
   * A session as the models in use have encoded it.
   *
   * @param active what is in use
   * @param vector by its model
   * @param previous by the version before; null if that is not compared
   */
  record Encoded(
      ActiveModel active, SessionVector vector, @Nullable SessionVector previous) {
    /** The model of a ranking. */
    ActiveModel model(Ranking ranking) {
      return ranking == Ranking.PREVIOUS ? Objects.requireNonNull(active.previous()) : active;
    }

    /** The session as a ranking sees it. */
    SessionVector vector(Ranking ranking) {
      return ranking == Ranking.PREVIOUS ? Objects.requireNonNull(previous) : vector;
    }
  }

  /**
   * Hits of both rankings.
   *
   * @param picks places in the first pass, from 0
   * @param reranked whether a session score was had
   */
  record Draft(List<TeamDraft.Pick<Integer>> picks, boolean reranked) {}

  /**
   * Reads two names with a comma between them.
   *
   * @param where the part of the request
   * @throws RequestFailure if they are not the names of two rankings
   */
  static RankingPair parse(String text, String where) {
    List<Ranking> named = Arrays.stream(text.split(",", -1))
        .flatMap(name ->
            Arrays.stream(Ranking.values()).filter(ranking -> ranking.label().equals(name)))
        .toList();
    if (named.size() != 2 || text.chars().filter(c -> c == ',').count() != 1) {
      throw RequestFailure.invalid("not two rankings: " + Ids.shown(text), where, expected());
    }
    if (named.getFirst() == named.getLast()) {
      throw RequestFailure.invalid("twice the same ranking", where, expected());
    }
    return new RankingPair(named.getFirst(), named.getLast(), where);
  }

  private static String expected() {
    return "two of "
        + Arrays.stream(Ranking.values()).map(Ranking::label).collect(Collectors.joining(", "))
        + ", such as words,learned";
  }

  /** Whether a ranking is one of both. */
  boolean has(Ranking ranking) {
    return a == ranking || b == ranking;
  }

  /**
   * Checks that the models can rank so.
   *
   * @throws RequestFailure if there is no learned blend or no version before, and one is named
   */
  void requirePossible(ActiveModel active) {
    if (has(Ranking.LEARNED) && active.model().blend() == null) {
      throw RequestFailure.invalid(
          "the model has no learned blend",
          where,
          "words,fixed, or a model whose blend attune blend has learned");
    }
    if (has(Ranking.PREVIOUS) && active.previous() == null) {
      throw RequestFailure.invalid(
          "there is no version before this model",
          where,
          "words,fixed, or a model that attune update has replaced, with the versions beside it");
    }
  }

  /**
   * Interleaves both rankings. Where a session score cannot be had, both are that by words.
   *
   * @param byWords scores of the first pass, in its order
   * @param scores session scores of a ranking: none without known clicks, null where they cannot be
   *     had
   * @param seed decides the coins
   */
  Draft draft(
      SessionRescorer.Settings settings,
      Encoded session,
      float[] byWords,
      Function<Ranking, float @Nullable []> scores,
      int count,
      long seed) {
    float[] none = new float[0];
    float[] ofA = a == Ranking.WORDS ? none : scores.apply(a);
    float[] ofB = b == Ranking.WORDS ? none : scores.apply(b);
    if (ofA == null || ofB == null) {
      ofA = none;
      ofB = none;
    }
    return new Draft(
        TeamDraft.of(
            a.places(settings, session, byWords, ofA, count),
            b.places(settings, session, byWords, ofB, count),
            count,
            seed),
        ofA.length + ofB.length > 0);
  }

  /** The name of a team in answers and events; null for neither. */
  @Nullable
  String label(TeamDraft.Team team) {
    return switch (team) {
      case A -> a.label();
      case B -> b.label();
      case NONE -> null;
    };
  }
}
