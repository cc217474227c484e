package io.attune.opensearch;

import io.attune.serving.Click;
import io.attune.session.Sessions;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.opensearch.ExceptionsHelper;
import org.opensearch.ResourceAlreadyExistsException;
import org.opensearch.action.DocWriteRequest;
import org.opensearch.action.admin.cluster.health.ClusterHealthRequest;
import org.opensearch.action.admin.indices.create.CreateIndexRequest;
import org.opensearch.action.delete.DeleteRequest;
import org.opensearch.action.delete.DeleteResponse;
import org.opensearch.action.get.GetRequest;
import org.opensearch.action.get.GetResponse;
import org.opensearch.action.index.IndexRequest;
import org.opensearch.cluster.metadata.IndexMetadata;
import org.opensearch.common.settings.Settings;
import org.opensearch.core.action.ActionListener;
import org.opensearch.index.IndexNotFoundException;
import org.opensearch.index.engine.VersionConflictEngineException;
import org.opensearch.transport.client.Client;

/**
 * Clicks that were sent to this plugin, in the index {@value #INDEX}: a document for each session,
 * with its newest clicks. Thread-safe.
 *
 * <p>A document is read by its id, which sees every acknowledged write on any node, without a
 * refresh. It is written on the condition that nobody else wrote meanwhile, otherwise once more, so
 * no click is lost; clicks of one session that arrive at the same time take effect in any order.
 */
final class SessionStore {
  static final String INDEX = "attune_sessions";
  static final int MAX_CLICKS = 200; // of a session

  private static final int MAX_TRIES = 100; // clicks of one session at the same time
  private static final int MAX_ID = 512; // bytes, as of any document
  private static final Settings.Builder SETTINGS = Settings.builder()
      .put(IndexMetadata.SETTING_NUMBER_OF_SHARDS, 1)
      .put(IndexMetadata.SETTING_AUTO_EXPAND_REPLICAS, "0-1")
      .put(IndexMetadata.SETTING_INDEX_HIDDEN, true);
  private static final Map<String, Object> MAPPING = Map.of(
      "dynamic",
      false,
      "properties",
      Map.of(
          "updated",
          Map.of("type", "date", "format", "epoch_millis"),
          "clicks",
          Map.of("type", "object", "enabled", false)));

  private final Client client;

  SessionStore(Client client) {
    this.client = client;
  }

  /**
   * A click that has been stored.
   *
   * @param clicks number of clicks kept of the session
   * @param replay whether the same click was there already, so that nothing has changed
   */
  record Appended(int clicks, boolean replay) {}

  /**
   * Checks the id of a session.
   *
   * @throws IllegalArgumentException if it is empty, too long or not visible
   */
  static String requireId(String session) {
    if (session.isEmpty()
        || session.getBytes(StandardCharsets.UTF_8).length > MAX_ID
        || session.codePoints().anyMatch(Character::isISOControl)) {
      throw new IllegalArgumentException("the id of a session must have 1 to " + MAX_ID
          + " bytes in UTF-8, none of them a control character");
    }
    return session;
  }

  /**
   * Adds a click. One without a time gets that of its arrival; one that is sent again with its time
   * changes nothing.
   */
  void append(String session, Click click, ActionListener<Appended> listener) {
    append(session, click, MAX_TRIES, listener);
  }

  private void append(String session, Click click, int tries, ActionListener<Appended> listener) {
    client.get(
        new GetRequest(INDEX, session),
        ActionListener.wrap(found -> write(session, click, found, tries, listener), e -> {
          if (tries > 1 && ExceptionsHelper.unwrap(e, IndexNotFoundException.class) != null) {
            createIndex(ActionListener.wrap(
                created -> append(session, click, tries - 1, listener), listener::onFailure));
          } else {
            listener.onFailure(e);
          }
        }));
  }

