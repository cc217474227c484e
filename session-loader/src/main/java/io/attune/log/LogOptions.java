package io.attune.log;

import java.io.Serializable;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How a click log is to be read; what is null is found out by looking at the file. Serializable, so
 * that the tasks of a cluster can carry it.
 *
 * @param format the format, instead of recognising it
 * @param sessionColumn the column with the session's id: its name in the header, or its number from
 *     1, which is how columns of a table without a header are named; so the other columns
 * @param userColumn the column with the user's id
 * @param itemColumn the column with the item's id
 * @param timeColumn the column with the time
 * @param actionColumn the column with the action
 * @param delimiter what separates columns
 * @param actions the actions that count as clicks, such as {@code view}; empty: the format's own
 *     choice ({@code view} for RetailRocket, {@code clicks} for OTTO, {@code click}, {@code view}
 *     and {@code watch} for UBI, every row for others)
 * @param timeUnit the unit of times that are numbers; null: by their size, see {@link ClickLog}
 * @param timeFormat how times are written, as a pattern of
 *     {@link java.time.format.DateTimeFormatter} with English names, such as {@code M/d/yyyy H:mm};
 *     a time without a zone is UTC, without an hour midnight; null: numbers and ISO-8601
 * @param sessionsBy what makes a session
 * @param inactivity where clicks of a user lie further apart, a new session begins; 30 minutes by
 *     default
 * @param badLines what to do with a malformed line
 * @param samples how many malformed lines of a file to keep for the report
 * @param now later times are counted and warned of; null: no time is too late
 */
