package io.attune.server;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the server answers, as JSON with the names of these components; a component that is null is
 * left out. The version of the {@code model} is the one that computed all of an answer.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public sealed interface Answer {

  /**
   * A click that has taken effect.
   *
   * @param clicks number of clicks kept of the session
   * @param known whether the model knows the item; one that it does not know is kept, for a later
   *     model, and changes no score
   * @param replay whether the same click was there already, so that nothing has changed
   */
  record Clicked(String model, int clicks, boolean known, boolean replay) implements Answer {}

  /**
   * A session that is no longer there.
   *
   * @param existed whether it was
   */
  record Forgotten(boolean existed) implements Answer {}

  /**
   * Items for a session, best first.
   *
   * @param basis {@code session}, or {@code popularity} for a session without known clicks
   * @param clicks the clicks that the session's vector was made of
   */
  record Recommendations(String model, String basis, List<ReadClick> clicks, List<Item> items)
      implements Answer {}

  /**
   * Hits of the caller, ranked anew.
   *
   * @param reranked whether the session had known clicks; the order is that of the request
   *     otherwise
   * @param queryId names this search in clicks on its hits, where two rankings are compared; null
   *     otherwise
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Reranked(
      String model,
      boolean reranked,
      List<ReadClick> clicks,
      List<Hit> hits,
      @Nullable String queryId)
      implements Answer {}

  /**
   * Hits of a search.
   *
   * @param reranked whether the hits are ranked by a session too; by words alone otherwise
   * @param complete whether all documents were looked at within the time budget
   * @param total number of documents that match, or more
   * @param queryId names this search in clicks on its hits, where two rankings are compared; null
   *     otherwise
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Found(
      String model,
      boolean reranked,
      boolean complete,
      long total,
      List<ReadClick> clicks,
      List<Hit> hits,
      @Nullable String queryId)
      implements Answer {}

  /**
   * The models that are in use.
   *
   * @param searchable whether the server has items to search
   */
  record Models(List<ModelInUse> models, boolean searchable) implements Answer {}

  /**
   * Whether the server takes requests.
   *
   * @param status {@code ok}, or {@code stopping}
   */
  record Health(String status) implements Answer {}

  /**
   * Why a request was refused.
   *
   * @param error what is wrong
   * @param where the part of the request
   * @param expected what would be right
   */
  record Problem(String error, String where, String expected) implements Answer {}

  /**
   * A click that the session's vector was made of, oldest first.
   *
   * @param attention its share of the attention; all add up to 1
   * @param fields the item's texts, where the server has items
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record ReadClick(String item, float attention, @Nullable Map<String, String> fields) {}

  /**
   * A recommended item.
   *
   * @param score the session's score; null for a popular item
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Item(
      String id, int rank, @Nullable Float score, @Nullable Map<String, String> fields) {}

  /**
   * A hit.
   *
   * @param rank from 1
   * @param was its rank in the first pass, from 1
   * @param score the combined score, or that of the first pass
   * @param team which of two compared rankings a click on it counts for; null for neither
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Hit(
      String id,
      int rank,
      int was,
      float score,
      @Nullable Map<String, String> fields,
      @Nullable String team) {}

  /**
   * A model in use.
   *
   * @param version the hash of its weights
   * @param encoder its kind, such as {@code narm}
   * @param items number of items that it knows
   * @param lastClick time of its newest training click (ISO-8601); null if it has no times
   * @param since when it came into use (ISO-8601)
   * @param previous the version before, which searches can compare with; null if there is none
   * @param next what keeps a newer model in the same directory from being used; null if nothing
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record ModelInUse(
      String version,
      String encoder,
      int items,
      @Nullable String lastClick,
      String since,
      @Nullable String previous,
      @Nullable String next) {}
}
