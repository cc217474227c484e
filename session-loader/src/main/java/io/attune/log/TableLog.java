package io.attune.log;

import de.siegmar.fastcsv.reader.AbstractBaseCsvCallbackHandler;
import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.FieldMismatchStrategy;
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

/** Reads clicks from a table with one click a line. */
final class TableLog {
  /** Stands where no value may be quoted: no text has this character. */
  private static final char NO_QUOTE = '\u0001';

  /** Each costs a new pass over what was read before. */
  private static final int MAX_BROKEN_QUOTES = 100;

  private final Layout.Table table;
  private final Keys keys;
  private final ClickSink sink;
  private final Set<String> headerNames;
  private final Row row;
  private final @Nullable Field timeframe;
  /** By their first byte, which values are worth comparing with the header. */
  private final boolean[] headerStarts = new boolean[256];

  private long linesBefore;

  TableLog(Layout.Table table, Keys keys, ClickSink sink) {
    this.table = table;
    this.keys = keys;
    this.sink = sink;
    Columns columns = table.columns();
    List<String> header = table.header();
    int frame = table.format() == LogFormat.DIGINETICA && header != null
        ? Columns.indexOf(header, "timeframe")
        : -1;
    this.row = new Row(
        keys.session() ? columns.session() : columns.user(),
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

  /** Opens the same log once more. */
  @FunctionalInterface
  interface Reopen {
    LogFile open() throws IOException;
  }

  /**
   * Reads all clicks.
   *
   * <p>Broken quotes leave the parser somewhere in the file. When bad lines are skipped, the line
   * with the quote is counted as bad, and reading goes on with the line after it in a log that is
   * opened anew.
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
                + " lines have broken quotes: is it the right delimiter?");
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

  /** Reads from after these lines; returns 0 at the end, or the line with a broken quote. */
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
      sink.bad(line(), "expected " + table.width() + " columns: " + reason(e));
      return line();
    } catch (UncheckedIOException e) {
      throw LogFile.explain(sink.path(), line(), cause(e));
    } catch (IOException e) {
      throw LogFile.explain(sink.path(), line(), e);
    }
  }

  /** The parser's message, shorter. */
  private static String reason(CsvParseException e) {
    Throwable cause = e.getCause() == null ? e : e.getCause();
    String message = String.valueOf(cause.getMessage());
    return message.contains("maximum buffer size")
        ? "a value is longer than 16 MiB; is a quote not closed?"
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
   * The parser sees each byte as a character of its own: delimiters, quotes and line ends are the
   * same in UTF-8, and ids stay the bytes that they are, without being decoded and encoded.
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
      sink.bad(line, "expected " + table.width() + " columns, found " + read.fields());
      return;
    }
    if (isHeader(line, read) || (read.hasAction() && !sink.takes(read.action))) {
      return;
    }
    if (timeframe != null) {
      takeDated(line, read, timeframe);
    } else {
      sink.click(
          line, read.key, keys.name(), read.item, table.columns().time() < 0 ? null : read.time);
    }
  }

  /**
   * Whether the header stands here once more, which is counted, as in files that were joined; one
   * with its columns in another order is malformed.
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
    String key = withoutMark(read.key.toString());
    if (!headerNames.contains(item) || !headerNames.contains(key)) {
      return false;
    }
    Columns columns = table.columns();
    if (item.equals(header.get(columns.item()))
        && key.equals(header.get(keys.session() ? columns.session() : columns.user()))) {
      sink.repeatedHeader();
    } else {
      sink.bad(
          line,
          "expected columns as in the first line, but another header stands here: were files with"
              + " different columns joined?");
    }
    return true;
  }

  private static String withoutMark(String value) {
    return value.startsWith("\ufeff") ? value.substring(1) : value;
  }

  /** Diginetica: the date is a day, and the time within it is the time frame in milliseconds. */
  private void takeDated(long line, Row read, Field frame) throws LogFormatException {
    long day = read.time.time(sink.times());
    long millis = wholeNumber(frame);
    if (day == Times.NONE || millis < 0) {
      sink.bad(
          line,
          "expected a date in eventdate and milliseconds in timeframe, found "
              + read.time.shown()
              + " and "
              + frame.shown());
      return;
    }
    sink.click(line, read.key, keys.name(), read.item, day + millis);
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

  /** Takes from the parser only the columns that are needed, without making strings. */
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
