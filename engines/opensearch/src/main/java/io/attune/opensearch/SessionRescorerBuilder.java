package io.attune.opensearch;

import io.attune.lucene.Blend;
import io.attune.lucene.ItemSource;
import io.attune.lucene.SessionRescorer;
import io.attune.lucene.SessionRescorer.OnFailure;
import io.attune.serving.SessionVector;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.opensearch.core.ParseField;
import org.opensearch.core.common.io.stream.StreamInput;
import org.opensearch.core.common.io.stream.StreamOutput;
import org.opensearch.core.xcontent.ConstructingObjectParser;
import org.opensearch.core.xcontent.ObjectParser;
import org.opensearch.core.xcontent.XContentBuilder;
import org.opensearch.core.xcontent.XContentParser;
import org.opensearch.index.query.QueryRewriteContext;
import org.opensearch.index.query.QueryShardContext;
import org.opensearch.search.rescore.RescoreContext;
import org.opensearch.search.rescore.RescorerBuilder;

/**
 * The rescorer {@code session} of a request:
 *
 * <pre>{@code
 * "rescore": {"window_size": 500, "session": {
 *   "model": "shop", "clicks": ["a", "b", "c"], "item_field": "sku",
 *   "blend": {"weighted": {"weight": 0.5, "normalization": "min_max"}}, "on_failure": "first_pass"}}
 * }</pre>
 *
 * <p>Rewriting encodes the session once, on the coordinating node. If there are several shards,
 * that node also ranks their hits, see {@link CoordinatorRanking}.
 */
final class SessionRescorerBuilder extends RescorerBuilder<SessionRescorerBuilder> {
  static final String NAME = "session";

  private final AttuneService service;
  private final RequestSession session;
  private final VectorSource source;
  private final @Nullable Blend blend;
  private final OnFailure onFailure;
  private final boolean requiresField;
  private final boolean ranksAcrossShards;

  /**
   * Creates a rescorer.
   *
   * @param blend how scores are combined; null for the blend of the model, which takes its place
   *     when the session is encoded
   * @param requiresField whether the request is wrong if no index has the field; otherwise the
   *     first pass is kept
   * @param ranksAcrossShards whether the coordinating node ranks the hits of several shards
   */
  SessionRescorerBuilder(
      AttuneService service,
      RequestSession session,
      VectorSource source,
      @Nullable Blend blend,
      OnFailure onFailure,
      boolean requiresField,
      boolean ranksAcrossShards) {
    this.service = service;
    this.session = session;
    this.source = source;
    this.blend = blend;
    this.onFailure = onFailure;
    this.requiresField = requiresField;
    this.ranksAcrossShards = ranksAcrossShards;
  }

  SessionRescorerBuilder(StreamInput in, AttuneService service) throws IOException {
    super(in);
    this.service = service;
    session = RequestSession.read(in);
    source = VectorSource.read(in);
    blend = BlendFormat.read(in);
    onFailure = in.readEnum(OnFailure.class);
    requiresField = in.readBoolean();
    ranksAcrossShards = in.readBoolean();
  }

  @Override
  protected void doWriteTo(StreamOutput out) throws IOException {
    session.writeTo(out);
    source.writeTo(out);
    BlendFormat.write(out, blend);
    out.writeEnum(onFailure);
    out.writeBoolean(requiresField);
    out.writeBoolean(ranksAcrossShards);
  }

  @SuppressWarnings("unchecked") // the parser hands over what its declarations read
  private static final ConstructingObjectParser<SessionRescorerBuilder, AttuneService> PARSER =
      new ConstructingObjectParser<>(
          NAME,
          false,
          (values, service) -> new SessionRescorerBuilder(
              service,
              new RequestSession.Clicked((String) values[0], (List<String>) values[1]),
              VectorSource.of((String) values[2], (String) values[3], (List<String>) values[4]),
              (Blend) values[5],
              values[6] == null ? OnFailure.FIRST_PASS : (OnFailure) values[6],
              true,
              FetchPhaseListener.isSupported()));

  static {
    PARSER.declareString(ConstructingObjectParser.constructorArg(), new ParseField("model"));
    PARSER.declareField(
        ConstructingObjectParser.constructorArg(),
        (parser, service) -> RequestSession.clicks(parser),
        new ParseField("clicks"),
        ObjectParser.ValueType.VALUE_ARRAY);
    VectorSource.declare(PARSER);
    PARSER.declareField(
        ConstructingObjectParser.optionalConstructorArg(),
        (parser, service) -> BlendFormat.parse(parser),
        new ParseField("blend"),
        ObjectParser.ValueType.OBJECT);
    PARSER.declareField(
        ConstructingObjectParser.optionalConstructorArg(),
        (parser, service) -> onFailure(parser.text()),
        new ParseField("on_failure"),
        ObjectParser.ValueType.STRING);
  }

  static SessionRescorerBuilder parse(XContentParser parser, AttuneService service)
      throws IOException {
    return ParseErrors.withRootCause(NAME, parser, () -> PARSER.parse(parser, service));
  }

