package io.attune.opensearch;

import io.attune.serving.SessionVector;
import java.io.IOException;
import java.util.List;
import org.opensearch.core.common.io.stream.StreamInput;
import org.opensearch.core.common.io.stream.StreamOutput;
import org.opensearch.core.common.io.stream.Writeable;
import org.opensearch.core.xcontent.XContentBuilder;

/** The session of a request: its clicks as they were asked, then what they look for. */
sealed interface RequestSession extends Writeable {
  /** More clicks than any visit has; the newest decide. */
  int MOST_CLICKS = 1000;

  /** Of the model that encodes it. */
  String model();

  /**
   * Encoded by the model in use here; the same if it has been encoded already.
   *
   * @throws IllegalArgumentException when there is no such model
   */
  Encoded encode(AttuneNode node);

  /** Fields of the object around it. */
  void toXContent(XContentBuilder builder) throws IOException;

  static RequestSession read(StreamInput in) throws IOException {
    String model = in.readString();
    if (in.readBoolean()) {
      String version = in.readString();
      return new Encoded(
          model,
          version,
          new SessionVector(in.readFloatArray(), in.readVIntArray(), in.readFloatArray()));
    }
    return new Clicked(model, in.readStringList());
  }

  /**
   * Clicks, as the request has them.
   *
   * @param clicks item ids, oldest first
   */
  record Clicked(String model, List<String> clicks) implements RequestSession {
    public Clicked {
      clicks = List.copyOf(clicks);
      if (clicks.size() > MOST_CLICKS) {
        throw new IllegalArgumentException("[clicks] has " + clicks.size()
            + " items, more than the " + MOST_CLICKS + " allowed; send the newest " + MOST_CLICKS);
      }
    }

    @Override
    public Encoded encode(AttuneNode node) {
      return node.encode(this);
    }

    @Override
    public void writeTo(StreamOutput out) throws IOException {
      out.writeString(model);
      out.writeBoolean(false);
      out.writeStringCollection(clicks);
    }

    @Override
    public void toXContent(XContentBuilder builder) throws IOException {
      builder.field("model", model).field("clicks", clicks);
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
    public Encoded encode(AttuneNode node) {
      return this;
    }

    @Override
    public void writeTo(StreamOutput out) throws IOException {
      out.writeString(model);
      out.writeBoolean(true);
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
