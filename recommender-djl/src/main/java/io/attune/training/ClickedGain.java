package io.attune.training;

import io.attune.model.ClickedCorrection;
import java.util.LinkedHashMap;
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
  /** Marks a metric of an epoch as that of its model with the correction. */
  private static final String CORRECTED = " corrected";

  public ClickedGain {
    before = Map.copyOf(before);
    after = Map.copyOf(after);
  }

  /**
   * The metrics of the epoch that was corrected, with their values after the correction: what the
   * sample gained is added to each.
   */
  Map<String, Double> withCorrected(Map<String, Double> validation) {
    Map<String, Double> both = new LinkedHashMap<>(validation);
    after.forEach((name, value) -> {
      double gained = value - before.getOrDefault(name, value);
      both.put(name + CORRECTED, validation.getOrDefault(name, value - gained) + gained);
    });
    return both;
  }

  /**
   * The metrics of a model, with its correction if it has one.
   *
   * @param validation the metrics of the epoch that was chosen, by name, as fractions
   * @return by the same names, as fractions
   */
  public static Map<String, Double> corrected(Map<String, Double> validation) {
    Map<String, Double> figures = new LinkedHashMap<>();
    validation.forEach((name, value) -> {
      if (!name.endsWith(CORRECTED)) {
        figures.put(name, validation.getOrDefault(name + CORRECTED, value));
      }
    });
    return figures;
  }

  ClickedGain of(String name) {
    return new ClickedGain(name, correction, before, after);
  }
}