  private static OnFailure onFailure(String text) {
    return switch (text) {
      case "first_pass" -> OnFailure.FIRST_PASS;
      case "fail" -> OnFailure.THROW;
      default ->
        throw new IllegalArgumentException(
            "[on_failure] must be [first_pass] or [fail], not [" + text + "]");
    };
  }

  @Override
  protected void doXContent(XContentBuilder builder, Params params) throws IOException {
    builder.startObject(NAME);
    session.toXContent(builder);
    source.toXContent(builder);
    if (blend != null) {
      builder.field("blend");
      BlendFormat.toXContent(builder, blend);
    }
    builder.field("on_failure", onFailure == OnFailure.THROW ? "fail" : "first_pass");
    builder.endObject();
  }

  @Override
  public String getWriteableName() {
    return NAME;
  }

  /** The number of hits to rescore. */
  int window() {
    return windowSize == null ? DEFAULT_WINDOW_SIZE : windowSize;
  }

  /**
   * How first-pass and session scores are combined.
   *
   * @param words number of words of the query, for a learned blend; 0 if it is not known
   */
  Blend blend(int words) {
    return switch (blend) {
      case null -> Blend.defaults();
      case Blend.Learned learned -> learned.withWords(words);
      case Blend other -> other;
    };
  }

  @Override
  public SessionRescorerBuilder rewrite(QueryRewriteContext context) {
    RequestSession next = session.rewrite(service, context);
    if (next instanceof RequestSession.Unavailable unavailable && onFailure == OnFailure.THROW) {
      throw unavailable.exception();
    }
    return next.equals(session) ? this : copied(next);
  }

  /**
   * The blend of the model that encoded the session. The coordinating node decides it and sends it
   * with the request, so an answer never mixes two.
   */
  private @Nullable Blend blendFor(RequestSession next) {
    if (blend != null || !(next instanceof RequestSession.Encoded encoded)) {
      return blend;
    }
    return service
        .models()
        .version(encoded.model(), encoded.version())
        .map(model -> Blend.of(model.model().blend()))
        .orElse(Blend.defaults());
  }

  private SessionRescorerBuilder copied(RequestSession nextSession) {
    SessionRescorerBuilder copy = new SessionRescorerBuilder(
        service,
        nextSession,
        source,
        blendFor(nextSession),
        onFailure,
        requiresField,
        ranksAcrossShards);
    copy.windowSize = windowSize;
    return copy;
  }

  @Override
  protected RescoreContext innerBuildContext(int window, QueryShardContext shard) {
    // A cached result would not know which hits were ranked, and would preserve failures.
    shard.setIsCacheable(false);
    RequestSession known = session.rewrite(service, shard);
    return new SessionRescore(
        window, service, known, plan(window, shard, known), onFailure, ranksAcrossShards);
  }

  private SessionRescore.Plan plan(int window, QueryShardContext shard, RequestSession known) {
    if (!(known instanceof RequestSession.Encoded encoded)) {
      String reason = known instanceof RequestSession.Unavailable unavailable
          ? unavailable.reason()
          : "the session was not encoded";
      return new SessionRescore.Unavailable(ShardHits.Outcome.FAILED, reason);
    }
    SessionVector vector = encoded.vector();
    Optional<LoadedModel> held = service.models().version(encoded.model(), encoded.version());
    Optional<ItemSource> items;
    try {
      items = source.itemSource(shard, held.orElse(null), vector.query().length);
    } catch (IllegalArgumentException e) {
      return new SessionRescore.Unavailable(
          requiresField ? ShardHits.Outcome.INVALID_FIELD : ShardHits.Outcome.FAILED,
          String.valueOf(e.getMessage()));
    }
    if (vector.isEmpty()) {
      return new SessionRescore.EmptySession();
    }
    if (items.isEmpty()) {
      return new SessionRescore.Unavailable(
          ShardHits.Outcome.FAILED, "this node does not have the model " + encoded.modelVersion());
    }
    SessionRescorer.Settings settings = SessionRescorer.Settings.defaults()
        .withBlend(blendFor(known))
        .withWindow(window)
        .withOnFailure(onFailure);
    SessionRescorer.Settings named =
        held.map(model -> settings.withVocabulary(model.model().vocabulary())).orElse(settings);
    return new SessionRescore.Ready(items.get(), vector, named, source.field());
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof SessionRescorerBuilder that
        && super.equals(other)
        && session.equals(that.session)
        && source.equals(that.source)
        && Objects.equals(blend, that.blend)
        && onFailure == that.onFailure
        && requiresField == that.requiresField
        && ranksAcrossShards == that.ranksAcrossShards;
  }

  @Override
  public int hashCode() {
    return Objects.hash(
        super.hashCode(), session, source, blend, onFailure, requiresField, ranksAcrossShards);
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT, "session rescorer of %s by %s", session.model(), source.field());
  }
}
