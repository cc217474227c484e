package io.attune.log;

import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Options for reading a click log. What is null is detected from the file.
 *
 * @param format the format, instead of detecting it
 * @param sessionColumn the column of the session id: its name in the header or its number from 1,
 *     which also works without a header; the same applies to the other columns
 * @param userColumn the column of the user id
 * @param itemColumn the column of the item id
 * @param timeColumn the column of the time
 * @param actionColumn the column of the action
 * @param delimiter the delimiter of columns
 * @param actions the actions that count as clicks, such as {@code view}; if empty, the default of
 *     the format: {@code view} for RetailRocket, {@code clicks} for OTTO, {@code click},
 *     {@code view} and {@code watch} for UBI, and every row for other formats
 * @param timeUnit the unit of numeric times; null to derive it from their magnitude, see
 *     {@link ClickLog}
 * @param timeFormat the format of times as a pattern of {@link java.time.format.DateTimeFormatter}
 *     with English names, such as {@code M/d/yyyy H:mm}; a time without a zone is in UTC, and one
 *     without an hour is midnight; null for numbers and ISO 8601
 * @param sessionsBy what makes a session
 * @param inactivity the longest gap between two clicks of a session; 30 minutes by default
 * @param badLines what to do with malformed lines
 * @param samples the number of malformed lines per file to keep for the report
 * @param now the current time, after which clicks are counted and reported as in the future; null
 *     to skip this check
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
    @Nullable Instant now) {

  /** What to do with malformed lines. */
  public enum BadLines {
    /** The first is an error. */
    FAIL,
    /** They are skipped and counted, and some are kept for the report. */
    SKIP
  }

  /** What makes a session. */
  public enum SessionsBy {
    /**
     * The session id if there is one. Otherwise a user's clicks without a gap of more than
     * {@link LogOptions#inactivity()}, or a user's whole history if there are no times or the
     * format is one of histories: MovieLens, RecBole with users, pairs, sequences.
     */
    AUTO,
    /** The session id. */
    SESSION,
    /** A user's clicks without a gap of more than {@link LogOptions#inactivity()}. */
    INACTIVITY,
    /** A user's whole history. */
    USER;

    /** The name on the command line and in reports, in lower case. */
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Throws an IllegalArgumentException that names the setting, the rule and the value. */
  public LogOptions {
    actions = actions.stream().map(String::strip).collect(Collectors.toUnmodifiableSet());
    if (timeFormat != null) {
      TimePattern.of(timeFormat);
      if (timeUnit != null) {
        throw new IllegalArgumentException(
            "a time format and a time unit exclude each other: set only one of them");
      }
    }
    if (inactivity.isZero() || inactivity.isNegative()) {
      throw new IllegalArgumentException("inactivity must be positive, but is " + inactivity);
    }
    if (samples < 0) {
      throw new IllegalArgumentException("samples must be at least 0, but is " + samples);
    }
    if (delimiter != null
        && (delimiter == '"'
            || delimiter == '\n'
            || delimiter == '\r'
            || delimiter == 0
            || delimiter > 127)) {
      throw new IllegalArgumentException(
          "a delimiter must be an ASCII character other than a quote, a line end or NUL");
    }
  }

  /** The default options: everything is detected, and a malformed line is an error. */
  public static LogOptions standard() {
    return builder().build();
  }

  /** A builder with default options. */
  public static Builder builder() {
    return new Builder();
  }

  /** Builds {@link LogOptions}. */
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

    /** Builds the options. */
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
