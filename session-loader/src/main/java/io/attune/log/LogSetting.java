package io.attune.log;

import io.attune.log.LogOptions.BadLines;
import io.attune.log.LogOptions.SessionsBy;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The settings of {@link LogOptions} as text: what a command line needs to offer them as options.
 */
public enum LogSetting {
  /** See {@link LogOptions#format()}. */
  FORMAT(
      "--format",
      "FORMAT",
      null,
      "The format of the logs, instead of detecting it: " + LogFormat.labels()),
  /** See {@link LogOptions#sessionColumn()}. */
  SESSION_COLUMN(
      "--session-column",
      "NAME",
      null,
      "The column of the session id: its name in the header or its number from 1, which also works"
          + " without a header. The same applies to the other columns"),
  /** See {@link LogOptions#userColumn()}. */
  USER_COLUMN("--user-column", "NAME", null, "The column of the user id"),
  /** See {@link LogOptions#itemColumn()}. */
  ITEM_COLUMN("--item-column", "NAME", null, "The column of the item id, or of a list of them"),
  /** See {@link LogOptions#timeColumn()}. */
  TIME_COLUMN("--time-column", "NAME", null, "The column of the time, or of a list of times"),
  /** See {@link LogOptions#actionColumn()}. */
  ACTION_COLUMN("--action-column", "NAME", null, "The column of the action"),
  /** See {@link LogOptions#timeFormat()}. */
  TIME_FORMAT(
      "--time-format",
      "PATTERN",
      null,
      "The format of times as a pattern of Java's DateTimeFormatter, such as 'M/d/yyyy H:mm' or"
          + " 'dd.MM.yyyy HH:mm:ss' (M month, d day, H hour 0-23, h hour 1-12 with a for AM/PM, m"
          + " minute). Times without a zone are in UTC"),
  /** See {@link LogOptions#timeUnit()}. */
  TIME_UNIT(
      "--time-unit",
      "s|ms|us|ns",
      null,
      "The unit of numeric times, instead of deriving it from their magnitude"),
  /** See {@link LogOptions#delimiter()}. */
  DELIMITER(
      "--delimiter",
      "CHAR",
      null,
      "The delimiter of columns: tab, comma, semicolon, pipe, space or any other character"),
  /** See {@link LogOptions#actions()}. */
  ACTIONS("--actions", "A,B", null, "The actions that count as clicks, such as view"),
  /** See {@link LogOptions#sessionsBy()}. */
  SESSIONS_BY(
      "--sessions-by",
      "auto|session|inactivity|user",
      "auto",
      "What makes a session: a session id, a user's clicks without a long gap, or a user's whole"
          + " history"),
  /** See {@link LogOptions#inactivity()}. */
  SESSION_GAP("--session-gap", "30m", "30m", "The longest gap between two clicks of a session"),
  /** See {@link LogOptions#badLines()}. */
  BAD_LINES(
      "--bad-lines",
      "fail|skip",
      "fail",
      "What to do with malformed lines or rows: fail, or skip and count them");

  private final String option;
  private final String label;
  private final @Nullable String defaultText;
  private final String description;

  LogSetting(String option, String label, @Nullable String defaultText, String description) {
    this.option = option;
    this.label = label;
    this.defaultText = defaultText;
    this.description =
        description + (defaultText == null ? "." : " (default: " + defaultText + ").");
  }

  /** The option's name, such as {@code --session-gap}. */
  public String option() {
    return option;
  }

  /** The value as it is shown in help, such as {@code 30m} or {@code fail|skip}. */
  public String label() {
    return label;
  }

  /** The default, or null if there is none. */
  @Nullable
  String defaultText() {
    return defaultText;
  }

  /** The text for help. */
  public String description() {
    return description;
  }

  /** Whether the setting takes several values. */
  public boolean isList() {
    return this == ACTIONS;
  }

  /**
   * Returns a value if it is valid.
   *
   * @throws IllegalArgumentException if the value is invalid; the message says what is expected
   */
  public String checked(String text) {
    set(LogOptions.builder(), text);
    return text;
  }

  /**
   * Parses the values of settings; those without a value have their default.
   *
   * @throws IllegalArgumentException if a value is invalid; the message says what is expected
   */
  public static LogOptions.Builder parse(Map<LogSetting, List<String>> values) {
    LogOptions.Builder options = LogOptions.builder();
    values.forEach((setting, texts) -> texts.forEach(text -> setting.set(options, text)));
    return options;
  }

  private void set(LogOptions.Builder options, String text) {
    switch (this) {
      case FORMAT -> options.format(LogFormat.parse(text));
      case SESSION_COLUMN -> options.sessionColumn(text);
      case USER_COLUMN -> options.userColumn(text);
      case ITEM_COLUMN -> options.itemColumn(text);
      case TIME_COLUMN -> options.timeColumn(text);
      case ACTION_COLUMN -> options.actionColumn(text);
      case TIME_FORMAT -> options.timeFormat(text);
      case TIME_UNIT -> options.timeUnit(TimeText.unit(text));
      case DELIMITER -> options.delimiter(delimiter(text));
      case ACTIONS -> options.actions(List.of(text));
      case SESSIONS_BY -> options.sessionsBy(constant(SessionsBy.values(), text));
      case SESSION_GAP -> options.inactivity(TimeText.duration(text));
      case BAD_LINES -> options.badLines(constant(BadLines.values(), text));
    }
  }

  private static <E extends Enum<E>> E constant(E[] values, String text) {
    return Arrays.stream(values)
        .filter(value -> value.name().equalsIgnoreCase(text.strip()))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("the value must be one of "
            + Arrays.stream(values)
                .map(value -> value.name().toLowerCase(Locale.ROOT))
                .collect(Collectors.joining(", "))
            + ", but is '" + text + "'"));
  }

  private static char delimiter(String text) {
    return switch (text) {
      case "tab", "\\t", "\t" -> '\t';
      case "comma" -> ',';
      case "semicolon" -> ';';
      case "bar", "pipe" -> '|';
      case "blank", "space" -> ' ';
      default -> {
        if (text.length() != 1 || text.equals("\"") || text.charAt(0) < ' ') {
          throw new IllegalArgumentException(
              "a delimiter must be tab, comma, semicolon, pipe, space or one character, but is '"
                  + text
                  + "'");
        }
        yield text.charAt(0);
      }
    };
  }
}
