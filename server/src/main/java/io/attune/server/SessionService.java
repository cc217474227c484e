package io.attune.server;

import com.github.benmanes.caffeine.cache.Ticker;
import io.attune.incremental.SessionState;
import io.attune.lucene.ItemIndex;
import io.attune.lucene.SessionRanking;
import io.attune.lucene.SessionRescorer;
import io.attune.lucene.TeamDraft;
import io.attune.serving.Click;
import io.attune.serving.EncodedSession;
import io.attune.serving.ServingModel;
import io.attune.serving.SessionStates;
import io.attune.serving.SessionVector;
import io.attune.session.Vocabulary;
import io.attune.vector.ItemVectors;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.lucene.index.DirectoryReader;
import org.jspecify.annotations.Nullable;

/**
 * What the server does, without HTTP: clicks, recommendations, re-ranking and search by one model
 * at a time. Thread-safe.
 *
 * <p>An answer is computed by one model and one state of the index throughout, also while either is
 * replaced.
 */
final class SessionService implements AutoCloseable {
  /** The most hits or items that may be asked for. */
  static final int MAX_COUNT = 1000;

  /** The most hits that may be re-ranked. */
  static final int MAX_HITS = 10_000;

  /** The most characters of a query. */
  static final int MAX_QUERY = 512;

  private final SessionRescorer.Settings settings;
  private final CurrentModel current;
  private final SessionStates states;
  private final LiveSessions sessions;
  private final HitSearch search;
  private final @Nullable EventLog events;
  private final Attempts compactions;
  private volatile boolean closed;

  /**
   * What answers one request: a model, an index that stays open until this is closed, and a session
   * that this model has encoded.
   */
  private record Lease(ActiveModel active, SessionVector vector) implements AutoCloseable {
    @Override
    public void close() throws IOException {
      Catalogue catalogue = active.catalogue();
      if (catalogue != null) {
        catalogue.reader().decRef();
      }
    }
  }

  /**
   * Opens a model.
   *
   * @param reader the index of items, closed with this object; null for none
   * @param idField the doc values field with the item's id
   * @param settings how hits are ranked
   * @param state keeps sessions over a restart; null to keep them in memory alone
   * @param eventFile gets what was shown and clicked; null to log nothing
   * @param notices is told what an operator wants to know
   * @throws IOException if model or index cannot be read
   * @throws UnsupportedOperationException if the encoder is not incremental
   */
  SessionService(
      Path directory,
      @Nullable DirectoryReader reader,
      String idField,
      SessionRescorer.Settings settings,
      ServerLimits limits,
      Clock clock,
      Ticker ticker,
      @Nullable Path state,
      @Nullable Path eventFile,
      Consumer<String> notices)
      throws IOException {
    this.settings = settings;
    this.current = new CurrentModel(directory, reader, idField, eventFile != null, clock, notices);
    this.states = SessionStates.builder(current.active().model(), ticker)
        .maximumBytes(Math.min(256L << 20, Runtime.getRuntime().maxMemory() / 4))
        .expireAfterClick(limits.expiry())
        .build();
    this.events = eventFile == null ? null : EventLog.open(eventFile, clock, ticker, notices);
    try {
      this.sessions = new LiveSessions(states, limits, clock, ticker, state, notices);
    } catch (IOException | RuntimeException e) {
      if (events != null) {
        events.close();
      }
      throw e;
    }
    this.search = new HitSearch(settings, limits.budget(), ticker);
    this.compactions = new Attempts(notices);
  }

  SessionStates states() {
    return states;
  }

  LiveSessions sessions() {
    return sessions;
  }

  /** Number of times that the model was replaced. */
  long switches() {
    return current.switches();
  }

  /** Number of times that a newer model or index could not be opened, or sessions not kept. */
  long failures() {
    return current.failures() + compactions.failures();
  }

  /** Number of times that events could not be logged. */
  long eventFailures() {
    return events == null ? 0 : events.failures();
  }

  /**
   * Adds a click.
   *
   * @param queryId the search that showed the item; null if that is not known
   */
  Answer.Clicked click(String id, Click click, @Nullable String queryId) {
    LiveSessions.Appended appended = sessions.append(id, click);
    if (events != null && !appended.replay()) {
      events.clicked(id, click, queryId);
    }
    ServingModel model = appended.session().model();
    return new Answer.Clicked(
        model.version(),
        appended.clicks(),
        model.vocabulary().row(click.item()) != Vocabulary.UNKNOWN,
        appended.replay());
  }

  /** Forgets a session. */
  Answer.Forgotten forget(String id) {
    return new Answer.Forgotten(sessions.forget(id));
  }

