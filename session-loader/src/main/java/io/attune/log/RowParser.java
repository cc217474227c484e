package io.attune.log;

import io.attune.log.LogOptions.BadLines;
import io.attune.log.LogOptions.SessionsBy;
import io.attune.session.Counts;
import io.attune.session.Sessions;
import io.attune.session.SingleSession;
import java.math.BigDecimal;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Parses clicks and sessions from rows that a batch engine reads. Columns are found and values are
 * parsed exactly as {@link ClickLog} does for Parquet. For use by one thread.
 */
public final class RowParser {
  /** The problem with a session without items. */
  static final String NO_ITEMS = "expected at least one item, found none";

  /** What a row turned out to be. */
  public enum Outcome {
    /** A click or a session, which can now be read from the parser. */
    PARSED,
    /** An event of an action that does not count as a click. */
    OTHER_ACTION,
    /** A malformed row, to be skipped by the options. */
    MALFORMED
  }

  private final LogOptions options;
  private final TableSchema schema;
  private final Columns columns;
  private final SessionKey sessionKey;
  private final String timeName;
  private final TimeParser times;
  private final Field key = new Field();
  private final Field item = new Field();
  private final Field scratch = new Field();
  private long time = Sessions.NO_TIME;
  private SingleSession session = new SingleSession("", new String[0], new long[0]);

  private RowParser(
      LogOptions options, TableSchema schema, SessionKey sessionKey, String timeName) {
    this.options = options;
    this.schema = schema;
    this.columns = schema.columns();
    this.sessionKey = sessionKey;
    this.timeName = timeName;
    this.times = TimeParser.of(options);
  }

  /**
   * Creates a parser for a table whose rows are clicks, or sessions with a list of items.
   *
   * @param table all columns
   * @param source the table's name, for messages
   * @throws LogFormatException if a column that is required or named by the options is missing, or
   *     has values of an unsuitable type
   */
  public static RowParser of(List<TableColumn> table, LogOptions options, String source)
      throws LogFormatException {
    TableSchema schema = TableSchema.of(table, options, source);
    Columns found = schema.columns();
    SessionKey sessionKey = SessionKey.of(
        source,
        options,
        found.session() >= 0,
        found.user() >= 0,
        found.time() >= 0,
        schema.sessionRows());
    String problem = schema.problem(table, sessionKey, !options.actions().isEmpty());
    if (problem != null) {
      throw new LogFormatException(source, "expected " + problem);
    }
    return new RowParser(
        options,
        schema,
        sessionKey,
        found.time() < 0 ? "" : table.get(found.time()).name());
  }

  /** Whether a row is a session with a list of items rather than a click. */
  public boolean sessionRows() {
    return schema.sessionRows();
  }

  /** The index of the column of the session or user id. */
  public int keyColumn() {
    return sessionKey.session() ? columns.session() : columns.user();
  }

  /** The index of the column of the item id. */
  public int itemColumn() {
    return columns.item();
  }

  /** The index of the column of the time, or -1. */
  public int timeColumn() {
    return columns.time();
  }

  /** The index of the column of the action, or -1 if every row counts as a click. */
  public int actionColumn() {
    return options.actions().isEmpty() ? -1 : columns.action();
  }

  /** What makes a session; never {@link SessionsBy#AUTO}. */
  public SessionsBy sessionsBy() {
    return sessionKey.by();
  }

  /**
   * Parses a click. A value can be null, a string, UTF-8 bytes, a number or a boolean; a time can
   * also be an Instant, a Timestamp, a LocalDateTime in UTC, a LocalDate or a java.sql.Date.
   *
   * @param file the row's file, for messages
   * @param row the row's number in its file, from 1
   * @param timeValue ignored if there is no column of times
   * @param action ignored if every row counts as a click
   * @throws LogFormatException if the row is malformed and the options do not skip such rows
   */
  public Outcome parse(
      String file,
      long row,
      @Nullable Object keyValue,
      @Nullable Object itemValue,
      @Nullable Object timeValue,
      @Nullable Object action)
      throws LogFormatException {
    if (actionColumn() >= 0) {
      text(action, scratch);
      if (!options.actions().contains(scratch.toString())) {
        return Outcome.OTHER_ACTION;
      }
    }
    text(keyValue, key);
    text(itemValue, item);
    time = columns.time() < 0 ? Sessions.NO_TIME : millis(timeValue);
    String problem = problem(timeValue);
    return problem == null ? Outcome.PARSED : malformed(file, row, problem);
  }

