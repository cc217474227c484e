package io.attune.opensearch;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.opensearch.core.common.io.stream.StreamInput;
import org.opensearch.core.common.io.stream.StreamOutput;
import org.opensearch.core.common.io.stream.Writeable;
import org.opensearch.core.xcontent.XContentBuilder;

/**
 * What a node has and has done since it started.
 *
 * @param models it holds
 * @param unread why something beside the models is not read, by its name
 * @param sessions encoded
 * @param clicks in them, those of unknown items included
 * @param encodingNanos spent on them, in nanoseconds
 * @param rescored searches of shards that were ranked by session
 * @param failed searches of shards that kept their first pass because something failed
 * @param lastFailure why the last of these did; empty where none has
 * @param joined of each model and field, how many hits had a vector
 */
record NodeStatus(
    List<Models.Status> models,
    Map<String, String> unread,
    long sessions,
    long clicks,
    long encodingNanos,
    long rescored,
    long failed,
    String lastFailure,
    List<JoinedHits> joined) {

  /**
   * Hits that sessions looked up.
   *
   * @param model of the sessions
   * @param field by which the vectors of hits were found
   * @param hits that were looked at
   * @param withVector those of them that have one
   */
  record JoinedHits(String model, String field, long hits, long withVector) implements Writeable {
    JoinedHits(StreamInput in) throws IOException {
      this(in.readString(), in.readString(), in.readVLong(), in.readVLong());
    }

    @Override
    public void writeTo(StreamOutput out) throws IOException {
      out.writeString(model);
      out.writeString(field);
      out.writeVLong(hits);
      out.writeVLong(withVector);
    }
  }

  NodeStatus(StreamInput in) throws IOException {
    this(
        in.readList(Models.Status::new),
        in.readMap(StreamInput::readString, StreamInput::readString),
        in.readVLong(),
        in.readVLong(),
        in.readVLong(),
        in.readVLong(),
        in.readVLong(),
        in.readString(),
        in.readList(JoinedHits::new));
  }

  void writeTo(StreamOutput out) throws IOException {
    out.writeList(models);
    out.writeMap(unread, StreamOutput::writeString, StreamOutput::writeString);
    out.writeVLong(sessions);
    out.writeVLong(clicks);
    out.writeVLong(encodingNanos);
    out.writeVLong(rescored);
    out.writeVLong(failed);
    out.writeString(lastFailure);
    out.writeList(joined);
  }

  /** Fields of the object around it. */
  void toXContent(XContentBuilder builder) throws IOException {
    builder.startObject("models");
    for (Models.Status model : models) {
      builder
          .startObject(model.name())
          .field("in_use", model.inUse())
          .field("versions", model.versions())
          .field("dimension", model.dimension())
          .field("items", model.items());
      if (model.failure() != null) {
        builder.field("failure", model.failure());
      }
      builder.startObject("hits_by_field");
      for (JoinedHits field : joined) {
        if (field.model.equals(model.name())) {
          builder
              .startObject(field.field)
              .field("hits", field.hits)
              .field("with_vector", field.withVector)
              .endObject();
        }
      }
      builder.endObject();
      builder.endObject();
    }
    builder.endObject();
    if (!unread.isEmpty()) {
      builder.field("not_read", new TreeMap<>(unread));
    }
    builder
        .field("sessions_encoded", sessions)
        .field("clicks_encoded", clicks)
        .field("micros_per_click", clicks == 0 ? 0 : encodingNanos / 1000.0 / clicks)
        .field("shard_searches_ranked", rescored)
        .field("shard_searches_failed", failed);
    if (!lastFailure.isEmpty()) {
      builder.field("last_failure", lastFailure);
    }
  }
}
