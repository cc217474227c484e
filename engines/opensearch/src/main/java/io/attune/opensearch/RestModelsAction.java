package io.attune.opensearch;

import java.util.List;
import org.opensearch.rest.BaseRestHandler;
import org.opensearch.rest.RestRequest;
import org.opensearch.rest.action.RestActions;
import org.opensearch.transport.client.node.NodeClient;

/** {@code GET _attune/models}: the state of the models on each node. */
final class RestModelsAction extends BaseRestHandler {

  @Override
  public String getName() {
    return "attune_models";
  }

  @Override
  public List<Route> routes() {
    return List.of(new Route(RestRequest.Method.GET, "/_attune/models"));
  }

  @Override
  protected RestChannelConsumer prepareRequest(RestRequest request, NodeClient client) {
    return channel -> client.execute(
        ModelsAction.INSTANCE,
        new ModelsAction.Request(),
        new RestActions.NodesResponseRestListener<>(channel));
  }
}
