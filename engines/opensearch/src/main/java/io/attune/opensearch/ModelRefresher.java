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
 * Checks for new versions of models periodically and when a node joins, and puts a version into use
 * once all nodes have it.
 */
final class ModelRefresher implements ClusterStateListener, Runnable {
  private static final Logger LOGGER = LogManager.getLogger(ModelRefresher.class);

  private final ModelRegistry models;
  private final Client client;
  private final ThreadPool threads;
  private final AtomicBoolean inCluster = new AtomicBoolean();

  ModelRefresher(ModelRegistry models, Client client, ThreadPool threads) {
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
              this::activateCommonVersions,
              e -> LOGGER.debug("cannot ask the nodes for their models", e)));
    }
  }

  private void activateCommonVersions(ModelsAction.Response response) {
    // A node that does not respond may only have an old version; one without the plugin is ignored.
    boolean unresponsive = response.failures().stream()
        .anyMatch(failure ->
            ExceptionsHelper.unwrap(failure, ActionNotFoundTransportException.class) == null);
    if (!unresponsive) {
      models.activateCommonVersions(
          response.getNodes().stream().map(ModelsAction.NodeResponse::versions).toList());
    }
  }
}
