package io.attune.training;

import io.attune.model.EncoderConfig;
import io.attune.model.Readout;
import io.attune.model.Similarity;
import io.attune.model.TransformerConfig;
import io.attune.session.SessionStatistics;
import java.util.Locale;

/**
 * Default configurations by kind of log, each tuned on the validation part of one log of that kind.
 */
public enum Preset {
  /** Visits of a shop: a few clicks, minutes apart, many of them on items seen before. */
  SHORT_SESSIONS("visits of a few clicks"),
  /** What a person bought or rated over months or years: longer, and hardly an item twice. */
  LONG_HISTORIES("histories of persons");

  /** From this median length on, sessions count as histories. */
  private static final int HISTORY = 5;

  private final String summary;

  Preset(String summary) {
    this.summary = summary;
  }

  /** Its name on the command line. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** What it is for. */
  public String summary() {
    return summary;
  }

  /** The preset for a log. */
  public static Preset of(SessionStatistics log) {
    return log.lengths().median() < HISTORY ? SHORT_SESSIONS : LONG_HISTORIES;
  }

  /** Why a log gets its preset. */
  public static String reason(SessionStatistics log) {
    int median = log.lengths().median();
    return "the median session has " + median + (median == 1 ? " click" : " clicks") + ", "
        + (median < HISTORY ? "fewer than " : "at least ") + HISTORY;
  }

  /** The preset of a name on the command line. */
  public static Preset named(String label) {
    for (Preset preset : values()) {
      if (preset.label().equals(label)) {
        return preset;
      }
    }
    throw new IllegalArgumentException("a preset must be one of " + SHORT_SESSIONS.label() + ", "
        + LONG_HISTORIES.label() + ", not '" + label + "'");
  }

  /** What is trained. */
  public EncoderConfig encoder() {
    return switch (this) {
      case SHORT_SESSIONS -> TransformerConfig.defaults();
      case LONG_HISTORIES ->
        TransformerConfig.builder()
            .dimension(64)
            .similarity(Similarity.innerProduct())
            .readout(Readout.LAST)
            .inputDropout(0.3f)
            .layerDropout(0.3f)
            .build();
    };
  }

  /** How. */
  public TrainingConfig training() {
    return switch (this) {
      case SHORT_SESSIONS -> TrainingConfig.defaults();
      case LONG_HISTORIES ->
        TrainingConfig.builder()
            .epochs(20)
            .learningRate(2e-3)
            .patience(3)
            .recencyShare(0)
            .popularityDrift(0)
            .sampledEpochs(0)
            .itemInitialization(ItemInitialization.RANDOM)
            .build();
    };
  }
}