  /**
   * The best items for a session, or the most popular ones if it has no known clicks.
   *
   * @param filters {@code field=value}: several values of a field are alternatives, several fields
   *     must all match
   */
  Answer.Recommendations recommend(String id, int count, List<String> filters) throws IOException {
    try (Lease lease = lease(id)) {
      ActiveModel model = lease.active;
      SessionVector vector = lease.vector;
      BitSet candidates = model.candidates(matching(model.catalogue(), filters));
      List<Answer.Item> items = new ArrayList<>();
      if (vector.isEmpty()) {
        for (int row : model.popular(count, candidates)) {
          items.add(item(model, row, items.size() + 1, null));
        }
      } else {
        ItemVectors.Top top = model.top(vector, count, candidates);
        for (int i = 0; i < top.rows().length; i++) {
          items.add(item(model, top.rows()[i], i + 1, top.scores()[i]));
        }
      }
      return new Answer.Recommendations(
          model.model().version(),
          vector.isEmpty() ? "popularity" : "session",
          model.clicks(vector),
          items);
    }
  }

  private static Answer.Item item(ActiveModel model, int row, int rank, @Nullable Float score)
      throws IOException {
    return new Answer.Item(model.model().vocabulary().id(row), rank, score, model.fields(row));
  }

  private static @Nullable BitSet matching(@Nullable Catalogue catalogue, List<String> filters) {
    if (filters.isEmpty()) {
      return null;
    }
    if (catalogue == null) {
      throw RequestFailure.invalid(
          "the server has no items to filter",
          "query.filter",
          "no filter, or a server that was started with --items or --index");
    }
    Map<String, List<String>> byField = new LinkedHashMap<>();
    for (String filter : filters) {
      int sign = filter.indexOf('=');
      if (sign < 1) {
        throw RequestFailure.invalid(
            "not a filter: " + Ids.shown(filter), "query.filter", "FIELD=VALUE such as brand=acme");
      }
      byField
          .computeIfAbsent(filter.substring(0, sign), key -> new ArrayList<>())
          .add(filter.substring(sign + 1));
    }
    return catalogue.matching(byField);
  }

  /**
   * Ranks hits of another search by a live session.
   *
   * @param text what was searched for; null if that is not known
   */
  Answer.Reranked rerank(String id, @Nullable String text, List<Body.Hit> hits) throws IOException {
    try (Lease lease = lease(id)) {
      return rerank(lease.active, lease.vector, text, hits);
    }
  }

  /** Ranks hits of another search by clicks that come with the request and are not kept. */
  Answer.Reranked rerank(List<Click> clicks, @Nullable String text, List<Body.Hit> hits)
      throws IOException {
    try (Lease lease = lease(null)) {
      return rerank(lease.active, encoded(lease.active.model(), clicks), text, hits);
    }
  }

  private static SessionVector encoded(ServingModel model, List<Click> clicks) {
    SessionState state = model.encoder().start();
    clicks.forEach(click -> model.advance(state, click));
    return model.vector(state);
  }

  private Answer.Reranked rerank(
      ActiveModel active, SessionVector vector, @Nullable String text, List<Body.Hit> hits)
      throws IOException {
    ServingModel model = active.model();
    SessionRanking.Places places = SessionRanking.of(
            searching(text).blendOf(model.blend()), byWords(hits), scores(model, vector, hits))
        .top(hits.size());
    List<Answer.Hit> ranked = new ArrayList<>();
    for (int place = 0; place < hits.size(); place++) {
      int before = places.before()[place];
      ranked.add(new Answer.Hit(
          hits.get(before).id(), place + 1, before + 1, places.scores()[place], null, null));
    }
    return new Answer.Reranked(
        model.version(), !vector.isEmpty(), active.clicks(vector), ranked, null);
  }

