package io.attune.training;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What the correction for drifting popularity takes for the popularity of today. */
public enum DriftEstimate {
  /** The clicks of the newest sessions, 15 % of all. */
  @JsonProperty("recent")
  RECENT,
  /**
   * A forecast from the clicks of several spans of time and the age of each item, fitted on the log
   * itself; for catalogues that change within hours. It needs times.
   */
  @JsonProperty("forecast")
  FORECAST
}
