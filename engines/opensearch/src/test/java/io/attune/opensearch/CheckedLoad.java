package io.attune.opensearch;

import com.fasterxml.jackson.databind.JsonNode;
import io.attune.opensearch.cluster.Http;
import io.attune.opensearch.cluster.ServerNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;

/** Searches several nodes continuously and checks every response. */
final class CheckedLoad implements AutoCloseable {
  private final Map<String, List<List<ClusterIT.Hit>>> expected;
  private final List<String> requests;
  private final Map<String, LongAdder> answers = new ConcurrentHashMap<>();
  private final LongAdder searches = new LongAdder();
  private final LongAdder lost = new LongAdder();
  private final Queue<String> wrong = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean stopped = new AtomicBoolean();
  private final List<Thread> threads;

  /**
   * Starts the load.
   *
   * @param requests the body of a search for each session
   * @param expected hits of each session, by the name of the model's version; by no name those of
   *     the first pass, of which only the scores count, since each copy of a shard orders equal
   *     ones in its own way
   */
  CheckedLoad(
      List<ServerNode> nodes,
      List<String> requests,
      Map<String, List<List<ClusterIT.Hit>>> expected) {
    this.requests = requests;
    this.expected = expected;
    threads = nodes.stream()
        .map(node -> Thread.ofPlatform().start(() -> run(node.http())))
        .toList();
  }

  private void run(Http http) {
    for (int i = 0; !stopped.get(); i++) {
      int session = i % requests.size();
      try {
        Http.Answer answer = search(http, session);
        if (isLost(answer)) {
          lost.increment();
          answer = search(http, session);
        }
        check(session, answer);
      } catch (IOException | InterruptedException e) {
        wrong.add(e.toString());
      }
      searches.increment();
    }
  }

  private Http.Answer search(Http http, int session) throws IOException, InterruptedException {
    return http.send("POST", "/shop/_search", requests.get(session));
  }

  /**
   * Whether a search failed because a node died between its query and its fetch phase. OpenSearch
   * retries the query phase on another copy of a shard, but hits must be fetched from the copy that
   * found them. For any search, rescored or not, the client has to retry.
   */
  private static boolean isLost(Http.Answer answer) {
    List<String> reasons = new ArrayList<>();
    answer
        .body()
        .at("/_shards/failures")
        .forEach(failure -> reasons.add(failure.get("reason").toString()));
    answer.body().at("/error/root_cause").forEach(cause -> reasons.add(cause.toString()));
    JsonNode cause = answer.body().at("/error/caused_by"); // where no root cause is named
    if (!cause.isMissingNode()) {
      reasons.add(cause.toString());
    }
    return !reasons.isEmpty()
        && reasons.stream()
            .allMatch(reason -> reason.matches(".*node_(disconnected|not_connected)_exception.*"));
  }

  private void check(int session, Http.Answer answer) {
    JsonNode hits = answer.body().at("/hits/hits");
    Set<String> models = new TreeSet<>();
    hits.forEach(hit -> models.add(hit.at("/fields/attune_model/0").asText()));
    String model = String.join(" and ", models);
    answers.computeIfAbsent(model, name -> new LongAdder()).increment();
    if (answer.status() != 200
        || answer.body().at("/_shards/failed").asInt() != 0
        || !expected.containsKey(model)
        || !isRight(ClusterIT.hits(answer.body()), model, expected.get(model).get(session))) {
      wrong.add("by " + model + ": " + answer);
    }
  }

  private static boolean isRight(
      List<ClusterIT.Hit> hits, String model, List<ClusterIT.Hit> expected) {
    return model.isEmpty() ? scores(hits).equals(scores(expected)) : hits.equals(expected);
  }

  private static List<Float> scores(List<ClusterIT.Hit> hits) {
    return hits.stream().map(ClusterIT.Hit::score).toList();
  }

  /** Waits for more searches. */
  void await(int more) throws InterruptedException {
    for (long goal = searches.sum() + more; searches.sum() < goal && wrong.isEmpty(); ) {
      Thread.sleep(10);
    }
  }

  /** Searches that were retried because a node died between the phases. */
  long lost() {
    return lost.sum();
  }

  boolean isRight() {
    return wrong.isEmpty();
  }

  long answersBy(String model) {
    LongAdder count = answers.get(model);
    return count == null ? 0 : count.sum();
  }

  /** Ends the load and returns the wrong responses. */
  List<String> stop() throws InterruptedException {
    stopped.set(true);
    for (Thread thread : threads) {
      thread.join();
    }
    return List.copyOf(wrong);
  }

  @Override
  public void close() {
    stopped.set(true);
  }
}