  private void write(
      String session,
      Click click,
      GetResponse found,
      int tries,
      ActionListener<Appended> listener) {
    List<Click> clicks = clicks(found);
    if (click.time() != Sessions.NO_TIME && clicks.contains(click)) {
      listener.onResponse(new Appended(clicks.size(), true));
      return;
    }
    long now = client.threadPool().absoluteTimeInMillis();
    clicks.add(click.time() == Sessions.NO_TIME ? new Click(click.item(), now) : click);
    List<Click> kept = clicks.subList(Math.max(0, clicks.size() - MAX_CLICKS), clicks.size());
    IndexRequest request = new IndexRequest(INDEX)
        .id(session)
        .source(Map.of(
            "updated",
            now,
            "clicks",
            kept.stream()
                .map(each -> Map.of("item", each.item(), "time", each.time()))
                .toList()));
    if (found.isExists()) {
      request.setIfSeqNo(found.getSeqNo()).setIfPrimaryTerm(found.getPrimaryTerm());
    } else {
      request.opType(DocWriteRequest.OpType.CREATE);
    }
    client.index(
        request,
        ActionListener.wrap(written -> listener.onResponse(new Appended(kept.size(), false)), e -> {
          if (tries > 1
              && ExceptionsHelper.unwrap(e, VersionConflictEngineException.class) != null) {
            append(session, click, tries - 1, listener);
          } else {
            listener.onFailure(e);
          }
        }));
  }

  private void createIndex(ActionListener<Void> listener) {
    client
        .admin()
        .indices()
        .create(
            new CreateIndexRequest(INDEX).settings(SETTINGS).mapping(MAPPING),
            ActionListener.wrap(created -> listener.onResponse(null), e -> {
              if (ExceptionsHelper.unwrap(e, ResourceAlreadyExistsException.class) != null) {
                // Another click has just created it; its shard may not have started.
                client
                    .admin()
                    .cluster()
                    .health(
                        new ClusterHealthRequest(INDEX).waitForYellowStatus(),
                        ActionListener.wrap(
                            health -> listener.onResponse(null), listener::onFailure));
              } else {
                listener.onFailure(e);
              }
            }));
  }

  /** The clicks of a document, oldest first; none if it does not exist. */
  private static List<Click> clicks(GetResponse found) {
    List<Click> clicks = new ArrayList<>();
    Map<String, Object> source = found.isExists() ? found.getSourceAsMap() : Map.of();
    if (source.get("clicks") instanceof List<?> list) {
      for (Object each : list) {
        if (each instanceof Map<?, ?> click
            && click.get("item") instanceof String item
            && click.get("time") instanceof Number time) {
          clicks.add(new Click(item, time.longValue()));
        }
      }
    }
    return clicks;
  }

  /**
   * Finds the newest clicks of a session.
   *
   * @param count of the clicks, at most
   * @param since milliseconds since 1970
   * @param listener gets item ids, oldest first; none if there is no such session
   */
  void newest(String session, int count, long since, ActionListener<List<String>> listener) {
    client.get(
        new GetRequest(INDEX, session),
        ActionListener.wrap(
            found -> {
              List<String> items = clicks(found).stream()
                  .filter(click -> click.time() >= since)
                  .map(Click::item)
                  .toList();
              listener.onResponse(items.subList(Math.max(0, items.size() - count), items.size()));
            },
            e -> {
              if (ExceptionsHelper.unwrap(e, IndexNotFoundException.class) != null) {
                listener.onResponse(List.of()); // there was no click yet
              } else {
                listener.onFailure(e);
              }
            }));
  }

  /**
   * Forgets a session.
   *
   * @param listener is told whether there was one
   */
  void forget(String session, ActionListener<Boolean> listener) {
    client.delete(
        new DeleteRequest(INDEX, session),
        ActionListener.wrap(
            (@Nullable DeleteResponse deleted) ->
                listener.onResponse(deleted.getResult() == DeleteResponse.Result.DELETED),
            e -> {
              if (ExceptionsHelper.unwrap(e, IndexNotFoundException.class) != null) {
                listener.onResponse(false);
              } else {
                listener.onFailure(e);
              }
            }));
  }
}