  private static float[] byWords(List<Body.Hit> hits) {
    float[] scores = new float[hits.size()];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = hits.get(i).score();
    }
    return scores;
  }

  /** Session scores of the window, not a number for an unknown item; none without known clicks. */
  private float[] scores(ServingModel model, SessionVector vector, List<Body.Hit> hits) {
    float[] scores = new float[vector.isEmpty() ? 0 : Math.min(hits.size(), settings.window())];
    for (int i = 0; i < scores.length; i++) {
      int row = model.vocabulary().row(hits.get(i).id());
      scores[i] = row == Vocabulary.UNKNOWN
          ? Float.NaN
          : model.items().dot(vector.query(), row) + vector.clicked().of(row);
    }
    return scores;
  }

  /**
   * Interleaves two rankings of hits of another search.
   *
   * @param text what was searched for; null if that is not known
   * @param count of hits that are shown
   * @param device what the request calls the device; null if it does not
   * @throws RequestFailure if the server logs no events, or a ranking is not possible
   */
  Answer.Reranked compare(
      String id,
      @Nullable String text,
      List<Body.Hit> hits,
      int count,
      RankingPair pair,
      @Nullable String device)
      throws IOException {
    EventLog log = requireEvents(pair);
    String words = text == null ? "" : text;
    long seed = TeamDraft.seed(id, words, pair.a().label(), pair.b().label());
    try (Lease lease = lease(id)) {
      RankingPair.Encoded session = encoded(lease, id, pair);
      RankingPair.Draft draft = pair.draft(
          searching(text),
          session,
          byWords(hits),
          ranking -> scores(session.model(ranking).model(), session.vector(ranking), hits),
          count,
          seed);
      List<Answer.Hit> shown = new ArrayList<>();
      for (TeamDraft.Pick<Integer> pick : draft.picks()) {
        Body.Hit hit = hits.get(pick.hit());
        shown.add(new Answer.Hit(
            hit.id(),
            shown.size() + 1,
            pick.hit() + 1,
            hit.score(),
            null,
            pair.label(pick.team())));
      }
      String version = lease.active.model().version();
      String query = log.newQueryId(id, words);
      log.shown(id, query, version, shown, pair, seed, device);
      return new Answer.Reranked(
          version, draft.reranked(), lease.active.clicks(lease.vector), shown, query);
    }
  }

  private EventLog requireEvents(RankingPair pair) {
    if (events == null) {
      throw RequestFailure.invalid(
          "the server logs no events, so nothing would be learned",
          pair.where(),
          "no comparison, or a server that was started with --events");
    }
    return events;
  }

  /** A session as the models of a comparison encode it. */
  private RankingPair.Encoded encoded(Lease lease, String id, RankingPair pair) {
    pair.requirePossible(lease.active);
    ActiveModel previous = pair.has(RankingPair.Ranking.PREVIOUS) ? lease.active.previous() : null;
    return new RankingPair.Encoded(
        lease.active,
        lease.vector,
        previous == null ? null : encoded(previous.model(), sessions.clicks(id)));
  }

  /** How hits are ranked that were searched for by words; null if they are not known. */
  private SessionRescorer.Settings searching(@Nullable String text) {
    return text == null ? settings : settings.withQuery(ItemIndex.textQuery(List.of("text"), text));
  }

  /**
   * Searches the catalogue by words, and ranks the hits by a session.
   *
   * @param id the session's id; null for words alone
   * @throws RequestFailure if the server has no index, or the text has too many words
   */
  Answer.Found search(String text, @Nullable String id, int count) throws IOException {
    try (Lease lease = lease(id)) {
      return search.search(lease.active, lease.vector, text, count);
    }
  }

  /**
   * Searches the catalogue by words, and interleaves two rankings of the hits. A search that a
   * session repeats shows the same list, as long as the rankings are the same.
   *
   * @param device what the request calls the device; null if it does not
   * @throws RequestFailure if the server has no index or logs no events, a ranking is not possible,
   *     or the text has too many words
   */
  Answer.Found compare(String text, String id, int count, RankingPair pair, @Nullable String device)
      throws IOException {
    EventLog log = requireEvents(pair);
    long seed = TeamDraft.seed(id, text, pair.a().label(), pair.b().label());
    try (Lease lease = lease(id)) {
      String query = log.newQueryId(id, text);
      Answer.Found found = search.compare(encoded(lease, id, pair), text, count, pair, seed, query);
      log.shown(id, query, found.model(), found.hits(), pair, seed, device);
      return found;
    }
  }

  /** Takes what answers a request for a session; null is an empty one. */
  private Lease lease(@Nullable String id) {
    while (!closed) {
      EncodedSession session = id == null ? sessions.empty() : sessions.get(id);
      ActiveModel active = current.active();
      Catalogue catalogue = active.catalogue();
      // Else the model or the index was replaced between these lines.
      if (session.model().equals(active.model())
          && (catalogue == null || catalogue.reader().tryIncRef())) {
        return new Lease(active, session.vector());
      }
      Thread.onSpinWait();
    }
    throw new RequestFailure(503, "the server is stopping", "server", "another server");
  }

  /** The models in use. */
  Answer.Models models() {
    return current.describe();
  }

  /**
   * Puts a newer model or newer documents into use, if there are any, and takes from disk what is
   * no longer needed. What fails is reported once, and tried again.
   */
  synchronized void refresh() {
    if (closed) {
      return;
    }
    current.refresh(states);
    compactions.run("sessions", () -> {
      sessions.compactIfDue();
      String reason = sessions.failure();
      if (reason != null) {
        throw new IOException(reason);
      }
      return true;
    });
  }

  /** Closes the index. Later requests are refused. */
  @Override
  public synchronized void close() throws IOException {
    if (!closed) {
      closed = true;
      sessions.close();
      states.forgetAll();
      current.close();
      if (events != null) {
        events.close();
      }
    }
  }
}
