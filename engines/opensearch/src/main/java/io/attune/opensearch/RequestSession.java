package io.attune.opensearch;

import io.attune.serving.SessionVector;
import io.attune.vector.ClickedScores;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.opensearch.OpenSearchStatusException;
import org.opensearch.core.common.io.stream.StreamInput;
import org.opensearch.core.common.io.stream.StreamOutput;
import org.opensearch.core.common.io.stream.Writeable;
import org.opensearch.core.rest.RestStatus;
import org.opensearch.core.xcontent.XContentBuilder;
import org.opensearch.core.xcontent.XContentParser;
import org.opensearch.index.query.QueryRewriteContext;

/**
 * The session of a request, in one of its stages: the clicks as requested, their encoding in
 * progress, the encoded session, or the reason why it cannot be encoded.
 */
sealed interface RequestSession extends Writeable {
  /** More than any visit has; the newest ones matter most. */
  int MAX_CLICKS = 1000;

  /**
   * Parses clicks: an item id or a list of them. Numbers and booleans are converted to text, as in
   * a keyword field.
   *
   * @throws IllegalArgumentException if an element is not an id
   */
  static List<String> clicks(XContentParser parser) throws IOException {
    if (parser.currentToken() != XContentParser.Token.START_ARRAY) {
      return List.of(click(parser, 0));
    }
    List<String> clicks = new ArrayList<>();
    while (parser.nextToken() != XContentParser.Token.END_ARRAY) {
      clicks.add(click(parser, clicks.size()));
    }
    return clicks;
  }

  private static String click(XContentParser parser, int place) throws IOException {
    return switch (parser.currentToken()) {
      case VALUE_STRING, VALUE_NUMBER, VALUE_BOOLEAN -> parser.text();
      case null -> throw notAClick("nothing", place);
      case VALUE_NULL -> throw notAClick("null", place);
      case START_ARRAY -> throw notAClick("a list", place);
      default -> throw notAClick("an object", place);
    };
  }

  private static IllegalArgumentException notAClick(String found, int place) {
    return new IllegalArgumentException("must be a list of item ids, oldest first, such as"
        + " [\"4711\", \"12\"], but contains " + found + " at position " + (place + 1)
        + "; omit whatever is not an item id");
  }

  /** The name of the model that encodes it. */
  String model();

  /** Writes the fields of the enclosing object. */
  void toXContent(XContentBuilder builder) throws IOException;

  /**
   * Returns the next stage. On the coordinating node the session is encoded by a separate thread
   * pool, since network threads must not wait for a thousand clicks; on a shard it is encoded
   * synchronously.
   *
   * @throws IllegalArgumentException if there is no such model
   */
  default RequestSession rewrite(AttuneService service, QueryRewriteContext context) {
    return switch (this) {
      case Clicked clicked -> {
        if (context.convertToShardContext() != null) {
          yield service.encode(clicked);
        }
        Pending pending = new Pending(clicked, new AtomicReference<>());
        context.registerAsyncAction(
            (client, listener) -> service.encode(clicked, pending.result::set, listener));
        yield pending;
      }
      case Pending pending -> {
        RequestSession result = pending.result.get();
        yield result == null ? pending : result;
      }
      case Encoded encoded -> encoded;
      case Unavailable unavailable -> unavailable;
    };
  }

  /**
   * Encodes the session synchronously.
   *
   * @throws OpenSearchStatusException if it cannot be encoded
   */
  default Encoded encoded(AttuneService service) {
    return switch (this) {
      case Clicked clicked -> service.encode(clicked).encoded(service);
      case Pending pending -> pending.clicked.encoded(service);
      case Encoded encoded -> encoded;
      case Unavailable unavailable -> throw unavailable.exception();
    };
  }

  /**
   * The stages that are sent to other nodes. A node whose plugin does not know one fails its shards
   * of the search, and does not take it for another.
   */
  enum WireForm {
    CLICKED,
    ENCODED,
    UNAVAILABLE,
    /** Encoded by a model with a correction of clicked items. */
    CORRECTED
  }

