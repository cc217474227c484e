package io.attune.opensearch;

import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.opensearch.ExceptionsHelper;
import org.opensearch.cluster.ClusterChangedEvent;
import org.opensearch.cluster.ClusterStateListener;
import org.opensearch.core.action.ActionListener;
import org.opensearch.threadpool.ThreadPool;
import org.opensearch.transport.ActionNotFoundTransportException;
import org.opensearch.transport.client.Client;

/**
 * Looks for new versions of models now and then, and brings them into use when all nodes have them.
 * A node that joins is asked at once.
 */
final class ModelWatch implements ClusterStateListener, Runnable {
  private static final Logger LOGGER = LogManager.getLogger(ModelWatch.class);

  private final Models models;
  private final Client client;
  private final ThreadPool threads;
  private final AtomicBoolean inCluster = new AtomicBoolean();

  ModelWatch(Models models, Client client, ThreadPool threads) {
    this.models = models;
    this.client = client;
    this.threads = threads;
  }

  @Override
  public void clusterChanged(ClusterChangedEvent event) {
    inCluster.set(event.state().nodes().getClusterManagerNode() != null);
    if (event.nodesAdded() && inCluster.get()) {
      threads.executor(ThreadPool.Names.GENERIC).execute(this);
    }
  }

  @Override
  public void run() {
    models.refresh();
    if (inCluster.get()) {
      client.execute(
          ModelsAction.INSTANCE,
          new ModelsAction.Request(),
          ActionListener.wrap(
              this::agree, e -> LOGGER.debug("cannot ask the nodes for their models", e)));
    }
  }

  private void agree(ModelsAction.Response response) {
    // A node that does not answer may hold an old version only; one without the plugin has no say.
    boolean silent = response.failures().stream()
        .anyMatch(failure ->
            ExceptionsHelper.unwrap(failure, ActionNotFoundTransportException.class) == null);
    if (!silent) {
      models.agree(
          response.getNodes().stream().map(ModelsAction.NodeResponse::versions).toList());
    }
  }
}
