package io.attune.lucene;

import com.github.benmanes.caffeine.cache.Ticker;
import io.attune.serving.EncodedSession;
import io.attune.serving.ServingModel;
import io.attune.serving.SessionStates;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import org.apache.lucene.index.IndexReader;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.TopDocs;
import org.apache.lucene.store.AlreadyClosedException;

/**
 * Re-ranks the hits of an existing Lucene index by what its visitors click: a model, the states of
 * live sessions and the join of documents with the model's items in one object.
 * {@snippet file="io/attune/examples/SearchWithSession.java" region="ranker"}
 *
 * <p>The index only needs the item ids in doc values and is never written to. A session without
 * known clicks leaves the hits in their order.
 *
 * <p>It combines {@link SessionStates}, {@link ItemSource.Joined} and {@link SessionRescorer}, all
 * of which are accessible. For vectors that are stored in the index, or for several indexes with
 * one set of sessions, use these directly.
 *
 * <p>Thread-safe. Holds no native memory.
 */
public final class SessionRanker implements AutoCloseable {
  private final SessionStates states;
  private final String idField;
  private final List<String> textFields;
  private final SessionRescorer.Settings settings;
  private volatile Active active;
  private volatile boolean closed;

  /** A model with the source of its item vectors. */
  private record Active(ServingModel model, ItemSource.Joined items) {}

  /**
   * Opens a model with {@linkplain SessionStates#builder default} session states and
   * {@linkplain SessionRescorer.Settings#defaults default} settings.
   *
   * @param model the model's directory
   * @param idField a sorted or sorted-set doc values field with the item's id, as in the click log
   * @param ticker the clock that sessions expire by, such as {@link Ticker#systemTicker()}
   * @throws io.attune.model.ModelException if the model cannot be read
   * @throws UnsupportedOperationException if its encoder is not incremental
   */
  public static SessionRanker open(Path model, String idField, Ticker ticker) throws IOException {
    SessionStates states =
        SessionStates.builder(ServingModel.open(model), ticker).build();
    return new SessionRanker(states, idField, SessionRescorer.Settings.defaults());
  }

  /**
   * Creates a ranker with the caller's session states and settings.
   *
   * @param states the sessions and their model; {@link #close} drops the sessions
   * @param idField a sorted or sorted-set doc values field with the item's id, as in the click log
   * @param settings how hits are rescored; the vocabulary is always that of the model
   */
  public SessionRanker(SessionStates states, String idField, SessionRescorer.Settings settings) {
    this(states, idField, List.of(), settings);
  }

  /**
   * Creates a ranker that makes vectors of their texts for items that the model does not know, such
   * as those that came after training. The model must have been trained with texts.
   *
   * @param states the sessions and their model; {@link #close} drops the sessions
   * @param idField a sorted or sorted-set doc values field with the item's id, as in the click log
   * @param textFields stored fields with what is written about an item
   * @param settings how hits are rescored; the vocabulary is always that of the model
   */
  public SessionRanker(
      SessionStates states,
      String idField,
      List<String> textFields,
      SessionRescorer.Settings settings) {
    this.states = states;
    this.idField = idField;
    this.textFields = List.copyOf(textFields);
    this.settings = settings;
    this.active = activate(states.model());
  }

  private Active activate(ServingModel model) {
    return new Active(model, new ItemSource.Joined(idField, textFields, model));
  }

  /**
   * Adds a click to a session. {@link #states} has variants for clicks with times and for sessions
   * whose earlier clicks are stored elsewhere.
   *
   * @param session the session's id
   * @param item the item's id; an item that the model does not know changes nothing
   * @return the session after the click
   */
  public EncodedSession append(String session, String item) {
    requireOpen();
    return states.append(session, item);
  }

  /**
   * Re-ranks hits by a session. If that fails, the hits are returned in their order, unless the
   * settings ask for an exception; use {@link #rescorer} to learn the reason.
   *
   * @param session the session's id
   * @param searcher the searcher that found the hits
   * @param hits the hits to re-rank, not modified
   * @param topN maximum number of hits to return
   */
  public TopDocs rescore(String session, IndexSearcher searcher, TopDocs hits, int topN)
      throws IOException {
    return rescorer(session).rescore(searcher, hits, topN);
  }

  /**
   * Returns a rescorer for one request, which can also explain its ranking.
   *
   * @param session the session's id
   */
  public SessionRescorer rescorer(String session) {
    return rescorer(session, List::of);
  }

  /**
   * Returns a rescorer for one request, whose learned blend knows the words of the query.
   *
   * @param session the session's id
   * @param query the query of the first pass
   */
  public SessionRescorer rescorer(String session, Query query) {
    return rescorer(session, List::of, settings.withQuery(query));
  }

  /**
   * Returns a rescorer for one request.
   *
   * @param session the session's id
   * @param clicks supplies all clicks of the session, oldest first; called only if its state is
   *     missing
   */
  public SessionRescorer rescorer(String session, Supplier<List<String>> clicks) {
    return rescorer(session, clicks, settings);
  }

  /**
   * Returns a rescorer for one request.
   *
   * @param session the session's id
   * @param clicks supplies all clicks of the session, oldest first; called only if its state is
   *     missing
   * @param request how hits are rescored; the vocabulary is always that of the model
   */
  public SessionRescorer rescorer(
      String session, Supplier<List<String>> clicks, SessionRescorer.Settings request) {
    requireOpen();
    while (true) {
      Active current = active;
      EncodedSession encoded = states.get(session, clicks);
      if (encoded.model().equals(current.model)) {
        return new SessionRescorer(
            current.items, encoded.vector(), request.withVocabulary(current.model.vocabulary()));
      }
      // The model was replaced between the two reads, or directly in the states.
      followStates();
    }
  }

  private synchronized void followStates() {
    if (!active.model.equals(states.model())) {
      active = activate(states.model());
    }
  }

  /**
   * Replaces the model. Once this method returns, no session is ranked by the old one. Sessions
   * start anew, from their earlier clicks where {@link #rescorer(String, Supplier)} or
   * {@link #states} are given them.
   *
   * <p>The first search joins the index with the new model's items; {@link #switchTo(ServingModel,
   * IndexReader)} does so in advance.
   */
  public void switchTo(ServingModel next) {
    requireOpen();
    switchTo(activate(next));
  }

  /**
   * Joins a reader's documents with a new model's items, then replaces the model, so that no search
   * has to wait for the join.
   *
   * @param reader the reader that is being searched
   */
  public void switchTo(ServingModel next, IndexReader reader) throws IOException {
    requireOpen();
    Active warmed = activate(next);
    warmed.items.warm(reader);
    switchTo(warmed);
  }

  private synchronized void switchTo(Active next) {
    active = next;
    states.switchTo(next.model);
  }

  /**
   * Joins the new segments of a reader with the model's items. Call it before the reader is
   * searched, such as in a {@code SearcherFactory}, so that no search has to wait for the join.
   */
  public void warm(IndexReader reader) throws IOException {
    requireOpen();
    active.items.warm(reader);
  }

  /** The current model. */
  public ServingModel model() {
    return states.model();
  }

  /** The live sessions: more ways to add clicks, forgetting, and statistics. */
  public SessionStates states() {
    return states;
  }

  /** The current model's item vectors, such as for a {@link SessionValuesSource}. */
  public ItemSource items() {
    return active.items;
  }

  private void requireOpen() {
    if (closed) {
      throw new AlreadyClosedException("this SessionRanker is closed");
    }
  }

  /** Drops all sessions. Further clicks and searches fail. */
  @Override
  public void close() {
    closed = true;
    states.forgetAll();
  }
}
