package io.attune.examples.shop;

import io.attune.examples.shop.ProductLine.Role;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Parses {@code catalogue.txt}, whose header explains its format, into departments, categories and
 * product lines.
 */
final class CatalogueFile {

  /**
   * A category that visitors shop for: a main product line, two lines that go with it, and the
   * shared lines of the department.
   */
  record Category(
      String department,
      ProductLine main,
      ProductLine first,
      ProductLine second,
      List<ProductLine> shared) {

    /** The category's own lines, in the order in which most visitors browse them. */
    List<ProductLine> own() {
      return List.of(main, first, second);
    }
  }

  private static final String NAME = "catalogue.txt";
  private static final List<Role> OWN_ROLES =
      List.of(Role.MAIN, Role.FIRST_EXTRA, Role.SECOND_EXTRA);

  private final List<Category> categories = new ArrayList<>();
  private final List<ProductLine> own = new ArrayList<>();
  private List<ProductLine> shared = new ArrayList<>();
  private List<String> brands = List.of();
  private List<String> styles = List.of();
  private String department = "";
  private String category = "";
  private String code = "";

  private CatalogueFile() {}

  /** Reads all categories, in the order of the resource. */
  static List<Category> read() {
    try (InputStream in = CatalogueFile.class.getResourceAsStream(NAME)) {
      if (in == null) {
        throw new IllegalStateException(
            "the resource " + NAME + " of " + CatalogueFile.class.getName() + " is missing");
      }
      CatalogueFile file = new CatalogueFile();
      BufferedReader reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
      int number = 0;
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        number++;
        if (!line.isBlank() && !line.startsWith("#")) {
          file.line(line, number);
        }
      }
      return List.copyOf(file.categories);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void line(String line, int number) {
    try {
      String[] word = line.split("\\s+", 2);
      switch (word[0]) {
        case "department" -> {
          department = word[1].strip();
          shared = new ArrayList<>();
        }
        case "brands" -> brands = words(word[1]);
        case "shared" -> shared.add(sharedLine(word[1]));
        case "category" -> startCategory(word[1]);
        case "main", "then" -> ownLine(word[1]);
        default -> throw new IllegalArgumentException("unknown keyword '" + word[0] + "'");
      }
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      throw new IllegalStateException(
          String.format(Locale.ROOT, "%s:%d: %s: %s", NAME, number, e.getMessage(), line), e);
    }
  }

  private ProductLine sharedLine(String text) {
    String[] head = text.split("\\s+", 2);
    String[] sides = head[1].split(" = ", 2);
    String[] cells = sides[1].split("\\|", -1);
    return productLine(
        Role.SHARED,
        department + " > " + sides[0].strip(),
        head[0],
        cells,
        words(cells[4]),
        words(cells[3]));
  }

  private void startCategory(String text) {
    String[] head = text.split("\\s+", 2);
    String[] sides = head[1].split(" = ", 2);
    code = head[0];
    category = department + " > " + sides[0].strip();
    styles = words(sides[1]);
    own.clear();
  }

  private void ownLine(String text) {
    String[] sides = text.split(" = ", 2);
    Role role = OWN_ROLES.get(own.size());
    String path = category + " > " + sides[0].strip();
    own.add(productLine(role, path, code, sides[1].split("\\|", -1), brands, styles));
    if (own.size() == OWN_ROLES.size()) {
      categories.add(
          new Category(department, own.get(0), own.get(1), own.get(2), List.copyOf(shared)));
    }
  }

  private static ProductLine productLine(
      Role role,
      String path,
      String idPrefix,
      String[] cells,
      List<String> brands,
      List<String> styles) {
    String[] prices = cells[2].strip().split("-", 2);
    return new ProductLine(
        role,
        path,
        idPrefix,
        brands,
        words(cells[1]),
        words(cells[0]),
        styles,
        Double.parseDouble(prices[0]),
        Double.parseDouble(prices[1]));
  }

  private static List<String> words(String text) {
    return Arrays.stream(text.split(";", -1))
        .map(String::strip)
        .filter(word -> !word.isEmpty())
        .toList();
  }
}
