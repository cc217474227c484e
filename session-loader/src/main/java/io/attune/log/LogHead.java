package io.attune.log;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The beginning of a log, from which its format is detected.
 *
 * @param bytes the first bytes, decompressed
 * @param lines the first lines that are not blank
 */
record LogHead(byte[] bytes, List<String> lines) {
  private static final int MAX_LINES = 50;

  static LogHead of(LogFile file) {
    byte[] head = file.head();
    return new LogHead(head, lines(head, file.headIsWhole()));
  }

  /** Whether this is not text. */
  boolean isBinary() {
    for (byte b : bytes) {
      if (b == 0) {
        return true;
      }
    }
    return false;
  }

  boolean startsWith(String magic) {
    return new String(bytes, 0, Math.min(bytes.length, magic.length()), StandardCharsets.ISO_8859_1)
        .equals(magic);
  }

  /** The first line; empty if there is none. */
  String first() {
    return lines.isEmpty() ? "" : lines.getFirst();
  }

  /** The values of a line without surrounding spaces; an empty list if it is malformed. */
  static List<String> split(String line, char delimiter) {
    if (line.isEmpty()) {
      return List.of();
    }
    try {
      return CsvReader.builder()
          .fieldSeparator(delimiter)
          .ofSingleCsvRecord(line)
          .getFields()
          .stream()
          .map(String::strip)
          .toList();
    } catch (CsvParseException | IllegalArgumentException e) {
      return List.of();
    }
  }

  /** The last line may be cut, and counts only if it is not or if there is no other. */
  private static List<String> lines(byte[] head, boolean whole) {
    List<String> lines = new ArrayList<>();
    int from = LogFile.byteOrderMark(head);
    for (int at = from; at <= head.length && lines.size() < MAX_LINES; at++) {
      boolean end = at == head.length;
      if (end ? at > from && (whole || lines.isEmpty()) : head[at] == '\n') {
        String line = new String(head, from, at - from, StandardCharsets.UTF_8);
        String stripped = line.endsWith("\r") ? line.substring(0, line.length() - 1) : line;
        if (!stripped.isBlank()) {
          lines.add(stripped);
        }
        from = at + 1;
      }
    }
    return lines;
  }
}
