package io.attune.opensearch;

import java.io.IOException;
import java.util.List;
import org.opensearch.action.FailedNodeException;
import org.opensearch.action.support.ActionFilters;
import org.opensearch.action.support.nodes.TransportNodesAction;
import org.opensearch.cluster.service.ClusterService;
import org.opensearch.common.inject.Inject;
import org.opensearch.core.common.io.stream.StreamInput;
import org.opensearch.threadpool.ThreadPool;
import org.opensearch.transport.TransportService;

/** Executes {@link ModelsAction} on each node. */
public final class TransportModelsAction
    extends TransportNodesAction<
        ModelsAction.Request,
        ModelsAction.Response,
        ModelsAction.NodeRequest,
        ModelsAction.NodeResponse> {
  private final AttuneService service;

  @Inject
  public TransportModelsAction(
      ThreadPool threads,
      ClusterService cluster,
      TransportService transport,
      ActionFilters filters,
      AttuneService service) {
    super(
        ModelsAction.INSTANCE.name(),
        threads,
        cluster,
        transport,
        filters,
        ModelsAction.Request::new,
        ModelsAction.NodeRequest::new,
        ThreadPool.Names.SAME,
        ModelsAction.NodeResponse.class);
    this.service = service;
  }

  @Override
  protected ModelsAction.Response newResponse(
      ModelsAction.Request request,
      List<ModelsAction.NodeResponse> nodes,
      List<FailedNodeException> failures) {
    return new ModelsAction.Response(clusterService.getClusterName(), nodes, failures);
  }

  @Override
  protected ModelsAction.NodeRequest newNodeRequest(ModelsAction.Request request) {
    return new ModelsAction.NodeRequest();
  }

  @Override
  protected ModelsAction.NodeResponse newNodeResponse(StreamInput in) throws IOException {
    return new ModelsAction.NodeResponse(in);
  }

  @Override
  protected ModelsAction.NodeResponse nodeOperation(ModelsAction.NodeRequest request) {
    return new ModelsAction.NodeResponse(clusterService.localNode(), service.status());
  }
}
