package io.attune.spark;

/** The metrics of a job. */
enum Count {
  /** Rows of the input. */
  ROWS,
  /** Malformed rows that were skipped. */
  BAD_ROWS,
  /** Skipped rows of other actions. */
  OTHER_ACTIONS,
  /** Sessions that were processed. */
  SESSIONS,
  /** Clicks of these sessions. */
  CLICKS,
  /** Clicks on items that the model does not know. */
  UNKNOWN_CLICKS,
  /** Recommended items. */
  ITEMS,
  /** Sessions that got popular items. */
  FALLBACKS,
  /** Sessions that got nothing. */
  EMPTY,
  /** How often a process opened the model. */
  MODELS_OPENED
}
