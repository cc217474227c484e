package io.attune.log;

import de.siegmar.fastcsv.reader.AbstractBaseCsvCallbackHandler;
import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.FieldMismatchStrategy;
import io.attune.session.Counts;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads a table with a click in each line. */
final class TableLog {
  /** The quote character of tables without quoting: one that does not occur in text. */
  private static final char NO_QUOTE = '\u0001';

  /** Each one costs another pass over the preceding lines. */
  private static final int MAX_BROKEN_QUOTES = 100;

  private final Layout.Table table;
  private final SessionKey sessionKey;
  private final ClickSink sink;
  private final Set<String> headerNames;
  private final Row row;
  private final @Nullable Field timeframe;

  /** The first bytes of the names in the header: other values need not be compared with it. */
  private final boolean[] headerStarts = new boolean[256];

  private long linesBefore;

  TableLog(Layout.Table table, SessionKey sessionKey, ClickSink sink) {
    this.table = table;
    this.sessionKey = sessionKey;
    this.sink = sink;
    Columns columns = table.columns();
    List<String> header = table.header();
    int frame = table.format() == LogFormat.DIGINETICA && header != null
        ? Columns.indexOf(header, "timeframe")
        : -1;
    this.row = new Row(
        sessionKey.session() ? columns.session() : columns.user(),
        columns.item(),
        columns.time(),
        columns.action(),
        frame);
    this.headerNames = header == null ? Set.of() : Set.copyOf(header);
    for (String name : headerNames) {
      headerStarts[name.isEmpty() ? 0 : name.getBytes(StandardCharsets.UTF_8)[0] & 0xff] = true;
    }
    if (columns.action() >= 0) {
      sink.countActions(table.actions());
    }
    this.timeframe = frame < 0 ? null : row.timeframe;
  }

  /** Opens the same file again. */
  @FunctionalInterface
  interface Reopen {
    LogFile open() throws IOException;
  }

  /**
   * Reads all clicks.
   *
   * <p>After a broken quote the parser is at an arbitrary place of the file. If malformed lines are
   * skipped, the line with the quote is counted as malformed, the file is opened again, and reading
   * continues with the next line.
   */
  void read(InputStream in, Reopen reopen) throws LogFormatException {
    long broken = readFrom(in, 0);
    int times = 0;
    while (broken > 0) {
      if (++times > MAX_BROKEN_QUOTES) {
        throw new LogFormatException(
            sink.path(),
            broken,
            "more than " + MAX_BROKEN_QUOTES
                + " lines have broken quotes: is the delimiter right?");
      }
      try (LogFile again = reopen.open();
          InputStream rest = new BufferedInputStream(again.stream(), 1 << 16)) {
        skipLines(rest, broken);
        broken = readFrom(rest, broken);
      } catch (IOException e) {
        throw LogFile.explain(sink.path(), broken, e);
      }
    }
  }

  /** Reads the rest after the given lines; returns the line with a broken quote, or 0. */
  private long readFrom(InputStream in, long before) throws LogFormatException {
    linesBefore = before;
    try (CsvReader<Row> reader = reader(in)) {
      Iterator<Row> rows = reader.iterator();
      if (before == 0 && table.header() != null && rows.hasNext()) {
        rows.next();
        sink.line();
      }
      while (rows.hasNext()) {
        take(rows.next());
      }
      return 0;
    } catch (CsvParseException e) {
      sink.line();
      sink.malformed(line(), "expected " + Counts.of(table.width(), "column") + ": " + reason(e));
      return line();
    } catch (UncheckedIOException e) {
      throw LogFile.explain(sink.path(), line(), cause(e));
    } catch (IOException e) {
      throw LogFile.explain(sink.path(), line(), e);
    }
  }

  /** The parser's message, shortened. */
  private static String reason(CsvParseException e) {
    Throwable cause = e.getCause() == null ? e : e.getCause();
    String message = String.valueOf(cause.getMessage());
    return message.contains("maximum buffer size")
        ? "a value is longer than 16 MiB: is a closing quote missing?"
        : message.replaceAll("\\s+\\(record starting at line \\d+\\)", "");
  }

  private long line() {
    return linesBefore + row.line();
  }

  private static IOException cause(UncheckedIOException e) {
    IOException cause = e.getCause();
    return cause == null ? new IOException(e) : cause;
  }

  private static void skipLines(InputStream in, long count) throws IOException {
    for (long left = count; left > 0; ) {
      int b = in.read();
      if (b < 0) {
        return;
      }
      left -= b == '\n' ? 1 : 0;
    }
  }

