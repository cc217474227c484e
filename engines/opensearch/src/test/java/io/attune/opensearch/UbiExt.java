package io.attune.opensearch;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.opensearch.core.common.io.stream.StreamInput;
import org.opensearch.core.common.io.stream.StreamOutput;
import org.opensearch.core.xcontent.XContentBuilder;
import org.opensearch.plugins.Plugin;
import org.opensearch.plugins.SearchPlugin;
import org.opensearch.search.SearchExtBuilder;

/**
 * A plugin that reads {@code ext.ubi} as User Behavior Insights does, which is not published as a
 * Maven artifact. Like that, it writes the fields without an object around them.
 */
public final class UbiExt extends Plugin implements SearchPlugin {

  @Override
  public List<SearchExtSpec<?>> getSearchExts() {
    return List.of(
        new SearchExtSpec<>("ubi", Parameters::new, parser -> new Parameters(parser.mapStrings())));
  }

  private static final class Parameters extends SearchExtBuilder {
    private final Map<String, String> fields;

    Parameters(Map<String, String> fields) {
      this.fields = fields;
    }

    Parameters(StreamInput in) throws IOException {
      fields = in.readMap(StreamInput::readString, StreamInput::readString);
    }

    @Override
    public String getWriteableName() {
      return "ubi";
    }

    @Override
    public void writeTo(StreamOutput out) throws IOException {
      out.writeMap(fields, StreamOutput::writeString, StreamOutput::writeString);
    }

    @Override
    public XContentBuilder toXContent(XContentBuilder builder, Params params) throws IOException {
      return builder
          .field("query_id", fields.get("query_id"))
          .field("client_id", fields.get("client_id"));
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Parameters that && fields.equals(that.fields);
    }

    @Override
    public int hashCode() {
      return Objects.hash(fields);
    }
  }
}
