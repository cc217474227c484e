package io.attune.log;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Extracts clicks or whole sessions from batches of rows. */
final class ParquetRows {
  private final ParquetValues keyValues;
  private final ParquetValues itemValues;
  private final @Nullable ParquetValues timeValues;
  private final @Nullable ParquetValues actionValues;
  private final SessionKey sessionKey;
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
      SessionKey sessionKey,
      ClickSink sink) {
    this.keyValues = keyValues;
    this.itemValues = itemValues;
    this.timeValues = timeValues;
    this.actionValues = actionValues;
    this.sessionKey = sessionKey;
    this.sink = sink;
    if (actionValues != null) {
      sink.countActions(Set.of());
    }
  }

  /** Takes a batch of rows that are clicks. */
  void clicks(ParquetLog.Position position, int rows) throws LogFormatException {
    for (int i = 0; i < rows; i++) {
      position.row++;
      sink.line();
      if (!isOtherAction(i)) {
        click(position.row, i);
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
      sink.click(row, key, sessionKey.name(), item, null);
      return;
    }
    long millis = timeValues.time(at, sink.times(), time);
    if (millis == TimeParser.NONE) {
      sink.malformed(row, noTime(timeValues, at));
    } else {
      sink.click(row, key, sessionKey.name(), item, millis);
    }
  }

  private String noTime(ParquetValues values, int at) {
    values.text(at, time);
    return RowParser.noTime(values.name(), time);
  }

  /** Takes a batch of rows that are sessions; a session with an invalid click is malformed. */
  void sessions(ParquetLog.Position position, int rows) throws LogFormatException {
    for (int i = 0; i < rows; i++) {
      position.row++;
      sink.line();
      keyValues.text(i, key);
      if (sink.isId(position.row, key, sessionKey.name())) {
        session(position.row, i);
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
      sink.malformed(row, RowParser.NO_ITEMS);
      return;
    }
    if (!readTimes(row, at, count)) {
      return;
    }
    // Checked before any is added, so that a malformed session adds no items.
    for (int i = 0; i < count; i++) {
      itemValues.text(from + i, item);
      if (!sink.isId(row, item, "item")) {
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

  private boolean readTimes(long row, int at, int count) throws LogFormatException {
    if (timeValues == null) {
      return true;
    }
    int from = timeValues.from(at);
    int known = timeValues.from(at + 1) - from;
    if (known != count) {
      sink.malformed(row, RowParser.unequal(count, known));
      return false;
    }
    for (int i = 0; i < count; i++) {
      times[i] = timeValues.time(from + i, sink.times(), time);
      if (times[i] == TimeParser.NONE) {
        sink.malformed(row, noTime(timeValues, from + i));
        return false;
      }
    }
    return true;
  }
}
