package io.attune.log;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Takes clicks, or whole sessions, out of batches of rows. */
final class ParquetRows {
  private final ParquetValues keyValues;
  private final ParquetValues itemValues;
  private final @Nullable ParquetValues timeValues;
  private final @Nullable ParquetValues actionValues;
  private final Keys keys;
  private final ClickSink sink;
  private final Field key = new Field();
  private final Field item = new Field();
  private final Field time = new Field();
  private final Field action = new Field();
  private long[] times = new long[16];
  private int[] items = new int[16];

  ParquetRows(
      ParquetValues keyValues,
      ParquetValues itemValues,
      @Nullable ParquetValues timeValues,
      @Nullable ParquetValues actionValues,
      Keys keys,
      ClickSink sink) {
    this.keyValues = keyValues;
    this.itemValues = itemValues;
    this.timeValues = timeValues;
    this.actionValues = actionValues;
    this.keys = keys;
    this.sink = sink;
    if (actionValues != null) {
      sink.countActions(Set.of());
    }
  }

  /** Takes rows that are clicks. */
  void clicks(ParquetLog.Place place, int rows) throws LogFormatException {
    for (int i = 0; i < rows; i++) {
      place.row++;
      sink.line();
      if (!isOtherAction(i)) {
        click(place.row, i);
      }
    }
  }

  private boolean isOtherAction(int at) {
    if (actionValues == null) {
      return false;
    }
    actionValues.text(at, action);
    return !sink.takes(action);
  }

  private void click(long row, int at) throws LogFormatException {
    keyValues.text(at, key);
    itemValues.text(at, item);
    if (timeValues == null) {
      sink.click(row, key, keys.name(), item, null);
      return;
    }
    long millis = timeValues.time(at, sink.times(), time);
    if (millis == Times.NONE) {
      sink.bad(row, "expected " + noTime(timeValues, at));
    } else {
      sink.click(row, key, keys.name(), item, millis);
    }
  }

  private String noTime(ParquetValues values, int at) {
    values.text(at, time);
    return ClickRows.noTime(values.name(), time);
  }

  /** Takes rows that are sessions: all clicks of one, or none when one is bad. */
  void sessions(ParquetLog.Place place, int rows) throws LogFormatException {
    for (int i = 0; i < rows; i++) {
      place.row++;
      sink.line();
      keyValues.text(i, key);
      if (sink.good(place.row, key, keys.name())) {
        session(place.row, i);
      }
    }
  }

  private void session(long row, int at) throws LogFormatException {
    int from = itemValues.from(at);
    int count = itemValues.from(at + 1) - from;
    if (count > items.length) {
      items = new int[Math.max(count, 2 * items.length)];
      times = new long[items.length];
    }
    if (count == 0) {
      sink.bad(row, "expected " + ClickRows.NO_ITEMS);
      return;
    }
    if (!goodTimes(row, at, count)) {
      return;
    }
    // Looked at before any is taken, so that a bad session leaves no item behind.
    for (int i = 0; i < count; i++) {
      itemValues.text(from + i, item);
      if (!sink.good(row, item, "item")) {
        return;
      }
    }
    for (int i = 0; i < count; i++) {
      itemValues.text(from + i, item);
      items[i] = sink.item(item);
    }
    int session = sink.newKey(key);
    for (int i = 0; i < count; i++) {
      if (timeValues == null) {
        sink.click(session, items[i]);
      } else {
        sink.click(row, session, items[i], times[i]);
      }
    }
  }

  private boolean goodTimes(long row, int at, int count) throws LogFormatException {
    if (timeValues == null) {
      return true;
    }
    int from = timeValues.from(at);
    int known = timeValues.from(at + 1) - from;
    if (known != count) {
      sink.bad(row, "expected " + ClickRows.unequal(count, known));
      return false;
    }
    for (int i = 0; i < count; i++) {
      times[i] = timeValues.time(from + i, sink.times(), time);
      if (times[i] == Times.NONE) {
        sink.bad(row, "expected " + noTime(timeValues, from + i));
        return false;
      }
    }
    return true;
  }
}
