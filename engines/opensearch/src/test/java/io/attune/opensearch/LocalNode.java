package io.attune.opensearch;

import io.attune.opensearch.cluster.Http;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.opensearch.Version;
import org.opensearch.common.settings.Settings;
import org.opensearch.env.Environment;
import org.opensearch.http.HttpServerTransport;
import org.opensearch.node.InternalSettingsPreparer;
import org.opensearch.node.Node;
import org.opensearch.node.NodeValidationException;
import org.opensearch.plugins.Plugin;
import org.opensearch.plugins.PluginInfo;
import org.opensearch.transport.Netty4ModulePlugin;

/** A node in this process, with the plugin. */
final class LocalNode extends Node {

  private LocalNode(Environment environment, List<Class<? extends Plugin>> plugins) {
    super(environment, plugins.stream().map(LocalNode::info).toList(), true);
  }

  /**
   * A started node, a cluster of its own.
   *
   * @param home where its data and {@code config/} lie
   */
  static LocalNode start(Path home) throws NodeValidationException {
    return start(home, List.of());
  }

  /** The same with more plugins. */
  static LocalNode start(Path home, List<Class<? extends Plugin>> more)
      throws NodeValidationException {
    List<Class<? extends Plugin>> plugins = new ArrayList<>(more);
    plugins.add(Netty4ModulePlugin.class);
    plugins.add(AttunePlugin.class);
    Settings settings = Settings.builder()
        .put("path.home", home)
        .put("node.name", "node")
        .put("network.host", "127.0.0.1")
        .put("http.port", 0)
        .put("transport.port", 0)
        .put("transport.type", "netty4")
        .put("http.type", "netty4")
        .put("discovery.type", "single-node")
        .put("node.processors", 1)
        .put("cluster.routing.allocation.disk.threshold_enabled", false)
        .put("attune.models.refresh", "100ms")
        .build();
    LocalNode node = new LocalNode(
        InternalSettingsPreparer.prepareEnvironment(
            settings, Map.of(), home.resolve("config"), () -> "node"),
        plugins);
    node.start();
    return node;
  }

  Http http() {
    return new Http(injector()
        .getInstance(HttpServerTransport.class)
        .boundAddress()
        .publishAddress()
        .getPort());
  }

  private static PluginInfo info(Class<? extends Plugin> plugin) {
    return new PluginInfo(
        plugin.getName(),
        "in this process",
        "test",
        Version.CURRENT,
        "21",
        plugin.getName(),
        List.of(),
        false);
  }
}
