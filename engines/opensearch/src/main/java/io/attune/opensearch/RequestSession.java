package io.attune.opensearch;

import io.attune.serving.SessionVector;
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
 * The session of a request: its clicks as they were asked, then what they look for, or why that
 * cannot be known.
 */
sealed interface RequestSession extends Writeable {
  /** More clicks than any visit has; the newest decide. */
  int MAX_CLICKS = 1000;

  /**
   * Reads clicks: one item id or a list of them. A number or a boolean is the id that a keyword
   * field makes of it, its text.
   *
   * @throws IllegalArgumentException when something is no id
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
      case null -> throw noClick("nothing", place);
      case VALUE_NULL -> throw noClick("null", place);
      case START_ARRAY -> throw noClick("a list", place);
      default -> throw noClick("an object", place);
    };
  }

  private static IllegalArgumentException noClick(String found, int place) {
    return new IllegalArgumentException("must hold item ids, oldest first, such as [\"4711\","
        + " \"12\"], but holds " + found + " at place " + (place + 1)
        + "; leave out what is no item");
  }

  /** Of the model that encodes it. */
  String model();

  /** Fields of the object around it. */
  void toXContent(XContentBuilder builder) throws IOException;

  /**
   * The next form of it. On the node that coordinates a search the session is encoded by other
   * threads, since the network's must not wait for a thousand clicks; on a shard it is encoded here
   * and now.
   *
   * @throws IllegalArgumentException when there is no such model
   */
  default RequestSession rewrite(AttuneNode node, QueryRewriteContext context) {
    return switch (this) {
      case Clicked clicked -> {
        if (context.convertToShardContext() != null) {
          yield node.encode(clicked);
        }
        Encoding encoding = new Encoding(clicked, new AtomicReference<>());
        context.registerAsyncAction(
            (client, listener) -> node.encode(clicked, encoding.result::set, listener));
        yield encoding;
      }
      case Encoding encoding -> {
        RequestSession result = encoding.result.get();
        yield result == null ? encoding : result;
      }
      case Encoded encoded -> encoded;
      case Unknown unknown -> unknown;
    };
  }

  /**
   * What it looks for.
   *
   * @throws OpenSearchStatusException when this cannot be known
   */
  default Encoded encoded(AttuneNode node) {
    return switch (this) {
      case Clicked clicked -> node.encode(clicked).encoded(node);
      case Encoding encoding -> encoding.clicked.encoded(node);
      case Encoded encoded -> encoded;
      case Unknown unknown -> throw unknown.failure();
    };
  }

  /** How one travels. */
  enum Form {
    CLICKED,
    ENCODED,
    UNKNOWN
  }

  static RequestSession read(StreamInput in) throws IOException {
    String model = in.readString();
    return switch (in.readEnum(Form.class)) {
      case CLICKED -> new Clicked(model, in.readStringList());
      case ENCODED -> {
        String version = in.readString();
        yield new Encoded(
            model,
            version,
            new SessionVector(
                version, in.readFloatArray(), in.readVIntArray(), in.readFloatArray()));
      }
      case UNKNOWN -> new Unknown(model, in.readString());
    };
  }

  /**
   * Clicks, as the request has them.
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
      out.writeEnum(Form.CLICKED);
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
   * @param result there when it is done
   */
  record Encoding(Clicked clicked, AtomicReference<@Nullable RequestSession> result)
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
   * @param reason for people; holds nothing of the server's files
   */
  record Unknown(String model, String reason) implements RequestSession {
    /** What to answer where there is no first pass to fall back to. */
    OpenSearchStatusException failure() {
      return new OpenSearchStatusException(reason, RestStatus.SERVICE_UNAVAILABLE);
    }

    @Override
    public void writeTo(StreamOutput out) throws IOException {
      out.writeString(model);
      out.writeEnum(Form.UNKNOWN);
      out.writeString(reason);
    }

    @Override
    public void toXContent(XContentBuilder builder) throws IOException {
      builder.field("model", model).field("unknown", reason);
    }
  }

  /**
   * What a session looks for: all that shards get of it.
   *
   * @param version of the model: no other version's item vectors may be compared with it
   * @param vector by it
   */
  record Encoded(String model, String version, SessionVector vector) implements RequestSession {
    private static final int SHORT = 12; // hexadecimal digits, as people compare them

    /** The model and the start of its version, for people. */
    String modelVersion() {
      return model + "@" + version.substring(0, Math.min(SHORT, version.length()));
    }

    @Override
    public void writeTo(StreamOutput out) throws IOException {
      out.writeString(model);
      out.writeEnum(Form.ENCODED);
      out.writeString(version);
      out.writeFloatArray(vector.query());
      out.writeVIntArray(vector.clicks());
      out.writeFloatArray(vector.attention());
    }

    @Override
    public void toXContent(XContentBuilder builder) throws IOException {
      builder.field("model", model).field("version", version).array("rows", vector.clicks());
    }
  }
}