  static RequestSession read(StreamInput in) throws IOException {
    String model = in.readString();
    return switch (in.readEnum(WireForm.class)) {
      case CLICKED -> new Clicked(model, in.readStringList());
      case ENCODED -> encoded(model, in, false);
      case CORRECTED -> encoded(model, in, true);
      case UNAVAILABLE -> new Unavailable(model, in.readString());
    };
  }

  private static Encoded encoded(String model, StreamInput in, boolean corrected)
      throws IOException {
    String version = in.readString();
    float[] query = in.readFloatArray();
    int[] clicks = in.readVIntArray();
    float[] attention = in.readFloatArray();
    ClickedScores clicked = corrected
        ? new ClickedScores(in.readVIntArray(), in.readFloatArray(), in.readVIntArray())
        : ClickedScores.NONE;
    return new Encoded(
        model, version, new SessionVector(version, query, clicked, clicks, attention));
  }

  /**
   * The clicks of a request.
   *
   * @param clicks item ids, oldest first
   */
  record Clicked(String model, List<String> clicks) implements RequestSession {
    public Clicked {
      clicks = List.copyOf(clicks);
      if (clicks.size() > MAX_CLICKS) {
        throw new IllegalArgumentException("[clicks] has " + clicks.size()
            + " items, more than the " + MAX_CLICKS + " allowed; send the newest " + MAX_CLICKS);
      }
    }

    @Override
    public void writeTo(StreamOutput out) throws IOException {
      out.writeString(model);
      out.writeEnum(WireForm.CLICKED);
      out.writeStringCollection(clicks);
    }

    @Override
    public void toXContent(XContentBuilder builder) throws IOException {
      builder.field("model", model).field("clicks", clicks);
    }
  }

  /**
   * Clicks that are being encoded.
   *
   * @param result set once it is available
   */
  record Pending(Clicked clicked, AtomicReference<@Nullable RequestSession> result)
      implements RequestSession {
    @Override
    public String model() {
      return clicked.model;
    }

    @Override
    public void writeTo(StreamOutput out) throws IOException {
      clicked.writeTo(out);
    }

    @Override
    public void toXContent(XContentBuilder builder) throws IOException {
      clicked.toXContent(builder);
    }
  }

  /**
   * A session that the coordinating node cannot encode.
   *
   * @param reason a message for clients, without paths of the server
   */
  record Unavailable(String model, String reason) implements RequestSession {
    /** The exception for a request that has no first pass to fall back to. */
    OpenSearchStatusException exception() {
      return new OpenSearchStatusException(reason, RestStatus.SERVICE_UNAVAILABLE);
    }

    @Override
    public void writeTo(StreamOutput out) throws IOException {
      out.writeString(model);
      out.writeEnum(WireForm.UNAVAILABLE);
      out.writeString(reason);
    }

    @Override
    public void toXContent(XContentBuilder builder) throws IOException {
      builder.field("model", model).field("unknown", reason);
    }
  }

  /**
   * An encoded session; shards receive only this.
   *
   * @param version the model's version; only item vectors of this version may be compared with it
   * @param vector the session's vector
   */
  record Encoded(String model, String version, SessionVector vector) implements RequestSession {
    private static final int SHORT_LENGTH = 12; // hexadecimal digits shown to users

    /** The model's name and the beginning of its version. */
    String modelVersion() {
      return model + "@" + version.substring(0, Math.min(SHORT_LENGTH, version.length()));
    }

    @Override
    public void writeTo(StreamOutput out) throws IOException {
      out.writeString(model);
      ClickedScores clicked = vector.clicked();
      out.writeEnum(clicked.isEmpty() ? WireForm.ENCODED : WireForm.CORRECTED);
      out.writeString(version);
      out.writeFloatArray(vector.query());
      out.writeVIntArray(vector.clicks());
      out.writeFloatArray(vector.attention());
      if (!clicked.isEmpty()) {
        out.writeVIntArray(clicked.rows());
        out.writeFloatArray(clicked.additions());
        out.writeVIntArray(clicked.clicks());
      }
    }

    @Override
    public void toXContent(XContentBuilder builder) throws IOException {
      builder.field("model", model).field("version", version).array("rows", vector.clicks());
    }
  }
}
