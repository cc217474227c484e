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
 * <p>Rewriting encodes the session, once, on the node that the request reached. That node also
 * ranks the hits of all shards, if there are several: {@link GatheredHits}.
 */
final class SessionRescorerBuilder extends RescorerBuilder<SessionRescorerBuilder> {
  static final String NAME = "session";

  private final AttuneNode node;
  private final RequestSession session;
  private final VectorSource source;
  private final Blend blend;
  private final OnFailure onFailure;
  private final boolean gathers;
  private final GatheredHits gathered;

  /**
   * A rescorer.
   *
   * @param gathers whether the node that coordinates the search ranks the hits of several shards
   * @param gathered where it does; stays on that node
   */
  SessionRescorerBuilder(
      AttuneNode node,
      RequestSession session,
      VectorSource source,
      Blend blend,
      OnFailure onFailure,
      boolean gathers,
      GatheredHits gathered) {
    this.node = node;
    this.session = session;
    this.source = source;
    this.blend = blend;
    this.onFailure = onFailure;
    this.gathers = gathers;
    this.gathered = gathered;
  }

  SessionRescorerBuilder(StreamInput in, AttuneNode node) throws IOException {
    super(in);
    this.node = node;
    session = RequestSession.read(in);
    source = VectorSource.read(in);
    blend = BlendFormat.read(in);
    onFailure = in.readEnum(OnFailure.class);
    gathers = in.readBoolean();
    gathered = new GatheredHits();
  }

  @Override
  protected void doWriteTo(StreamOutput out) throws IOException {
    session.writeTo(out);
    source.writeTo(out);
    BlendFormat.write(out, blend);
    out.writeEnum(onFailure);
    out.writeBoolean(gathers);
  }

  @SuppressWarnings("unchecked") // the parser hands over what its declarations read
  private static final ConstructingObjectParser<SessionRescorerBuilder, AttuneNode> PARSER =
      new ConstructingObjectParser<>(
          NAME,
          false,
          (values, node) -> new SessionRescorerBuilder(
              node,
              new RequestSession.Clicked((String) values[0], (List<String>) values[1]),
              VectorSource.of((String) values[2], (String) values[3]),
              values[4] == null ? BlendFormat.DEFAULT : (Blend) values[4],
              values[5] == null ? OnFailure.FIRST_PASS : (OnFailure) values[5],
              SearchPhases.areKnown(),
              new GatheredHits()));

  static {
    PARSER.declareString(ConstructingObjectParser.constructorArg(), new ParseField("model"));
    PARSER.declareField(
        ConstructingObjectParser.constructorArg(),
        (parser, node) -> RequestSession.clicks(parser),
        new ParseField("clicks"),
        ObjectParser.ValueType.VALUE_ARRAY);
    PARSER.declareString(
        ConstructingObjectParser.optionalConstructorArg(), new ParseField("item_field"));
    PARSER.declareString(
        ConstructingObjectParser.optionalConstructorArg(), new ParseField("vector_field"));
    PARSER.declareField(
        ConstructingObjectParser.optionalConstructorArg(),
        (parser, node) -> BlendFormat.parse(parser),
        new ParseField("blend"),
        ObjectParser.ValueType.OBJECT);
    PARSER.declareField(
        ConstructingObjectParser.optionalConstructorArg(),
        (parser, node) -> onFailure(parser.text()),
        new ParseField("on_failure"),
        ObjectParser.ValueType.STRING);
  }

  static SessionRescorerBuilder parse(XContentParser parser, AttuneNode node) throws IOException {
    return ParseReasons.onTop(NAME, parser, () -> PARSER.parse(parser, node));
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
    builder.field(source.parameter(), source.field());
    builder.field("blend");
    BlendFormat.toXContent(builder, blend);
    builder.field("on_failure", onFailure == OnFailure.THROW ? "fail" : "first_pass");
    builder.endObject();
  }

  @Override
  public String getWriteableName() {
    return NAME;
  }

  /** How many hits of each shard are rescored. */
  int window() {
    return windowSize == null ? DEFAULT_WINDOW_SIZE : windowSize;
  }

  /** How both passes make one score. */
  Blend blend() {
    return blend;
  }

  /** The hits of all shards of the search that it is part of. */
  GatheredHits gathered() {
    return gathered;
  }

  /** The same for a search of its own. */
  SessionRescorerBuilder forOneSearch() {
    return copied(session, new GatheredHits());
  }

  @Override
  public SessionRescorerBuilder rewrite(QueryRewriteContext context) {
    RequestSession next = session.rewrite(node, context);
    if (next instanceof RequestSession.Unknown unknown && onFailure == OnFailure.THROW) {
      throw unknown.failure();
    }
    return next.equals(session) ? this : copied(next, gathered);
  }

  private SessionRescorerBuilder copied(RequestSession nextSession, GatheredHits hits) {
    SessionRescorerBuilder copy =
        new SessionRescorerBuilder(node, nextSession, source, blend, onFailure, gathers, hits);
    copy.windowSize = windowSize;
    return copy;
  }

  @Override
  protected RescoreContext innerBuildContext(int window, QueryShardContext shard) {
    // A kept answer would not know which hits were ranked, and keep what could not be.
    shard.setIsCacheable(false);
    RequestSession known = session.rewrite(node, shard);
    return new SessionRescore(window, node, known, means(window, shard, known), onFailure, gathers);
  }

  private SessionRescore.Means means(int window, QueryShardContext shard, RequestSession known) {
    if (!(known instanceof RequestSession.Encoded encoded)) {
      String reason = known instanceof RequestSession.Unknown unknown
          ? unknown.reason()
          : "the session was not encoded";
      return new SessionRescore.Missing(ShardHits.Outcome.FAILED, reason);
    }
    SessionVector vector = encoded.vector();
    Optional<HeldModel> held = node.models().held(encoded.model(), encoded.version());
    Optional<ItemSource> items;
    try {
      items = source.on(shard, held.orElse(null), vector.query().length);
    } catch (IllegalArgumentException e) {
      return new SessionRescore.Missing(ShardHits.Outcome.UNFIT, String.valueOf(e.getMessage()));
    }
    if (vector.isEmpty()) {
      return new SessionRescore.Nothing();
    }
    if (items.isEmpty()) {
      return new SessionRescore.Missing(
          ShardHits.Outcome.FAILED, "this node does not hold the model " + encoded.modelVersion());
    }
    SessionRescorer.Settings settings = SessionRescorer.Settings.defaults()
        .withBlend(blend)
        .withWindow(window)
        .withOnFailure(onFailure);
    SessionRescorer.Settings named =
        held.map(model -> settings.withVocabulary(model.served().vocabulary())).orElse(settings);
    return new SessionRescore.Ready(
        new SessionRescorer(items.get(), vector, named), source.field());
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof SessionRescorerBuilder that
        && super.equals(other)
        && session.equals(that.session)
        && source.equals(that.source)
        && blend.equals(that.blend)
        && onFailure == that.onFailure
        && gathers == that.gathers;
  }

  @Override
  public int hashCode() {
    return Objects.hash(super.hashCode(), session, source, blend, onFailure, gathers);
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT, "session rescorer of %s by %s", session.model(), source.field());
  }
}
