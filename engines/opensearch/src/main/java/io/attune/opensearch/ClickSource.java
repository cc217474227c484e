package io.attune.opensearch;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.opensearch.action.search.SearchRequest;
import org.opensearch.action.search.SearchResponse;
import org.opensearch.common.document.DocumentField;
import org.opensearch.common.unit.TimeValue;
import org.opensearch.core.ParseField;
import org.opensearch.core.xcontent.ConstructingObjectParser;
import org.opensearch.core.xcontent.XContentParser;
import org.opensearch.index.query.BoolQueryBuilder;
import org.opensearch.index.query.QueryBuilders;
import org.opensearch.search.SearchHit;
import org.opensearch.search.builder.SearchSourceBuilder;
import org.opensearch.search.pipeline.SearchPipelineService;
import org.opensearch.search.sort.SortOrder;

/** Where the clicks of sessions are. */
sealed interface ClickSource {

  /** Clicks that were sent to this plugin, see {@link SessionStore}. */
  record Sessions() implements ClickSource {}

  /**
   * Events of User Behavior Insights, or of any index with a document for each click.
   *
   * @param index the index, an alias or a pattern
   * @param sessionField the keyword field with the session's id
   * @param itemField the field with the item's id, with doc values
   * @param actionField the keyword field with what the visitor did
   * @param timeField the date field
   * @param actions what counts as a click
   */
  record Events(
      String index,
      String sessionField,
      String itemField,
      String actionField,
      String timeField,
      List<String> actions)
      implements ClickSource {
    public Events {
      actions = List.copyOf(actions);
      if (actions.isEmpty()) {
        throw new IllegalArgumentException(
            "[actions] must name what counts as a click, such as [\"click\"]");
      }
    }

    /** As the plugin User Behavior Insights maps them. */
    static Events defaults() {
      return new Events(
          "ubi_events",
          "client_id",
          "event_attributes.object.object_id",
          "action_name",
          "timestamp",
          List.of("click"));
    }

    @SuppressWarnings("unchecked") // the parser hands over what its declarations read
    private static final ConstructingObjectParser<Events, @Nullable Void> PARSER =
        new ConstructingObjectParser<>("events", false, values -> {
          Events defaults = defaults();
          return new Events(
              or((String) values[0], defaults.index),
              or((String) values[1], defaults.sessionField),
              or((String) values[2], defaults.itemField),
              or((String) values[3], defaults.actionField),
              or((String) values[4], defaults.timeField),
              values[5] == null ? defaults.actions : (List<String>) values[5]);
        });

    static {
      for (String field :
          List.of("index", "session_field", "item_field", "action_field", "time_field")) {
        PARSER.declareString(
            ConstructingObjectParser.optionalConstructorArg(), new ParseField(field));
      }
      PARSER.declareStringArray(
          ConstructingObjectParser.optionalConstructorArg(), new ParseField("actions"));
    }

    static Events parse(XContentParser parser) {
      return PARSER.apply(parser, null);
    }

    private static String or(@Nullable String value, String defaultValue) {
      return value == null ? defaultValue : value;
    }

    /**
     * The search for the newest clicks of a session.
     *
     * @param count of the clicks, at most
     * @param since milliseconds since 1970
     */
    SearchRequest newest(String session, int count, long since, TimeValue timeout) {
      BoolQueryBuilder clicks = QueryBuilders.boolQuery()
          .filter(QueryBuilders.termQuery(sessionField, session))
          .filter(QueryBuilders.termsQuery(actionField, actions))
          .filter(QueryBuilders.existsQuery(itemField))
          .filter(QueryBuilders.rangeQuery(timeField).gte(since).format("epoch_millis"));
      SearchSourceBuilder source = new SearchSourceBuilder()
          .query(clicks)
          .size(count)
          .sort(timeField, SortOrder.DESC)
          // To be told: a search by a missing or analyzed field fails if it sorts by it, and would
          // otherwise find nothing, ever.
          .sort(sessionField, SortOrder.ASC)
          .sort(actionField, SortOrder.ASC)
          .sort(itemField, SortOrder.ASC)
          .fetchSource(false)
          .docValueField(itemField)
          .trackTotalHits(false);
      SearchRequest search = new SearchRequest(index)
          .source(source)
          .pipeline(SearchPipelineService.NOOP_PIPELINE_ID)
          .allowPartialSearchResults(false);
      search.setCancelAfterTimeInterval(timeout);
      return search;
    }

    /** The items of what was found, oldest first. */
    List<String> items(SearchResponse found) {
      List<String> items = new ArrayList<>();
      for (SearchHit hit : found.getHits()) {
        DocumentField item = hit.field(itemField);
        if (item != null && item.getValue() != null) {
          items.add(item.getValue().toString());
        }
      }
      return items.reversed();
    }
  }
}