public record LogOptions(
    @Nullable LogFormat format,
    @Nullable String sessionColumn,
    @Nullable String userColumn,
    @Nullable String itemColumn,
    @Nullable String timeColumn,
    @Nullable String actionColumn,
    @Nullable Character delimiter,
    Set<String> actions,
    @Nullable TimeUnit timeUnit,
    @Nullable String timeFormat,
    SessionsBy sessionsBy,
    Duration inactivity,
    BadLines badLines,
    int samples,
    @Nullable Instant now)
    implements Serializable {

  /** What to do with a malformed line. */
  public enum BadLines {
    /** It is an error, and nothing is loaded. */
    FAIL,
    /** It is counted, some are kept for the report, and reading goes on. */
    SKIP
  }

  /** What makes a session. */
  public enum SessionsBy {
    /**
     * The session's id where there is one; else a user's clicks without a pause of
     * {@link LogOptions#inactivity()}; a user's whole history for formats that are about histories
     * (MovieLens, RecBole with users, pairs, sequences) and without times.
     */
    AUTO,
    /** The session's id. */
    SESSION,
    /** A user's clicks without a pause of {@link LogOptions#inactivity()}. */
    INACTIVITY,
    /** A user's whole history. */
    USER
  }

  /**
   * Checks the values: throws an IllegalArgumentException that names the setting, the rule and the
   * value.
   */
  public LogOptions {
    actions = actions.stream().map(String::strip).collect(Collectors.toUnmodifiableSet());
    if (timeFormat != null) {
      TimePattern.of(timeFormat);
      if (timeUnit != null) {
        throw new IllegalArgumentException(
            "a time format and a unit of time exclude each other: name one of them");
      }
    }
    if (inactivity.isZero() || inactivity.isNegative()) {
      throw new IllegalArgumentException("the inactivity must be positive, but is " + inactivity);
    }
    if (samples < 0) {
      throw new IllegalArgumentException(
          "the number of samples must be at least 0, but is " + samples);
    }
    if (delimiter != null
        && (delimiter == '"'
            || delimiter == '\n'
            || delimiter == '\r'
            || delimiter == 0
            || delimiter > 127)) {
      throw new IllegalArgumentException(
          "the delimiter must be an ASCII character other than a quote, a line end or NUL");
    }
  }

  /** Everything found out by looking, malformed lines are errors. */
  public static LogOptions standard() {
    return builder().build();
  }

  /** A builder with everything at its default. */
  public static Builder builder() {
    return new Builder();
  }

  /** A builder with these options. */
  public Builder toBuilder() {
    return builder()
        .format(format)
        .sessionColumn(sessionColumn)
        .userColumn(userColumn)
        .itemColumn(itemColumn)
        .timeColumn(timeColumn)
        .actionColumn(actionColumn)
        .delimiter(delimiter)
        .actions(actions)
        .timeUnit(timeUnit)
        .timeFormat(timeFormat)
        .sessionsBy(sessionsBy)
        .inactivity(inactivity)
        .badLines(badLines)
        .samples(samples)
        .now(now);
  }

  /** Collects the options by name. */
  public static final class Builder {
    private @Nullable LogFormat format;
    private @Nullable String sessionColumn;
    private @Nullable String userColumn;
    private @Nullable String itemColumn;
    private @Nullable String timeColumn;
    private @Nullable String actionColumn;
    private @Nullable Character delimiter;
    private final Set<String> actions = new TreeSet<>();
    private @Nullable TimeUnit timeUnit;
    private @Nullable String timeFormat;
    private SessionsBy sessionsBy = SessionsBy.AUTO;
    private Duration inactivity = Duration.ofMinutes(30);
    private BadLines badLines = BadLines.FAIL;
    private int samples = 5;
    private @Nullable Instant now;

    private Builder() {}

    /** See {@link LogOptions#format()}. */
    public Builder format(@Nullable LogFormat value) {
      format = value;
      return this;
    }

    /** See {@link LogOptions#sessionColumn()}. */
    public Builder sessionColumn(@Nullable String value) {
      sessionColumn = value;
      return this;
    }

    /** See {@link LogOptions#userColumn()}. */
    public Builder userColumn(@Nullable String value) {
      userColumn = value;
      return this;
    }

    /** See {@link LogOptions#itemColumn()}. */
    public Builder itemColumn(@Nullable String value) {
      itemColumn = value;
      return this;
    }

    /** See {@link LogOptions#timeColumn()}. */
    public Builder timeColumn(@Nullable String value) {
      timeColumn = value;
      return this;
    }

    /** See {@link LogOptions#actionColumn()}. */
    public Builder actionColumn(@Nullable String value) {
      actionColumn = value;
      return this;
    }

    /** See {@link LogOptions#delimiter()}. */
    public Builder delimiter(@Nullable Character value) {
      delimiter = value;
      return this;
    }

    /** Adds actions, see {@link LogOptions#actions()}. */
    public Builder actions(Iterable<String> values) {
      values.forEach(actions::add);
      return this;
    }

    /** See {@link LogOptions#timeUnit()}. */
    public Builder timeUnit(@Nullable TimeUnit value) {
      timeUnit = value;
      return this;
    }

    /** See {@link LogOptions#timeFormat()}. */
    public Builder timeFormat(@Nullable String value) {
      timeFormat = value;
      return this;
    }

    /** See {@link LogOptions#sessionsBy()}. */
    public Builder sessionsBy(SessionsBy value) {
      sessionsBy = value;
      return this;
    }

    /** See {@link LogOptions#inactivity()}. */
    public Builder inactivity(Duration value) {
      inactivity = value;
      return this;
    }

    /** See {@link LogOptions#badLines()}. */
    public Builder badLines(BadLines value) {
      badLines = value;
      return this;
    }

    /** See {@link LogOptions#samples()}. */
    public Builder samples(int value) {
      samples = value;
      return this;
    }

    /** See {@link LogOptions#now()}. */
    public Builder now(@Nullable Instant value) {
      now = value;
      return this;
    }

    /** The options. */
    public LogOptions build() {
      return new LogOptions(
          format,
          sessionColumn,
          userColumn,
          itemColumn,
          timeColumn,
          actionColumn,
          delimiter,
          actions,
          timeUnit,
          timeFormat,
          sessionsBy,
          inactivity,
          badLines,
          samples,
          now);
    }
  }
}
