package io.attune.log;

import io.attune.log.LogOptions.BadLines;
import io.attune.log.LogOptions.SessionsBy;
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
 * Clicks of a table whose rows somebody else reads, such as a batch engine: columns are found and
 * values are taken by the very rules of {@link ClickLog} for Parquet. For one thread.
 */
public final class ClickRows {
  /** Stands for the time of a click in a table without times. */
  public static final long NO_TIME = Times.NONE;

  /** What is wrong with a session without items. */
  static final String NO_ITEMS = "at least one item, found none";

  /** What a row is. */
  public enum Taken {
    /** A click, whose parts can be asked for. */
    CLICK,
    /** An event of an action that does not count as a click. */
    OTHER_ACTION,
    /** Malformed, and skipped as the options say. */
    BAD
  }

  private final LogOptions options;
  private final TableChoice choice;
  private final Columns columns;
  private final Keys keys;
  private final String timeName;
  private final Times times;
  private final Field key = new Field();
  private final Field item = new Field();
  private final Field scratch = new Field();
  private long time = NO_TIME;
  private SingleSession session = new SingleSession("", new String[0], new long[0]);

  private ClickRows(LogOptions options, TableChoice choice, Keys keys, String timeName) {
    this.options = options;
    this.choice = choice;
    this.columns = choice.columns();
    this.keys = keys;
    this.timeName = timeName;
    this.times = Times.of(options);
  }

  /**
   * Finds the columns of a table of clicks whose types are not known.
   *
   * @param header the names of the columns with one value a row
   * @param source the table's name, for messages
   * @throws LogFormatException when a column is missing, or the options ask for what is not there
   */
  public static ClickRows of(List<String> header, LogOptions options, String source)
      throws LogFormatException {
    return ofTable(
        header.stream()
            .map(name -> new TableColumn(name, ValueType.TEXT, false))
            .toList(),
        options,
        source);
  }

  /**
   * Finds the columns of a table, in which a row is a click, or a session with a list of items.
   *
   * @param table all of its columns
   * @param source the table's name, for messages
   * @throws LogFormatException when a column is missing or has values of another kind than is
   *     needed, or the options ask for what is not there
   */
  public static ClickRows ofTable(List<TableColumn> table, LogOptions options, String source)
      throws LogFormatException {
    TableChoice choice = TableChoice.of(table, options, source);
    Columns found = choice.columns();
    Keys keys = Keys.of(
        source,
        options,
        found.session() >= 0,
        found.user() >= 0,
        found.time() >= 0,
        choice.lists());
    String problem = choice.problem(table, keys, !options.actions().isEmpty());
    if (problem != null) {
      throw new LogFormatException(source, 0, "expected " + problem, null);
    }
    return new ClickRows(
        options, choice, keys, found.time() < 0 ? "" : table.get(found.time()).name());
  }

  /** Whether a row is a session with a list of items. */
  public boolean lists() {
    return choice.lists();
  }

  /** The column of the session's or the user's id. */
  public int keyColumn() {
    return keys.session() ? columns.session() : columns.user();
  }

  /** The column of the item's id. */
  public int itemColumn() {
    return columns.item();
  }

  /** The column of the time, or -1. */
  public int timeColumn() {
    return columns.time();
  }

  /** The column of the action, or -1 where every row counts. */
  public int actionColumn() {
    return options.actions().isEmpty() ? -1 : columns.action();
  }

  /** What makes a session; never {@link SessionsBy#AUTO}. */
  public SessionsBy sessionsBy() {
    return keys.by();
  }

