package io.attune.training;

import com.fasterxml.jackson.annotation.JsonProperty;

/** How the items that a session has clicked are scored. */
public enum ClickedItems {
  /**
   * With a {@link io.attune.model.ClickedCorrection} that is learned on the validation part, unless
   * it improves nothing there. Without a validation part there is none.
   */
  @JsonProperty("learned")
  LEARNED,
  /** Like all other items. */
  @JsonProperty("off")
  OFF
}
