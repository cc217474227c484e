package io.attune.opensearch;

import java.io.IOException;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.opensearch.common.xcontent.XContentHelper;
import org.opensearch.common.xcontent.json.JsonXContent;
import org.opensearch.core.ParseField;
import org.opensearch.core.common.bytes.BytesReference;
import org.opensearch.core.common.io.stream.StreamInput;
import org.opensearch.core.common.io.stream.StreamOutput;
import org.opensearch.core.xcontent.ConstructingObjectParser;
import org.opensearch.core.xcontent.MediaTypeRegistry;
import org.opensearch.core.xcontent.ToXContent;
import org.opensearch.core.xcontent.XContentBuilder;
import org.opensearch.core.xcontent.XContentParser;
import org.opensearch.search.SearchExtBuilder;
import org.opensearch.search.builder.SearchSourceBuilder;

/**
 * The session that a search is part of: {@code "ext": {"attune": {"session": "…"}}}. A null or
 * empty id names none, as a template without a value gives it.
 */
final class SessionExtBuilder extends SearchExtBuilder {
  static final String NAME = "attune";

  private static final String UBI = "ubi"; // of the plugin User Behavior Insights
  private static final ConstructingObjectParser<SessionExtBuilder, @Nullable Void> PARSER =
      new ConstructingObjectParser<>(
          NAME, false, values -> new SessionExtBuilder((String) values[0]));

  static {
    PARSER.declareStringOrNull(
        ConstructingObjectParser.optionalConstructorArg(), new ParseField("session"));
  }

  private final String session;

  SessionExtBuilder(@Nullable String session) {
    this.session = session == null || session.isEmpty() ? "" : SessionStore.requireId(session);
  }

  SessionExtBuilder(StreamInput in) throws IOException {
    session = in.readString();
  }

  static SessionExtBuilder parse(XContentParser parser) throws IOException {
    return ParseErrors.withRootCause(NAME, parser, () -> PARSER.parse(parser, null));
  }

  /**
   * Returns the session that a search names in {@code ext.attune.session} or, without that, in
   * {@code ext.ubi.client_id}.
   *
   * @return an id, or empty if it names none
   * @throws IOException if {@code ext.ubi} cannot be read
   */
  static String session(SearchSourceBuilder search) throws IOException {
    String client = "";
    for (SearchExtBuilder ext : search.ext()) {
      if (ext instanceof SessionExtBuilder own && !own.session.isEmpty()) {
        return own.session;
      }
      if (ext.getWriteableName().equals(UBI)) {
        client = ubiClient(ext);
      }
    }
    return client;
  }

  /**
   * Reads the client's id from what another plugin has parsed. Its classes cannot be seen from
   * here, so it is read as JSON, whether that has the fields themselves or an object with them.
   */
  private static String ubiClient(SearchExtBuilder ext) throws IOException {
    XContentBuilder json = JsonXContent.contentBuilder().startObject();
    ext.toXContent(json, ToXContent.EMPTY_PARAMS);
    json.endObject();
    Map<String, Object> fields = XContentHelper.convertToMap(
            BytesReference.bytes(json), false, MediaTypeRegistry.JSON)
        .v2();
    Object client =
        (fields.get(UBI) instanceof Map<?, ?> nested ? nested : fields).get("client_id");
    return client == null ? "" : client.toString();
  }

  @Override
  public String getWriteableName() {
    return NAME;
  }

  @Override
  public void writeTo(StreamOutput out) throws IOException {
    out.writeString(session);
  }

  @Override
  public XContentBuilder toXContent(XContentBuilder builder, Params params) throws IOException {
    return builder.startObject(NAME).field("session", session).endObject();
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof SessionExtBuilder that && session.equals(that.session);
  }

  @Override
  public int hashCode() {
    return Objects.hash(NAME, session);
  }
}