  /**
   * Feeds the parser each byte as one character. Delimiters, quotes and line ends are the same in
   * UTF-8, and ids are neither decoded nor encoded.
   */
  private CsvReader<Row> reader(InputStream in) {
    return CsvReader.builder()
        .fieldSeparator(table.delimiter())
        .quoteCharacter(table.quoted() ? '"' : NO_QUOTE)
        .extraFieldStrategy(FieldMismatchStrategy.IGNORE)
        .missingFieldStrategy(FieldMismatchStrategy.IGNORE)
        .allowUnclosedQuote(false)
        .build(row, new InputStreamReader(in, StandardCharsets.ISO_8859_1));
  }

  private void take(Row read) throws LogFormatException {
    sink.line();
    long line = line();
    if (read.fields() != table.width()) {
      sink.malformed(
          line, "expected " + Counts.of(table.width(), "column") + ", found " + read.fields());
      return;
    }
    if (isHeader(line, read) || (read.hasAction() && !sink.takes(read.action))) {
      return;
    }
    if (timeframe != null) {
      takeDated(line, read, timeframe);
    } else {
      sink.click(
          line,
          read.key,
          sessionKey.name(),
          read.item,
          table.columns().time() < 0 ? null : read.time);
    }
  }

  /**
   * Whether this line is a header again, as in files that were joined. The same header is counted;
   * one with other columns is malformed.
   */
  private boolean isHeader(long line, Row read) throws LogFormatException {
    List<String> header = table.header();
    if (header == null
        || read.item.isEmpty()
        || !headerStarts[read.item.bytes[0] & 0xff]
        || !read.item.isKept()) {
      return false;
    }
    String item = read.item.toString();
    String key = withoutByteOrderMark(read.key.toString());
    if (!headerNames.contains(item) || !headerNames.contains(key)) {
      return false;
    }
    Columns columns = table.columns();
    if (item.equals(header.get(columns.item()))
        && key.equals(header.get(sessionKey.session() ? columns.session() : columns.user()))) {
      sink.repeatedHeader();
    } else {
      sink.malformed(
          line,
          "expected the columns of the first line, found another header: were files with different"
              + " columns joined?");
    }
    return true;
  }

  private static String withoutByteOrderMark(String value) {
    return value.startsWith("\ufeff") ? value.substring(1) : value;
  }

  /** Diginetica has a date, and the milliseconds since its midnight as the time frame. */
  private void takeDated(long line, Row read, Field frame) throws LogFormatException {
    long day = read.time.time(sink.times());
    long millis = wholeNumber(frame);
    if (day == TimeParser.NONE || millis < 0) {
      sink.malformed(
          line,
          "expected a date in eventdate and milliseconds in timeframe, found "
              + read.time.shown()
              + " and "
              + frame.shown());
      return;
    }
    sink.click(line, read.key, sessionKey.name(), read.item, day + millis);
  }

  private static long wholeNumber(Field field) {
    if (field.length == 0 || field.length > 15) {
      return -1;
    }
    long value = 0;
    for (int i = 0; i < field.length; i++) {
      int digit = field.bytes[i] - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      value = value * 10 + digit;
    }
    return value;
  }

  /** Takes only the needed columns from the parser, without creating strings. */
  private static final class Row extends AbstractBaseCsvCallbackHandler<Row> {
    final Field key = new Field();
    final Field item = new Field();
    final Field time = new Field();
    final Field action = new Field();
    final Field timeframe = new Field();

    private final int keyColumn;
    private final int itemColumn;
    private final int timeColumn;
    private final int actionColumn;
    private final int frameColumn;
    private int fields;

    Row(int keyColumn, int itemColumn, int timeColumn, int actionColumn, int frameColumn) {
      this.keyColumn = keyColumn;
      this.itemColumn = itemColumn;
      this.timeColumn = timeColumn;
      this.actionColumn = actionColumn;
      this.frameColumn = frameColumn;
    }

    boolean hasAction() {
      return actionColumn >= 0;
    }

    int fields() {
      return fields;
    }

    long line() {
      return getStartingLineNumber();
    }

    @Override
    protected void handleBegin(long startingLineNumber) {
      fields = 0;
    }

    @Override
    protected void handleField(int index, char[] buffer, int offset, int length, boolean quoted) {
      fields = index + 1;
      if (index == itemColumn) {
        item.setBytes(buffer, offset, length);
      } else if (index == keyColumn) {
        key.setBytes(buffer, offset, length);
      } else if (index == timeColumn) {
        time.setBytes(buffer, offset, length);
      } else if (index == actionColumn) {
        action.setBytes(buffer, offset, length);
      } else if (index == frameColumn) {
        timeframe.setBytes(buffer, offset, length);
      }
    }

    @Override
    protected Row buildRecord() {
      return this;
    }
  }
}
