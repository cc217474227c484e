package io.attune.opensearch;

import io.attune.lucene.Blend;
import io.attune.lucene.SessionRescorer.OnFailure;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.opensearch.OpenSearchException;
import org.opensearch.action.search.SearchRequest;
import org.opensearch.common.unit.TimeValue;
import org.opensearch.common.xcontent.LoggingDeprecationHandler;
import org.opensearch.common.xcontent.XContentHelper;
import org.opensearch.common.xcontent.json.JsonXContent;
import org.opensearch.core.ParseField;
import org.opensearch.core.action.ActionListener;
import org.opensearch.core.common.bytes.BytesReference;
import org.opensearch.core.xcontent.ConstructingObjectParser;
import org.opensearch.core.xcontent.MediaTypeRegistry;
import org.opensearch.core.xcontent.NamedXContentRegistry;
import org.opensearch.core.xcontent.ObjectParser;
import org.opensearch.core.xcontent.XContentParseException;
import org.opensearch.core.xcontent.XContentParser;
import org.opensearch.search.builder.SearchSourceBuilder;
import org.opensearch.search.pipeline.AbstractProcessor;
import org.opensearch.search.pipeline.PipelineProcessingContext;
import org.opensearch.search.pipeline.Processor;
import org.opensearch.search.pipeline.SearchRequestProcessor;

/**
 * The search request processor {@code attune_session}: finds the last clicks of the session that a
 * search is part of, and adds a session rescorer with them.
 *
 * <pre>{@code
 * {"request_processors": [{"attune_session": {"model": "shop", "item_field": "sku"}}]}
 * }</pre>
 *
 * <p>A search that names no session, whose session has no clicks, or that a session cannot re-rank,
 * is left as it is, and so is one for which anything fails. Which of these it was is counted.
 */
final class SessionProcessor extends AbstractProcessor implements SearchRequestProcessor {
  static final String TYPE = "attune_session";

  private final AttuneService service;
  private final RecentClicks clicks;
  private final Config config;

  private SessionProcessor(
      @Nullable String tag,
      @Nullable String description,
      boolean ignoreFailure,
      AttuneService service,
      RecentClicks clicks,
      Config config) {
    super(tag, description, ignoreFailure);
    this.service = service;
    this.clicks = clicks;
    this.config = config;
  }

  /** What became of a search, as it is counted. */
  enum Outcome {
    /** A rescorer with clicks was added. */
    SESSION_ADDED,
    /** It names no session. */
    WITHOUT_SESSION,
    /** Its session has no clicks, or none that is new enough. */
    WITHOUT_CLICKS,
    /** It cannot be re-ranked, or has rescorers of its own. */
    LEFT_AS_IS,
    /** The model or the clicks are not available. */
    FAILED
  }

