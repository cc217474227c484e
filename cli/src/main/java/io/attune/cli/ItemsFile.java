package io.attune.cli;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import de.siegmar.fastcsv.reader.FieldMismatchStrategy;
import io.attune.evaluation.Figures;
import io.attune.log.TextFile;
import io.attune.lucene.ItemIndex;
import io.attune.model.TextVectors;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Reads files of items: CSV or TSV in UTF-8 with a header, plain, gzip or zstd. One column is the
 * id, the others are text.
 */
final class ItemsFile {
  private static final Set<String> ID_NAMES =
      Set.of("id", "item", "item_id", "itemid", "product", "product_id", "productid", "sku");

  private ItemsFile() {}

  /**
   * Reads all items.
   *
   * @throws CommandFailure if there is no id column, a line is malformed, or its id is empty or
   *     that of an earlier line
   */
  static List<ItemIndex.Item> read(Path file) throws IOException, CommandFailure {
    String text = TextFile.read(file);
    try {
      String head = text.lines().filter(line -> !line.isBlank()).findFirst().orElse("");
      return parse(file, text, TextFile.separator(head));
    } catch (CsvParseException e) {
      throw new CommandFailure(file + ": " + e.getMessage());
    }
  }

  /**
   * Reads what is written about each item, in one text.
   *
   * @return by id, in the order of the file
   * @throws CommandFailure as {@link #read}
   */
  static Map<String, String> texts(Path file) throws IOException, CommandFailure {
    return texts(read(file));
  }

  /** What is written about each item, in one text, by id. */
  static Map<String, String> texts(List<ItemIndex.Item> items) {
    Map<String, String> texts = new LinkedHashMap<>();
    items.forEach(item -> texts.put(item.id(), TextVectors.joined(item.texts().values())));
    return texts;
  }

  private static List<ItemIndex.Item> parse(Path file, String text, char separator)
      throws CommandFailure {
    List<ItemIndex.Item> items = new ArrayList<>();
    List<String> names = List.of();
    Map<String, Long> lines = new HashMap<>();
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
        throw new CommandFailure(String.format(
            Locale.ROOT,
            "%s:%d: expected %s as in the header, found %d",
            file,
            line.getStartingLineNumber(),
            Figures.count(names.size(), "column"),
            line.getFieldCount()));
      }
      String named = line.getField(id).strip();
      if (named.isEmpty()) {
        throw new CommandFailure(String.format(
            Locale.ROOT,
            "%s:%d: expected an item id in the column %s, found none",
            file,
            line.getStartingLineNumber(),
            names.get(id)));
      }
      Long earlier = lines.putIfAbsent(named, line.getStartingLineNumber());
      if (earlier != null) {
        throw new CommandFailure(String.format(
            Locale.ROOT,
            "%s:%d: duplicate item id: %s, which is in line %d already",
            file,
            line.getStartingLineNumber(),
            named,
            earlier));
      }
      Map<String, String> texts = new LinkedHashMap<>();
      for (int column = 0; column < names.size(); column++) {
        if (column != id && !line.getField(column).isBlank()) {
          texts.put(names.get(column), line.getField(column));
        }
      }
      items.add(new ItemIndex.Item(named, texts));
    }
    if (items.isEmpty()) {
      throw new CommandFailure(file + ": no items: expected a header and a line per item");
    }
    return items;
  }

  /** The name of a column, without the type that RecBole appends. */
  private static String name(String column) {
    return column.strip().replaceFirst(":(token|token_seq|float|float_seq)$", "");
  }

  private static int idColumn(Path file, List<String> names) throws CommandFailure {
    for (int i = 0; i < names.size(); i++) {
      if (ID_NAMES.contains(names.get(i).toLowerCase(Locale.ROOT))) {
        return i;
      }
    }
    throw new CommandFailure("%s:1: no id column: expected one of %s, found %s"
        .formatted(
            file,
            String.join(", ", ID_NAMES.stream().sorted().toList()),
            String.join(", ", names)));
  }

  /** Opens a file, plain, gzip or zstd. */
  static InputStream open(Path file) throws IOException {
    return TextFile.open(file);
  }
}
