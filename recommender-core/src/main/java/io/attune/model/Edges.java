package io.attune.model;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Whether a Transformer's attention takes the graph of a session's items into account. */
public enum Edges {
  /** It sees positions only. */
  @JsonProperty("none")
  NONE,
  /**
   * A learned bias for each head and each {@link SessionGraph relation} of two clicks' items is
   * added to their score: the edges of Wu et al. 2019, SR-GNN, in the self-attention of Xu et al.
   * 2019, GC-SAN.
   */
  @JsonProperty("session-graph")
  SESSION_GRAPH
}
