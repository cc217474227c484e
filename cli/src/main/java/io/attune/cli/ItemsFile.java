package io.attune.cli;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import de.siegmar.fastcsv.reader.FieldMismatchStrategy;
import io.attune.lucene.ItemIndex;
import java.io.BufferedInputStream;
import java.io.CharArrayWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.zip.GZIPInputStream;

/**
 * A file of items: CSV or TSV with a header, plain or gzip. One column is the id, the others are
 * texts.
 */
final class ItemsFile {
  private static final Set<String> ID_NAMES =
      Set.of("id", "item", "item_id", "itemid", "product", "product_id", "productid", "sku");

  private ItemsFile() {}

  /**
   * Reads all items.
   *
   * @throws CommandFailure when there is no id column, or a line is malformed
   */
  static List<ItemIndex.Item> read(Path file) throws IOException, CommandFailure {
    try (InputStream in = open(file);
        Reader reader = new InputStreamReader(in, StandardCharsets.UTF_8)) {
      char[] text = readAll(reader);
      String head =
          new String(text, 0, Math.min(text.length, 4096)).lines().findFirst().orElse("");
      char separator = head.indexOf('\t') >= 0 ? '\t' : head.indexOf(';') >= 0 ? ';' : ',';
      return parse(file, new String(text), separator);
    } catch (CsvParseException e) {
      throw new CommandFailure(file + ": " + e.getMessage());
    }
  }

  private static List<ItemIndex.Item> parse(Path file, String text, char separator)
      throws CommandFailure {
    List<ItemIndex.Item> items = new ArrayList<>();
    List<String> names = List.of();
    int id = -1;
    for (CsvRecord line : CsvReader.builder()
        .fieldSeparator(separator)
        .extraFieldStrategy(FieldMismatchStrategy.IGNORE)
        .missingFieldStrategy(FieldMismatchStrategy.IGNORE)
        .ofCsvRecord(text)) {
      if (names.isEmpty()) {
        names = line.getFields().stream().map(ItemsFile::name).toList();
        id = idColumn(file, names);
        continue;
      }
      if (line.getFieldCount() != names.size()) {
        throw new CommandFailure("%s:%d: expected %s as in the header, found %d"
            .formatted(
                file,
                line.getStartingLineNumber(),
                Figures.count(names.size(), "column"),
                line.getFieldCount()));
      }
      Map<String, String> texts = new LinkedHashMap<>();
      for (int column = 0; column < names.size(); column++) {
        if (column != id && !line.getField(column).isBlank()) {
          texts.put(names.get(column), line.getField(column));
        }
      }
      items.add(new ItemIndex.Item(line.getField(id).strip(), texts));
    }
    if (items.isEmpty()) {
      throw new CommandFailure(file + ": no items: expected a header, then an item a line");
    }
    return items;
  }

  /** A column's name, less the type that RecBole appends to it. */
  private static String name(String column) {
    return column.strip().replaceFirst(":(token|token_seq|float|float_seq)$", "");
  }

  private static int idColumn(Path file, List<String> names) throws CommandFailure {
    for (int i = 0; i < names.size(); i++) {
      if (ID_NAMES.contains(names.get(i).toLowerCase(Locale.ROOT))) {
        return i;
      }
    }
    throw new CommandFailure("%s:1: no column is the item's id: expected one of %s, found %s"
        .formatted(
            file,
            String.join(", ", ID_NAMES.stream().sorted().toList()),
            String.join(", ", names)));
  }

  /** A file, plain or gzip. */
  static InputStream open(Path file) throws IOException {
    InputStream in = new BufferedInputStream(Files.newInputStream(file));
    in.mark(2);
    boolean gzip = in.read() == 0x1f && in.read() == 0x8b;
    in.reset();
    return gzip ? new GZIPInputStream(in) : in;
  }

  private static char[] readAll(Reader reader) throws IOException {
    CharArrayWriter all = new CharArrayWriter();
    reader.transferTo(all);
    return all.toCharArray();
  }
}
