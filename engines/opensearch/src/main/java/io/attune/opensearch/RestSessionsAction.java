package io.attune.opensearch;

import io.attune.serving.Click;
import io.attune.session.Sessions;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.opensearch.core.ParseField;
import org.opensearch.core.rest.RestStatus;
import org.opensearch.core.xcontent.ConstructingObjectParser;
import org.opensearch.core.xcontent.ObjectParser;
import org.opensearch.core.xcontent.XContentBuilder;
import org.opensearch.core.xcontent.XContentParser;
import org.opensearch.rest.BaseRestHandler;
import org.opensearch.rest.BytesRestResponse;
import org.opensearch.rest.RestRequest;
import org.opensearch.rest.RestResponse;
import org.opensearch.rest.action.RestBuilderListener;
import org.opensearch.transport.client.node.NodeClient;

/**
 * {@code POST _attune/sessions/ID/clicks} stores a click, {@code {"item": …, "time": …}};
 * {@code DELETE _attune/sessions/ID} forgets a session.
 */
final class RestSessionsAction extends BaseRestHandler {
  /** Times before this are taken for seconds by mistake: in milliseconds it is March 1973. */
  private static final long MIN_TIME = 100_000_000_000L;

  /** The last millisecond of the year 9999. */
  private static final long MAX_TIME = 253_402_300_799_999L;

  private static final int MAX_ITEM = 512; // characters

  private static final ConstructingObjectParser<Click, @Nullable Void> PARSER =
      new ConstructingObjectParser<>(
          "click",
          false,
          values -> new Click(
              (String) values[0], values[1] == null ? Sessions.NO_TIME : (Long) values[1]));

  static {
    PARSER.declareField(
        ConstructingObjectParser.constructorArg(),
        (parser, nothing) -> item(parser.text()),
        new ParseField("item"),
        ObjectParser.ValueType.STRING);
    PARSER.declareField(
        ConstructingObjectParser.optionalConstructorArg(),
        (parser, nothing) -> time(parser),
        new ParseField("time"),
        ObjectParser.ValueType.VALUE);
  }

  private static String item(String id) {
    if (id.isEmpty() || id.length() > MAX_ITEM) {
      throw new IllegalArgumentException(
          "must be an item id of 1 to " + MAX_ITEM + " characters, as in the click log");
    }
    return id;
  }

  private static long time(XContentParser parser) throws IOException {
    String text = parser.text();
    long time = Sessions.NO_TIME;
    try {
      time = parser.currentToken() == XContentParser.Token.VALUE_NUMBER
          ? Long.parseLong(text)
          : Instant.parse(text).toEpochMilli();
    } catch (DateTimeException | ArithmeticException | IllegalArgumentException e) {
      // reported below
    }
    if (time < MIN_TIME || time > MAX_TIME) {
      throw new IllegalArgumentException("must be milliseconds since 1970 such as 1764288000000, or"
          + " 2025-11-28T00:00:00Z, not [" + text + "]");
    }
    return time;
  }

  @Override
  public String getName() {
    return "attune_sessions";
  }

  @Override
  public List<Route> routes() {
    return List.of(
        new Route(RestRequest.Method.POST, "/_attune/sessions/{session}/clicks"),
        new Route(RestRequest.Method.DELETE, "/_attune/sessions/{session}"));
  }

  @Override
  protected RestChannelConsumer prepareRequest(RestRequest request, NodeClient client)
      throws IOException {
    SessionStore sessions = new SessionStore(client);
    String session = SessionStore.requireId(request.param("session"));
    if (request.method() == RestRequest.Method.DELETE) {
      return channel -> sessions.forget(session, new RestBuilderListener<Boolean>(channel) {
        @Override
        public RestResponse buildResponse(Boolean existed, XContentBuilder builder)
            throws IOException {
          builder.startObject().field("existed", existed).endObject();
          return new BytesRestResponse(RestStatus.OK, builder);
        }
      });
    }
    Click click;
    try (XContentParser parser = request.contentParser()) {
      click = ParseErrors.withRootCause("click", parser, () -> PARSER.parse(parser, null));
    }
    return channel ->
        sessions.append(session, click, new RestBuilderListener<SessionStore.Appended>(channel) {
          @Override
          public RestResponse buildResponse(SessionStore.Appended stored, XContentBuilder builder)
              throws IOException {
            builder
                .startObject()
                .field("clicks", stored.clicks())
                .field("replay", stored.replay())
                .endObject();
            return new BytesRestResponse(RestStatus.OK, builder);
          }
        });
  }
}