  /**
   * Takes a row. A value is null, a string, bytes of UTF-8, a number or a boolean; a time may also
   * be an Instant, a Timestamp, a LocalDateTime, which is UTC, a LocalDate or a java.sql.Date.
   *
   * @param file where the row stands, for messages
   * @param row its number in the file, from 1
   * @param timeValue ignored where there is no column of times
   * @param action ignored where every row counts
   * @throws LogFormatException when the row is malformed and the options do not skip such rows
   */
  public Taken take(
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
        return Taken.OTHER_ACTION;
      }
    }
    text(keyValue, key);
    text(itemValue, item);
    time = columns.time() < 0 ? NO_TIME : millis(timeValue);
    String problem = problem(timeValue);
    if (problem == null) {
      return Taken.CLICK;
    }
    return bad(file, row, problem);
  }

  /**
   * Takes a row of a table in which a row is a session: all clicks of it, or none when one is bad.
   *
   * @param items in order; null or none is malformed
   * @param itemTimes one for each item; ignored where there is no column of times
   * @return {@link Taken#CLICK} when {@link #session} can be asked for, or {@link Taken#BAD}
   * @throws LogFormatException as {@link #take}
   */
  public Taken takeSession(
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
      return bad(file, row, "as " + keys.name() + " " + problem);
    }
    if (ids.length == 0) {
      return bad(file, row, NO_ITEMS);
    }
    if (columns.time() >= 0 && known.size() != ids.length) {
      return bad(file, row, unequal(ids.length, known.size()));
    }
    for (int i = 0; i < made.length; i++) {
      made[i] = millis(known.get(i));
      if (made[i] == NO_TIME) {
        text(known.get(i), scratch);
        return bad(file, row, noTime(timeName, scratch));
      }
    }
    for (int i = 0; i < ids.length && items != null; i++) {
      text(items.get(i), item);
      problem = item.idProblem();
      if (problem != null) {
        return bad(file, row, "as item " + problem);
      }
      ids[i] = item.toString();
    }
    session = new SingleSession(key.toString(), ids, made);
    return Taken.CLICK;
  }

  /** The session that was taken last. */
  public SingleSession session() {
    return session;
  }

  private Taken bad(String file, long row, String problem) throws LogFormatException {
    if (options.badLines() == BadLines.FAIL) {
      throw new LogFormatException(file, row, "expected " + problem, null);
    }
    return Taken.BAD;
  }

  /** The session's or the user's id of the click that was taken last. */
  public String key() {
    return key.toString();
  }

  /** The item's id of the click that was taken last. */
  public String item() {
    return item.toString();
  }

  /** The time of the click that was taken last in milliseconds, or {@link #NO_TIME}. */
  public long time() {
    return time;
  }

  private @Nullable String problem(@Nullable Object timeValue) {
    if (columns.time() >= 0 && time == NO_TIME) {
      text(timeValue, scratch);
      return noTime(timeName, scratch);
    }
    String ofKey = key.idProblem();
    if (ofKey != null) {
      return "as " + keys.name() + " " + ofKey;
    }
    String ofItem = item.idProblem();
    return ofItem == null ? null : "as item " + ofItem;
  }

  /** What is wrong with a value that is no time. */
  static String noTime(String column, Field value) {
    return "a time in the column '" + column + "', "
        + (value.isEmpty() ? "but it is empty" : "found " + value.shown());
  }

  /** What is wrong with a session that has another number of times than of items. */
  static String unequal(int items, int times) {
    return "a time for each of " + items + " items, but there are " + times + " times";
  }

  /** A value's text: an id, an action, or a time to be read. */
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
      case null -> NO_TIME;
      case Instant instant -> instant.toEpochMilli();
      case Timestamp timestamp -> timestamp.getTime();
      case LocalDateTime local -> local.toInstant(ZoneOffset.UTC).toEpochMilli();
      case LocalDate day -> day.toEpochDay() * 86_400_000L;
      case java.sql.Date day -> day.toLocalDate().toEpochDay() * 86_400_000L;
      case Float number -> times.ofNumber((double) number);
      case Double number -> times.ofNumber((double) number);
      case Long number -> times.ofNumber((long) number);
      case Integer number -> times.ofNumber((long) number);
      case Boolean truth -> NO_TIME;
      default -> {
        text(value, scratch);
        yield scratch.time(times);
      }
    };
  }
}
