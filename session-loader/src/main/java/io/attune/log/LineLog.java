package io.attune.log;

import io.attune.session.Counts;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Reads logs whose lines are ids: MovieLens, pairs, sequences, and RecBole's lists. */
final class LineLog {
  private final Layout layout;
  private final SessionKey sessionKey;
  private final ClickSink sink;
  private final Field key = new Field();
  private final Field item = new Field();
  private final Field time = new Field();

  LineLog(Layout layout, SessionKey sessionKey, ClickSink sink) {
    this.layout = layout;
    this.sessionKey = sessionKey;
    this.sink = sink;
  }

  void read(InputStream in) throws LogFormatException {
    LineReader lines = new LineReader(in);
    try {
      boolean headed = layout instanceof Layout.Lists;
      byte[] header = null;
      while (lines.next()) {
        sink.line();
        if (lines.tooLong()) {
          sink.lineTooLong(lines.number());
        } else if (!blank(lines)) {
          if (headed && header == null) {
            header = Arrays.copyOfRange(lines.buffer(), lines.from(), lines.to());
          } else if (header != null && same(header, lines)) {
            sink.repeatedHeader();
          } else {
            take(lines);
          }
        }
      }
    } catch (IOException e) {
      throw LogFile.explain(sink.path(), lines.number(), e);
    }
  }

  private static boolean same(byte[] header, LineReader line) {
    return Arrays.equals(header, 0, header.length, line.buffer(), line.from(), line.to());
  }

  private void take(LineReader line) throws LogFormatException {
    switch (layout) {
      case Layout.Lists lists -> list(line, lists);
      default -> {
        switch (layout.format()) {
          case MOVIELENS -> movieLens(line);
          case PAIRS -> pair(line);
          default -> sequence(line);
        }
      }
    }
  }

  private void movieLens(LineReader line) throws LogFormatException {
    byte[] bytes = line.buffer();
    int[] cuts = new int[3];
    int count = 0;
    for (int at = line.from(); at + 1 < line.to(); at++) {
      if (bytes[at] == ':' && bytes[at + 1] == ':') {
        if (count < 3) {
          cuts[count] = at;
        }
        count++;
        at++;
      }
    }
    if (count != 3) {
      sink.malformed(
          line.number(),
          "expected user::movie::rating::time, found " + Counts.of(count + 1, "part"));
      return;
    }
    key.set(bytes, line.from(), cuts[0]);
    item.set(bytes, cuts[0] + 2, cuts[1]);
    time.set(bytes, cuts[2] + 2, line.to());
    sink.click(line.number(), key, sessionKey.name(), item, time);
  }

  private void pair(LineReader line) throws LogFormatException {
    byte[] bytes = line.buffer();
    int keyFrom = skipBlanks(bytes, line.from(), line.to());
    int keyTo = skipId(bytes, keyFrom, line.to());
    int itemFrom = skipBlanks(bytes, keyTo, line.to());
    int itemTo = skipId(bytes, itemFrom, line.to());
    if (itemFrom == itemTo || skipBlanks(bytes, itemTo, line.to()) != line.to()) {
      sink.malformed(line.number(), "expected two ids, user and item");
      return;
    }
    key.set(bytes, keyFrom, keyTo);
    item.set(bytes, itemFrom, itemTo);
    sink.click(line.number(), key, sessionKey.name(), item, null);
  }

  /** The key is what precedes the first tab, or the first word if there is none. */
  private void sequence(LineReader line) throws LogFormatException {
    byte[] bytes = line.buffer();
    int keyTo = line.from();
    while (keyTo < line.to() && bytes[keyTo] != '\t') {
      keyTo++;
    }
    if (keyTo == line.to()) {
      keyTo = skipId(bytes, skipBlanks(bytes, line.from(), line.to()), line.to());
    }
    key.set(bytes, line.from(), keyTo);
    takeAll(line.number(), bytes, List.of(new int[] {keyTo, line.to()}));
  }

  private void list(LineReader line, Layout.Lists lists) throws LogFormatException {
    byte[] bytes = line.buffer();
    List<int[]> columns = new ArrayList<>();
    int from = line.from();
    for (int at = from; at <= line.to(); at++) {
      if (at == line.to() || bytes[at] == '\t') {
        columns.add(new int[] {from, at});
        from = at + 1;
      }
    }
    if (columns.size() != lists.width()) {
      sink.malformed(
          line.number(),
          "expected " + Counts.of(lists.width(), "column") + ", found " + columns.size());
      return;
    }
    int[] id = columns.get(lists.key());
    key.set(bytes, id[0], id[1]);
    List<int[]> items = new ArrayList<>();
    items.add(columns.get(lists.list()));
    if (lists.next() >= 0) {
      items.add(columns.get(lists.next()));
    }
    takeAll(line.number(), bytes, items);
  }

  /** Takes the items of these parts as one session, or none of them if one is invalid. */
  private void takeAll(long line, byte[] bytes, List<int[]> parts) throws LogFormatException {
    if (!sink.isId(line, key, sessionKey.name())) {
      return;
    }
    int count = 0;
    for (int[] part : parts) {
      int at = skipBlanks(bytes, part[0], part[1]);
      while (at < part[1]) {
        int end = skipId(bytes, at, part[1]);
        item.set(bytes, at, end);
        if (!sink.isId(line, item, "item")) {
          return;
        }
        count++;
        at = skipBlanks(bytes, end, part[1]);
      }
    }
    if (count == 0) {
      sink.malformed(line, "expected an id and at least one item");
      return;
    }
    int session = sink.newKey(key);
    for (int[] part : parts) {
      int at = skipBlanks(bytes, part[0], part[1]);
      while (at < part[1]) {
        int end = skipId(bytes, at, part[1]);
        item.set(bytes, at, end);
        sink.click(session, sink.item(item));
        at = skipBlanks(bytes, end, part[1]);
      }
    }
  }

  private static boolean blank(LineReader line) {
    return skipBlanks(line.buffer(), line.from(), line.to()) == line.to();
  }

  private static int skipBlanks(byte[] bytes, int from, int to) {
    int at = from;
    while (at < to && (bytes[at] == ' ' || bytes[at] == '\t')) {
      at++;
    }
    return at;
  }

  private static int skipId(byte[] bytes, int from, int to) {
    int at = from;
    while (at < to && bytes[at] != ' ' && bytes[at] != '\t') {
      at++;
    }
    return at;
  }
}
