package io.attune.training;

import io.attune.model.ClickedCorrection;
import java.util.Map;

/**
 * What a learned correction of clicked items gains on the validation part, or on a sample of it.
 *
 * @param encoder which of several encoders is corrected; empty where there is one
 * @param correction none if it gained nothing
 * @param before metrics without a correction, by name, as fractions
 * @param after metrics with the correction, learned on other sessions than it is judged on
 */
public record ClickedGain(
    String encoder,
    ClickedCorrection correction,
    Map<String, Double> before,
    Map<String, Double> after) {
  public ClickedGain {
    before = Map.copyOf(before);
    after = Map.copyOf(after);
  }

  ClickedGain of(String name) {
    return new ClickedGain(name, correction, before, after);
  }
}
