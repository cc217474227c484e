package io.attune.opensearch;

import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.opensearch.action.ActionRequest;
import org.opensearch.action.support.ActionFilter;
import org.opensearch.cluster.metadata.IndexNameExpressionResolver;
import org.opensearch.cluster.node.DiscoveryNodes;
import org.opensearch.cluster.service.ClusterService;
import org.opensearch.common.settings.ClusterSettings;
import org.opensearch.common.settings.IndexScopedSettings;
import org.opensearch.common.settings.Setting;
import org.opensearch.common.settings.Settings;
import org.opensearch.common.settings.SettingsFilter;
import org.opensearch.common.unit.TimeValue;
import org.opensearch.common.util.concurrent.OpenSearchExecutors;
import org.opensearch.core.action.ActionResponse;
import org.opensearch.core.common.io.stream.NamedWriteableRegistry;
import org.opensearch.core.xcontent.NamedXContentRegistry;
import org.opensearch.env.Environment;
import org.opensearch.env.NodeEnvironment;
import org.opensearch.index.IndexModule;
import org.opensearch.index.mapper.Mapper;
import org.opensearch.ingest.Processor;
import org.opensearch.plugins.ActionPlugin;
import org.opensearch.plugins.IngestPlugin;
import org.opensearch.plugins.MapperPlugin;
import org.opensearch.plugins.Plugin;
import org.opensearch.plugins.SearchPipelinePlugin;
import org.opensearch.plugins.SearchPlugin;
import org.opensearch.repositories.RepositoriesService;
import org.opensearch.rest.RestController;
import org.opensearch.rest.RestHandler;
import org.opensearch.script.ScriptService;
import org.opensearch.search.fetch.FetchSubPhase;
import org.opensearch.search.pipeline.SearchRequestProcessor;
import org.opensearch.threadpool.ExecutorBuilder;
import org.opensearch.threadpool.FixedExecutorBuilder;
import org.opensearch.threadpool.ThreadPool;
import org.opensearch.transport.client.Client;
import org.opensearch.watcher.ResourceWatcherService;

/**
 * The OpenSearch plugin: rescorer, query, field type, processors of ingest and search pipelines,
 * and REST actions.
 */
public final class AttunePlugin extends Plugin
    implements SearchPlugin, SearchPipelinePlugin, ActionPlugin, MapperPlugin, IngestPlugin {
  /** How often a node checks for new versions of models. */
  public static final Setting<TimeValue> REFRESH = Setting.timeSetting(
      "attune.models.refresh",
      TimeValue.timeValueSeconds(5),
      TimeValue.timeValueMillis(100),
      Setting.Property.NodeScope);

  private static final String ENCODERS = "attune_encode";
  private static final int MAX_QUEUED = 1000; // sessions waiting to be encoded

  private final AttuneService service;
  private final SearchRequestFilter searches = new SearchRequestFilter();

  /** Called by OpenSearch. */
  public AttunePlugin(Settings settings, Path config) {
    service = new AttuneService(new ModelRegistry(config.resolve("attune")), System::nanoTime);
  }

  @Override
  public Collection<Object> createComponents(
      Client client,
      ClusterService cluster,
      ThreadPool threads,
      ResourceWatcherService watcher,
      ScriptService scripts,
      NamedXContentRegistry contents,
      Environment environment,
      NodeEnvironment nodeEnvironment,
      NamedWriteableRegistry writeables,
      IndexNameExpressionResolver names,
      Supplier<RepositoriesService> repositories) {
    service.models().refresh();
    ModelRefresher watch = new ModelRefresher(service.models(), client, threads);
    cluster.addListener(watch);
    threads.scheduleWithFixedDelay(
        watch, REFRESH.get(environment.settings()), ThreadPool.Names.GENERIC);
    service.encodeWith(threads.executor(ENCODERS));
    return List.of(service, new FetchPhaseListener(searches));
  }

  @Override
  public List<ExecutorBuilder<?>> getExecutorBuilders(Settings settings) {
    return List.of(new FixedExecutorBuilder(
        settings,
        ENCODERS,
        OpenSearchExecutors.allocatedProcessors(settings),
        MAX_QUEUED,
        "thread_pool." + ENCODERS));
  }

  @Override
  public void onIndexModule(IndexModule module) {
    module.addSearchOperationListener(new ShardSearchListener());
  }

  @Override
  public List<Setting<?>> getSettings() {
    return List.of(REFRESH);
  }

  @Override
  public List<RescorerSpec<?>> getRescorers() {
    return List.of(new RescorerSpec<>(
        SessionRescorerBuilder.NAME,
        in -> new SessionRescorerBuilder(in, service),
        parser -> SessionRescorerBuilder.parse(parser, service)));
  }

  @Override
  public List<QuerySpec<?>> getQueries() {
    return List.of(new QuerySpec<>(
        SessionQueryBuilder.NAME,
        in -> new SessionQueryBuilder(in, service),
        parser -> SessionQueryBuilder.parse(parser, service)));
  }

  @Override
  public List<SearchExtSpec<?>> getSearchExts() {
    return List.of(new SearchExtSpec<>(
        SessionExtBuilder.NAME, SessionExtBuilder::new, SessionExtBuilder::parse));
  }

  @Override
  public Map<String, org.opensearch.search.pipeline.Processor.Factory<SearchRequestProcessor>>
      getRequestProcessors(SearchPipelinePlugin.Parameters parameters) {
    return Map.of(
        SessionProcessor.TYPE,
        SessionProcessor.factory(service, new RecentClicks(parameters.client)));
  }

  @Override
  public Map<String, Mapper.TypeParser> getMappers() {
    return Map.of(ItemVectorMapper.TYPE, ItemVectorMapper.PARSER);
  }

  @Override
  public Map<String, Processor.Factory> getProcessors(Processor.Parameters parameters) {
    return ItemVectorProcessor.byName(service.models());
  }

  @Override
  public List<FetchSubPhase> getFetchSubPhases(FetchPhaseConstructionContext context) {
    return List.of(new ModelNameFetchPhase());
  }

  @Override
  public List<ActionHandler<? extends ActionRequest, ? extends ActionResponse>> getActions() {
    return List.of(new ActionHandler<>(ModelsAction.INSTANCE, TransportModelsAction.class));
  }

  @Override
  public List<RestHandler> getRestHandlers(
      Settings settings,
      RestController controller,
      ClusterSettings clusterSettings,
      IndexScopedSettings indexSettings,
      SettingsFilter filter,
      IndexNameExpressionResolver names,
      Supplier<DiscoveryNodes> nodes) {
    return List.of(new RestModelsAction(), new RestSessionsAction());
  }

  @Override
  public List<ActionFilter> getActionFilters() {
    return List.of(searches);
  }
}