  /**
   * What the pipeline says.
   *
   * @param source the field of the item's id or vector
   * @param window number of hits to re-rank
   * @param blend null for that of the model
   * @param clicksFrom where clicks are
   * @param maxClicks of a session, the newest
   * @param maxAge of a click
   * @param timeout for finding clicks
   * @param session for searches that name none; empty if they have none
   */
  private record Config(
      String model,
      VectorSource source,
      int window,
      @Nullable Blend blend,
      ClickSource clicksFrom,
      int maxClicks,
      TimeValue maxAge,
      TimeValue timeout,
      String session) {
    private static final int DEFAULT_WINDOW = 500;
    private static final int MAX_WINDOW = 10_000; // of any index, unless its settings say otherwise
    private static final int DEFAULT_CLICKS = 20;
    private static final TimeValue DEFAULT_AGE = TimeValue.timeValueMinutes(30);
    private static final TimeValue DEFAULT_TIMEOUT = TimeValue.timeValueMillis(200);

    @SuppressWarnings("unchecked") // the parser hands over what its declarations read
    private static final ConstructingObjectParser<Config, @Nullable Void> PARSER =
        new ConstructingObjectParser<>(
            TYPE,
            false,
            values -> new Config(
                (String) values[0],
                VectorSource.of((String) values[1], (String) values[2], (List<String>) values[3]),
                within("window_size", (Integer) values[4], DEFAULT_WINDOW, MAX_WINDOW),
                (Blend) values[5],
                clicksFrom((String) values[6], (ClickSource.Events) values[7]),
                within("max_clicks", (Integer) values[8], DEFAULT_CLICKS, SessionStore.MAX_CLICKS),
                positive("max_age", (String) values[9], DEFAULT_AGE),
                positive("timeout", (String) values[10], DEFAULT_TIMEOUT),
                values[11] == null ? "" : SessionStore.requireId((String) values[11])));

    static {
      PARSER.declareString(ConstructingObjectParser.constructorArg(), new ParseField("model"));
      VectorSource.declare(PARSER);
      PARSER.declareInt(
          ConstructingObjectParser.optionalConstructorArg(), new ParseField("window_size"));
      PARSER.declareField(
          ConstructingObjectParser.optionalConstructorArg(),
          (parser, nothing) -> BlendFormat.parse(parser),
          new ParseField("blend"),
          ObjectParser.ValueType.OBJECT);
      PARSER.declareString(
          ConstructingObjectParser.optionalConstructorArg(), new ParseField("clicks_from"));
      PARSER.declareObject(
          ConstructingObjectParser.optionalConstructorArg(),
          (parser, nothing) -> ClickSource.Events.parse(parser),
          new ParseField("events"));
      PARSER.declareInt(
          ConstructingObjectParser.optionalConstructorArg(), new ParseField("max_clicks"));
      for (String text : List.of("max_age", "timeout", "session")) {
        PARSER.declareString(
            ConstructingObjectParser.optionalConstructorArg(), new ParseField(text));
      }
    }

    /**
     * Takes all fields out of a configuration.
     *
     * @throws IllegalArgumentException with what is wrong and what to do
     */
    static Config take(Map<String, Object> fields) throws IOException {
      BytesReference json = BytesReference.bytes(JsonXContent.contentBuilder().map(fields));
      fields.clear(); // what is left is refused by the pipeline
      try (XContentParser parser = XContentHelper.createParser(
          NamedXContentRegistry.EMPTY,
          LoggingDeprecationHandler.INSTANCE,
          json,
          MediaTypeRegistry.JSON)) {
        return ParseErrors.withRootCause(TYPE, parser, () -> PARSER.parse(parser, null));
      } catch (XContentParseException e) {
        throw new IllegalArgumentException(ParseErrors.withoutLocation(e), e);
      }
    }

    private static int within(String name, @Nullable Integer value, int defaultValue, int max) {
      int checked = value == null ? defaultValue : value;
      if (checked < 1 || checked > max) {
        throw new IllegalArgumentException(
            "[" + name + "] must be from 1 to " + max + ", not " + checked);
      }
      return checked;
    }

    private static TimeValue positive(String name, @Nullable String value, TimeValue defaultValue) {
      TimeValue time = value == null ? defaultValue : TimeValue.parseTimeValue(value, name);
      if (time.millis() < 1) {
        throw new IllegalArgumentException(
            "[" + name + "] must be 1ms or more, such as [" + defaultValue + "], not " + value);
      }
      return time;
    }

    private static ClickSource clicksFrom(
        @Nullable String name, ClickSource.@Nullable Events events) {
      return switch (name) {
        case null -> events == null ? ClickSource.Events.defaults() : events;
        case "events" -> events == null ? ClickSource.Events.defaults() : events;
        case "sessions" -> {
          if (events != null) {
            throw new IllegalArgumentException("[events] says where clicks are if [clicks_from] is"
                + " [events]; with [sessions], omit it");
          }
          yield new ClickSource.Sessions();
        }
        default ->
          throw new IllegalArgumentException(
              "[clicks_from] must be [events] or [sessions], not [" + name + "]");
      };
    }
  }