  /**
   * Parses a session. It is malformed as a whole if one of its clicks is.
   *
   * @param items the items in order
   * @param itemTimes one time for each item; ignored if there is no column of times
   * @return {@link Outcome#PARSED} if there is a {@link #session}, or {@link Outcome#MALFORMED}
   * @throws LogFormatException as {@link #parse}
   */
  public Outcome parseSession(
      String file,
      long row,
      @Nullable Object keyValue,
      @Nullable List<?> items,
      @Nullable List<?> itemTimes)
      throws LogFormatException {
    text(keyValue, key);
    String problem = key.idProblem();
    List<?> known = itemTimes == null || columns.time() < 0 ? List.of() : itemTimes;
    String[] ids = new String[items == null ? 0 : items.size()];
    long[] made = new long[columns.time() < 0 ? 0 : ids.length];
    if (problem != null) {
      return malformed(file, row, "the " + sessionKey.name() + " id " + problem);
    }
    if (ids.length == 0) {
      return malformed(file, row, NO_ITEMS);
    }
    if (columns.time() >= 0 && known.size() != ids.length) {
      return malformed(file, row, unequal(ids.length, known.size()));
    }
    for (int i = 0; i < made.length; i++) {
      made[i] = millis(known.get(i));
      if (made[i] == Sessions.NO_TIME) {
        text(known.get(i), scratch);
        return malformed(file, row, noTime(timeName, scratch));
      }
    }
    for (int i = 0; i < ids.length && items != null; i++) {
      text(items.get(i), item);
      problem = item.idProblem();
      if (problem != null) {
        return malformed(file, row, "the item id " + problem);
      }
      ids[i] = item.toString();
    }
    session = new SingleSession(key.toString(), ids, made);
    return Outcome.PARSED;
  }

  /** The session that was parsed last. */
  public SingleSession session() {
    return session;
  }

  private Outcome malformed(String file, long row, String problem) throws LogFormatException {
    if (options.badLines() == BadLines.FAIL) {
      throw new LogFormatException(file, row, problem, null);
    }
    return Outcome.MALFORMED;
  }

  /** The session or user id of the click that was parsed last. */
  public String key() {
    return key.toString();
  }

  /** The item id of the click that was parsed last. */
  public String item() {
    return item.toString();
  }

  /** The time of the click that was parsed last, or {@link Sessions#NO_TIME}. */
  public long time() {
    return time;
  }

  private @Nullable String problem(@Nullable Object timeValue) {
    if (columns.time() >= 0 && time == Sessions.NO_TIME) {
      text(timeValue, scratch);
      return noTime(timeName, scratch);
    }
    String ofKey = key.idProblem();
    if (ofKey != null) {
      return "the " + sessionKey.name() + " id " + ofKey;
    }
    String ofItem = item.idProblem();
    return ofItem == null ? null : "the item id " + ofItem;
  }

  /** The problem with a value that is not a time. */
  static String noTime(String column, Field value) {
    return "expected a time in the column '" + column + "', "
        + (value.isEmpty() ? "but it is empty" : "found " + value.shown());
  }

  /** The problem with a session that has another number of times than of items. */
  static String unequal(int items, int times) {
    return "expected a time for each of " + Counts.of(items, "item") + ", found "
        + Counts.of(times, "time");
  }

  /** Sets a field to the text of a value. */
  static void text(@Nullable Object value, Field field) {
    switch (value) {
      case null -> field.clear();
      case byte[] bytes -> field.set(bytes, 0, bytes.length);
      case Float number -> field.set((float) number);
      case Double number -> field.set((double) number);
      case BigDecimal number -> field.set(number);
      default -> field.set(value.toString());
    }
  }

  private long millis(@Nullable Object value) {
    return switch (value) {
      case null -> Sessions.NO_TIME;
      case Instant instant -> instant.toEpochMilli();
      case Timestamp timestamp -> timestamp.getTime();
      case LocalDateTime local -> local.toInstant(ZoneOffset.UTC).toEpochMilli();
      case LocalDate day -> day.toEpochDay() * 86_400_000L;
      case java.sql.Date day -> day.toLocalDate().toEpochDay() * 86_400_000L;
      case Float number -> times.ofNumber((double) number);
      case Double number -> times.ofNumber((double) number);
      case Long number -> times.ofNumber((long) number);
      case Integer number -> times.ofNumber((long) number);
      case Boolean truth -> Sessions.NO_TIME;
      default -> {
        text(value, scratch);
        yield scratch.time(times);
      }
    };
  }
}
