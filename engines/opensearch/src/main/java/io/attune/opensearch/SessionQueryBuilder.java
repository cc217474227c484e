package io.attune.opensearch;

import io.attune.lucene.ItemSource;
import io.attune.lucene.SessionSearch;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import org.apache.lucene.index.IndexReader;
import org.apache.lucene.search.MatchNoDocsQuery;
import org.apache.lucene.search.Query;
import org.jspecify.annotations.Nullable;
import org.opensearch.core.ParseField;
import org.opensearch.core.common.io.stream.StreamInput;
import org.opensearch.core.common.io.stream.StreamOutput;
import org.opensearch.core.xcontent.ConstructingObjectParser;
import org.opensearch.core.xcontent.ObjectParser;
import org.opensearch.core.xcontent.XContentBuilder;
import org.opensearch.core.xcontent.XContentParser;
import org.opensearch.index.query.AbstractQueryBuilder;
import org.opensearch.index.query.QueryBuilder;
import org.opensearch.index.query.QueryRewriteContext;
import org.opensearch.index.query.QueryShardContext;

/**
 * The query {@code attune}: finds items by a session, using vectors in the index, or scores all
 * documents by those of the model.
 *
 * <pre>{@code
 * {"attune": {"vector_field": "vector", "model": "shop", "clicks": ["a", "b"], "k": 100, "filter": {…}}}
 * {"attune": {"item_field": "sku", "model": "shop", "clicks": ["a", "b"], "filter": {…}}}
 * }</pre>
 */
final class SessionQueryBuilder extends AbstractQueryBuilder<SessionQueryBuilder> {
  static final String NAME = "attune";

  private static final int DEFAULT_COUNT = 100;
  private static final int MAX_COUNT = 10_000;

  private final AttuneService service;
  private final RequestSession session;
  private final VectorSource field;
  private final int count;
  private final @Nullable QueryBuilder filter;

  SessionQueryBuilder(
      AttuneService service,
      RequestSession session,
      VectorSource field,
      int count,
      @Nullable QueryBuilder filter) {
    if (count < 1 || count > MAX_COUNT) {
      throw new IllegalArgumentException("[k] must be from 1 to " + MAX_COUNT + ", not " + count);
    }
    this.service = service;
    this.session = session;
    this.field = field;
    this.count = count;
    this.filter = filter;
  }

  SessionQueryBuilder(StreamInput in, AttuneService service) throws IOException {
    super(in);
    this.service = service;
    session = RequestSession.read(in);
    field = VectorSource.read(in);
    count = in.readVInt();
    filter = in.readOptionalNamedWriteable(QueryBuilder.class);
  }

  @Override
  protected void doWriteTo(StreamOutput out) throws IOException {
    session.writeTo(out);
    field.writeTo(out);
    out.writeVInt(count);
    out.writeOptionalNamedWriteable(filter);
  }

  @SuppressWarnings("unchecked") // the parser hands over what its declarations read
  private static final ConstructingObjectParser<SessionQueryBuilder, AttuneService> PARSER =
      new ConstructingObjectParser<>(
          NAME,
          false,
          (values, service) -> new SessionQueryBuilder(
              service,
              new RequestSession.Clicked((String) values[0], (List<String>) values[1]),
              VectorSource.of((String) values[2], (String) values[3], (List<String>) values[4]),
              values[5] == null ? DEFAULT_COUNT : (Integer) values[5],
              (QueryBuilder) values[6]));

  static {
    PARSER.declareString(ConstructingObjectParser.constructorArg(), new ParseField("model"));
    PARSER.declareField(
        ConstructingObjectParser.constructorArg(),
        (parser, service) -> RequestSession.clicks(parser),
        new ParseField("clicks"),
        ObjectParser.ValueType.VALUE_ARRAY);
    VectorSource.declare(PARSER);
    PARSER.declareInt(ConstructingObjectParser.optionalConstructorArg(), new ParseField("k"));
    PARSER.declareObject(
        ConstructingObjectParser.optionalConstructorArg(),
        (parser, service) -> parseInnerQueryBuilder(parser),
        new ParseField("filter"));
    declareStandardFields(PARSER);
  }

  static SessionQueryBuilder parse(XContentParser parser, AttuneService service)
      throws IOException {
    return ParseErrors.withRootCause(NAME, parser, () -> PARSER.parse(parser, service));
  }

  @Override
  protected void doXContent(XContentBuilder builder, Params params) throws IOException {
    builder.startObject(NAME);
    field.toXContent(builder);
    session.toXContent(builder);
    builder.field("k", count);
    if (filter != null) {
      builder.field("filter", filter);
    }
    printBoostAndQueryName(builder);
    builder.endObject();
  }

  @Override
  protected QueryBuilder doRewrite(QueryRewriteContext context) throws IOException {
    RequestSession encoded = session.rewrite(service, context);
    if (encoded instanceof RequestSession.Unavailable unavailable) {
      throw unavailable.exception();
    }
    QueryBuilder rewritten = filter == null ? null : filter.rewrite(context);
    if (encoded.equals(session) && Objects.equals(rewritten, filter)) {
      return this;
    }
    return new SessionQueryBuilder(service, encoded, field, count, rewritten)
        .boost(boost())
        .queryName(queryName());
  }

  @Override
  protected Query doToQuery(QueryShardContext shard) throws IOException {
    RequestSession.Encoded encoded = session.encoded(service);
    IndexReader reader = shard.getIndexReader();
    if (reader != null && reader.numDocs() == 0) {
      return new MatchNoDocsQuery("the index is empty, so the field may not exist yet");
    }
    int dimension = encoded.vector().query().length;
    LoadedModel model =
        service.models().version(encoded.model(), encoded.version()).orElse(null);
    ItemSource source = field
        .itemSource(shard, model, dimension)
        .orElseThrow(() -> new IllegalArgumentException("this node does not hold version "
            + encoded.modelVersion() + " of the model, by which [item_field] is joined"));
    Query matching = filter == null ? null : filter.toQuery(shard);
    if (encoded.vector().isEmpty()) {
      return new MatchNoDocsQuery("the session is empty");
    }
    return switch (source) {
      case ItemSource.Indexed indexed ->
        SessionSearch.query(reader, indexed, encoded.vector(), count, matching);
      case ItemSource.Joined joined -> SessionSearch.exact(joined, encoded.vector(), matching);
    };
  }

  @Override
  protected boolean doEquals(SessionQueryBuilder other) {
    return session.equals(other.session)
        && field.equals(other.field)
        && count == other.count
        && Objects.equals(filter, other.filter);
  }

  @Override
  protected int doHashCode() {
    return Objects.hash(session, field, count, filter);
  }

  @Override
  public String getWriteableName() {
    return NAME;
  }
}
