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
 * The state of a node, and its counters since it started.
 *
 * @param models the models
 * @param ignored entries beside the models that are ignored, with the reason
 * @param sessions number of encoded sessions
 * @param clicks number of clicks in them, including those on unknown items
 * @param encodingNanos nanoseconds spent on encoding
 * @param rescored number of shard searches that were ranked by session
 * @param failed number of shard searches that kept their first pass because of a failure
 * @param lastFailure reason of the last failure; empty if there was none
 * @param fieldHits number of hits, and of hits with a vector, by model and field
 * @param searches number of searches that came through a pipeline, by what became of them
 * @param lastSearchFailure why a pipeline could not give a search its session, the last time; empty
 *     if it always could
 */
record NodeStatus(
    List<ModelRegistry.Status> models,
    Map<String, String> ignored,
    long sessions,
    long clicks,
    long encodingNanos,
    long rescored,
    long failed,
    String lastFailure,
    List<FieldHits> fieldHits,
    Map<String, Long> searches,
    String lastSearchFailure) {

  /**
   * Hits that were looked up for sessions.
   *
   * @param model the sessions' model
   * @param field the field that vectors were found by
   * @param hits number of hits
   * @param withVector number of hits with a vector
   */
  record FieldHits(String model, String field, long hits, long withVector) implements Writeable {
    FieldHits(StreamInput in) throws IOException {
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
        in.readList(ModelRegistry.Status::new),
        in.readMap(StreamInput::readString, StreamInput::readString),
        in.readVLong(),
        in.readVLong(),
        in.readVLong(),
        in.readVLong(),
        in.readVLong(),
        in.readString(),
        in.readList(FieldHits::new),
        in.readMap(StreamInput::readString, StreamInput::readVLong),
        in.readString());
  }

  void writeTo(StreamOutput out) throws IOException {
    out.writeList(models);
    out.writeMap(ignored, StreamOutput::writeString, StreamOutput::writeString);
    out.writeVLong(sessions);
    out.writeVLong(clicks);
    out.writeVLong(encodingNanos);
    out.writeVLong(rescored);
    out.writeVLong(failed);
    out.writeString(lastFailure);
    out.writeList(fieldHits);
    out.writeMap(searches, StreamOutput::writeString, StreamOutput::writeVLong);
    out.writeString(lastSearchFailure);
  }

  /** Writes the fields of the enclosing object. */
  void toXContent(XContentBuilder builder) throws IOException {
    builder.startObject("models");
    for (ModelRegistry.Status model : models) {
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
      for (FieldHits field : fieldHits) {
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
    if (!ignored.isEmpty()) {
      builder.field("not_read", new TreeMap<>(ignored));
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
    builder.startObject("searches_by_pipeline");
    for (Map.Entry<String, Long> count : new TreeMap<>(searches).entrySet()) {
      builder.field(count.getKey(), count.getValue());
    }
    if (!lastSearchFailure.isEmpty()) {
      builder.field("last_failure", lastSearchFailure);
    }
    builder.endObject();
  }
}
