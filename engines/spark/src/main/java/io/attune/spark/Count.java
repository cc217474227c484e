package io.attune.spark;

/** What is counted while a job runs. */
enum Count {
  /** Rows of the input. */
  ROWS,
  /** Rows that were malformed and skipped. */
  BAD_ROWS,
  /** Rows of actions that do not count as clicks. */
  OTHER_ACTIONS,
  /** Sessions that were recommended for. */
  SESSIONS,
  /** Clicks of theirs. */
  CLICKS,
  /** Clicks on items that the model does not know. */
  UNKNOWN_CLICKS,
  /** Items that were recommended. */
  ITEMS,
  /** Sessions that got popular items. */
  FALLBACKS,
  /** Sessions that got nothing. */
  EMPTY,
  /** Times that a process had to open the model. */
  MODELS_OPENED
}