  /**
   * Parses {@code {"attune_session": {"model": …, "item_field": …}}}. A model that no node has, or
   * that the pipeline does not fit, is refused when a pipeline is put, not when a node that starts
   * reads it.
   */
  static Processor.Factory<SearchRequestProcessor> factory(
      AttuneService service, RecentClicks clicks) {
    return (factories, tag, description, ignoreFailure, fields, context) -> {
      Config config = Config.take(fields);
      if (context.getPipelineSource() != Processor.PipelineSource.UPDATE_PIPELINE
          && service.models().lookup(config.model) instanceof ModelRegistry.InUse inUse) {
        config.source.require(inUse.model());
      }
      return new SessionProcessor(tag, description, ignoreFailure, service, clicks, config);
    };
  }

  @Override
  public String getType() {
    return TYPE;
  }

  @Override
  public SearchRequest processRequest(SearchRequest request) {
    throw new UnsupportedOperationException(TYPE + " does not block a thread until it has clicks");
  }

  @Override
  public void processRequestAsync(
      SearchRequest request,
      PipelineProcessingContext context,
      ActionListener<SearchRequest> listener) {
    String session;
    try {
      session = session(request);
    } catch (IOException | RuntimeException e) {
      fail(e);
      session = "";
    }
    if (session.isEmpty()) {
      listener.onResponse(request);
      return;
    }
    RecentClicks.Query query = new RecentClicks.Query(
        config.clicksFrom, session, config.maxClicks, config.maxAge, config.timeout);
    ActionListener<List<String>> found = new ActionListener<>() {
      @Override
      public void onResponse(List<String> items) {
        addSession(request, items);
        listener.onResponse(request);
      }

      @Override
      public void onFailure(Exception e) {
        fail(e);
        listener.onResponse(request);
      }
    };
    clicks.find(query, found);
  }

  /**
   * Returns the session whose clicks are to re-rank a search, and counts where there is none.
   *
   * @return empty to leave the search as it is
   */
  private String session(SearchRequest request) throws IOException {
    SearchSourceBuilder source = request.source();
    if (source == null || !canRank(request)) {
      service.countSearch(Outcome.LEFT_AS_IS);
      return "";
    }
    String named = SessionExtBuilder.session(source);
    String session = named.isEmpty() ? config.session : named;
    if (session.isEmpty()) {
      service.countSearch(Outcome.WITHOUT_SESSION);
    } else if (service.models().lookup(config.model) instanceof ModelRegistry.Unavailable missing) {
      throw new IllegalStateException(missing.reason());
    }
    return session;
  }

  /** Whether a session rescorer may be added to a search. */
  private boolean canRank(SearchRequest request) {
    SearchSourceBuilder source = request.source();
    if (!SearchRequestFilter.rescores(source).isEmpty()
        || request.scroll() != null
        || request.isSuggestOnly()
        || source.size() == 0) {
      return false;
    }
    try {
      SearchRequestFilter.check(withSession(source, List.of()));
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private void addSession(SearchRequest request, List<String> items) {
    if (items.isEmpty()) {
      service.countSearch(Outcome.WITHOUT_CLICKS);
      return;
    }
    SearchSourceBuilder before = request.source();
    try {
      request.source(withSession(before, items));
      SearchRequestFilter.prepare(request);
      service.countSearch(Outcome.SESSION_ADDED);
    } catch (RuntimeException e) {
      request.source(before);
      fail(e);
    }
  }

  /** A copy of a search with a session rescorer. A client may send the same request again. */
  private SearchSourceBuilder withSession(SearchSourceBuilder source, List<String> items) {
    SessionRescorerBuilder rescorer = new SessionRescorerBuilder(
        service,
        new RequestSession.Clicked(config.model, items),
        config.source,
        config.blend,
        OnFailure.FIRST_PASS,
        false,
        FetchPhaseListener.isSupported());
    rescorer.windowSize(config.window);
    return source.shallowCopy().clearRescorers().addRescorer(rescorer);
  }

  private void fail(Exception failure) {
    Exception cause = OpenSearchException.guessRootCauses(failure)[0];
    service.countSearchFailed(String.valueOf(cause.getMessage()), failure);
  }
}
