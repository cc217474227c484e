package io.attune.training;

import io.attune.model.EncoderConfig;
import io.attune.model.Readout;
import io.attune.model.TransformerConfig;
import io.attune.session.Counts;
import io.attune.session.Filters;
import io.attune.session.Holdout;
import io.attune.session.SessionStatistics;
import io.attune.session.SessionStatistics.Spans;
import io.attune.session.Sessions;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** Default configurations by kind of log, chosen on the validation parts of several logs. */
public enum Preset {
  /** Visits of a shop, a news site or a player: clicks minutes apart, many on items seen before. */
  SHORT_SESSIONS("visits within a day"),
  /** What a person bought or rated over months or years: longer, and hardly an item twice. */
  LONG_HISTORIES("histories of persons"),
  /**
   * Visits where demand moves on while the log lasts, as in news: each epoch ends with the newest,
   * popularity is forecast, and items enter with two clicks.
   */
  FAST_CATALOGUE("visits to what is soon replaced");

  /** From this median length on, sessions may be histories. */
  private static final int MIN_HISTORY = 5;

  /** From this median length on, sessions within a day are histories where nothing repeats. */
  private static final int LONG = 50;

  /** A session that lasts longer is more than a visit. */
  private static final Duration DAY = Duration.ofDays(1);

  /** Above this shift of popularity, what was clicked most is no longer. */
  private static final double SHIFT = 0.4;

  /** Below this share of the clicks, items hardly repeat. */
  private static final double RARE = 0.01;

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

  /**
   * What a preset is chosen by: the statistics of a log without what is held out in time. A holdout
   * of last clicks takes nothing from them, since it changes no session's kind.
   *
   * @throws IllegalArgumentException as {@link Holdout#split}
   */
  public static SessionStatistics statistics(Sessions log, Holdout holdout) {
    return SessionStatistics.of(
        switch (holdout) {
          case Holdout.Last last -> last.split(log).trainable();
          case Holdout.None none -> log;
          case Holdout.LastClick lastClick -> log;
        },
        0);
  }

  /**
   * The preset for a log. Sessions are histories if they are of five clicks or more in the median,
   * and one in four lasts longer than a day. Without times, what tells histories is that hardly an
   * item repeats: a film is rated once, and in a visit people come back to what they saw. So it is
   * in very long sessions within a day, such as hundreds of films rated in an evening. Of the
   * others, a catalogue is a fast one if there are times and popularity shifts by more than 0.4
   * ({@link SessionStatistics#popularityShift}).
   */
  public static Preset of(SessionStatistics log) {
    return choice(log).preset;
  }

  /** Why a log gets its preset. */
  public static String reason(SessionStatistics log) {
    return choice(log).reason;
  }

  private record Choice(Preset preset, String reason) {}

  private static Choice choice(SessionStatistics log) {
    int median = log.lengths().median();
    Spans spans = log.spans();
    boolean lasting = spans != null && spans.p75().compareTo(DAY) > 0;
    if (spans != null && !lasting && log.popularityShift() > SHIFT) {
      return new Choice(
          FAST_CATALOGUE,
          String.format(
              Locale.ROOT,
              "%.0f %% of the newest demand is for other items than before",
              100 * log.popularityShift()));
    }
    String length = "the median session has " + Counts.of(median, "click");
    if (median < MIN_HISTORY) {
      return new Choice(SHORT_SESSIONS, length + ", fewer than " + MIN_HISTORY);
    }
    if (lasting) {
      return new Choice(LONG_HISTORIES, length + ", and one in four lasts longer than a day");
    }
    boolean rare = log.repeatShare() < RARE;
    boolean histories = rare && (spans == null || median >= LONG);
    String repeats =
        String.format(Locale.ROOT, "%.1f %% of the clicks repeat an item", 100 * log.repeatShare());
    String within = spans == null ? "" : ", three in four last at most " + text(spans.p75());
    return histories
        ? new Choice(LONG_HISTORIES, length + ", and only " + repeats)
        : new Choice(SHORT_SESSIONS, length + within + ", and " + repeats);
  }

  private static String text(Duration span) {
    Duration rounded = span.plusSeconds(30);
    return rounded.toHours() >= 2 ? rounded.toHours() + " h" : rounded.toMinutes() + " min";
  }

  /** The preset of a name on the command line. */
  public static Preset named(String label) {
    for (Preset preset : values()) {
      if (preset.label().equals(label)) {
        return preset;
      }
    }
    throw new IllegalArgumentException("a preset must be one of "
        + Arrays.stream(values()).map(Preset::label).collect(Collectors.joining(", "))
        + ", not '" + label + "'");
  }

  /** What is too rare to learn from. */
  public Filters filters() {
    return this == FAST_CATALOGUE
        ? new Filters(Filters.standard().minSessionLength(), 2)
        : Filters.standard();
  }

  /** What is trained. */
  public EncoderConfig encoder() {
    return switch (this) {
      case SHORT_SESSIONS, FAST_CATALOGUE -> TransformerConfig.defaults();
      case LONG_HISTORIES ->
        TransformerConfig.builder()
            .dimension(128)
            .readout(Readout.LAST)
            .inputDropout(0.6f)
            .attentionDropout(0.3f)
            .layerDropout(0.5f)
            .build();
    };
  }

  /** How. */
  public TrainingConfig training() {
    return switch (this) {
      case SHORT_SESSIONS -> TrainingConfig.defaults();
      case FAST_CATALOGUE ->
        TrainingConfig.builder()
            .order(TrainingOrder.CHRONOLOGICAL)
            .popularityDrift(0.5)
            .driftEstimate(DriftEstimate.FORECAST)
            .build();
      case LONG_HISTORIES ->
        TrainingConfig.builder()
            .epochs(25)
            .learningRate(2e-3)
            .patience(3)
            .recencyShare(0)
            .popularityDrift(0)
            .sampledEpochs(0)
            .build();
    };
  }
}
