package io.attune.opensearch;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.opensearch.action.ActionType;
import org.opensearch.action.FailedNodeException;
import org.opensearch.action.support.nodes.BaseNodeResponse;
import org.opensearch.action.support.nodes.BaseNodesRequest;
import org.opensearch.action.support.nodes.BaseNodesResponse;
import org.opensearch.cluster.ClusterName;
import org.opensearch.cluster.node.DiscoveryNode;
import org.opensearch.core.common.io.stream.StreamInput;
import org.opensearch.core.common.io.stream.StreamOutput;
import org.opensearch.core.xcontent.ToXContentFragment;
import org.opensearch.core.xcontent.XContentBuilder;
import org.opensearch.transport.TransportRequest;

/** Asks all nodes for the state of their models. */
final class ModelsAction extends ActionType<ModelsAction.Response> {
  static final ModelsAction INSTANCE = new ModelsAction();

  private ModelsAction() {
    super("cluster:monitor/attune/models", Response::new);
  }

  /** A request to all nodes. */
  static final class Request extends BaseNodesRequest<Request> {
    Request() {
      super(new String[0]);
    }

    Request(StreamInput in) throws IOException {
      super(in);
    }
  }

  /** A request to one node. */
  static final class NodeRequest extends TransportRequest {
    NodeRequest() {}

    NodeRequest(StreamInput in) throws IOException {
      super(in);
    }
  }

  /** The response of one node. */
  static final class NodeResponse extends BaseNodeResponse {
    private final NodeStatus status;

    NodeResponse(DiscoveryNode node, NodeStatus status) {
      super(node);
      this.status = status;
    }

    NodeResponse(StreamInput in) throws IOException {
      super(in);
      status = new NodeStatus(in);
    }

    NodeStatus status() {
      return status;
    }

    /** The loaded versions of each model. */
    Map<String, Set<String>> versions() {
      return status.models().stream()
          .collect(
              Collectors.toMap(ModelRegistry.Status::name, model -> Set.copyOf(model.versions())));
    }

    @Override
    public void writeTo(StreamOutput out) throws IOException {
      super.writeTo(out);
      status.writeTo(out);
    }
  }

  /** The responses of all nodes. */
  static final class Response extends BaseNodesResponse<NodeResponse>
      implements ToXContentFragment {
    Response(ClusterName cluster, List<NodeResponse> nodes, List<FailedNodeException> failures) {
      super(cluster, nodes, failures);
    }

    Response(StreamInput in) throws IOException {
      super(in);
    }

    @Override
    protected List<NodeResponse> readNodesFrom(StreamInput in) throws IOException {
      return in.readList(NodeResponse::new);
    }

    @Override
    protected void writeNodesTo(StreamOutput out, List<NodeResponse> nodes) throws IOException {
      out.writeList(nodes);
    }

    @Override
    public XContentBuilder toXContent(XContentBuilder builder, Params params) throws IOException {
      builder.startObject("nodes");
      for (NodeResponse node : getNodes()) {
        builder.startObject(node.getNode().getId()).field("name", node.getNode().getName());
        node.status().toXContent(builder);
        builder.endObject();
      }
      return builder.endObject();
    }
  }
}
