package io.attune.exchange;

import io.attune.vector.FloatType;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What the header of an {@code .npy} file says of its array. The header is a dictionary as Python
 * writes it, of which only the three keys of the format are understood, and nothing is evaluated.
 *
 * <p>Source: NumPy Enhancement Proposal 1, "A Simple File Format for NumPy Arrays", versions 1.0 to
 * 3.0.
 *
 * @param type of the numbers
 * @param order of their bytes
 * @param byColumns whether the first index varies fastest (Fortran's order)
 * @param rows the first size of the array
 * @param columns the second size
 */
record NpyHeader(FloatType type, ByteOrder order, boolean byColumns, long rows, long columns) {
  private static final Pattern ENTRY = Pattern.compile("\\s*(?:'(\\w+)'|\"(\\w+)\")\\s*:\\s*"
      + "('[^'\\\\]*'|\"[^\"\\\\]*\"|True|False|\\([\\d\\s,L]*\\))\\s*(,|\\})");
  private static final Pattern SIZES =
      Pattern.compile("\\(\\s*(\\d{1,18})L?\\s*,\\s*(\\d{1,18})L?\\s*,?\\s*\\)");
  private static final Set<String> KEYS = Set.of("descr", "fortran_order", "shape");

  /**
   * Parses a header.
   *
   * @throws IllegalArgumentException if it is not one, or the array is not a table of
   *     floating-point numbers; the message says what was expected
   */
  static NpyHeader parse(String text) {
    String body = text.strip();
    if (!body.startsWith("{")) {
      throw unlike(body);
    }
    String type = null;
    String order = null;
    String shape = null;
    Set<String> seen = new HashSet<>();
    Matcher entry = ENTRY.matcher(body);
    int at = 1;
    while (true) {
      if (!entry.find(at) || entry.start() != at) {
        throw unlike(body.substring(at));
      }
      String key = entry.group(1) == null ? entry.group(2) : entry.group(1);
      if (!KEYS.contains(key) || !seen.add(key)) {
        throw unlike(body.substring(at));
      }
      switch (key) {
        case "descr" -> type = entry.group(3);
        case "shape" -> shape = entry.group(3);
        default -> order = entry.group(3);
      }
      at = entry.end();
      boolean closed = entry.group(4).equals("}");
      if (!closed && body.substring(at).strip().equals("}")) {
        at = body.length(); // a comma before the end, as NumPy writes it
        closed = true;
      }
      if (closed) {
        break;
      }
    }
    if (at != body.length() || type == null || order == null || shape == null) {
      throw unlike(body);
    }
    return of(type, order, shape);
  }

  private static NpyHeader of(String type, String order, String shape) {
    if (!order.equals("True") && !order.equals("False")) {
      throw new IllegalArgumentException(
          "expected fortran_order to be True or False, found " + order);
    }
    Matcher sizes = SIZES.matcher(shape);
    if (!sizes.matches()) {
      throw new IllegalArgumentException(
          "expected an array of two dimensions, items and elements, found the shape " + shape);
    }
    return new NpyHeader(
        floatType(type),
        type.charAt(1) == '>' ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN,
        order.equals("True"),
        Long.parseLong(sizes.group(1)),
        Long.parseLong(sizes.group(2)));
  }

  private static FloatType floatType(String quoted) {
    String type = quoted.length() < 3 ? "" : quoted.substring(1, quoted.length() - 1);
    @Nullable
    FloatType known =
        switch (type) {
          case "<f2", ">f2" -> FloatType.FLOAT16;
          case "<f4", ">f4" -> FloatType.FLOAT32;
          case "<f8", ">f8" -> FloatType.FLOAT64;
          default -> null;
        };
    if (known == null) {
      throw new IllegalArgumentException(
          "expected float16, float32 or float64 (f2, f4 or f8), found numbers of type " + quoted
              + ": save the array with .astype('float32')");
    }
    return known;
  }

  private static IllegalArgumentException unlike(String found) {
    String shown = found.length() <= 40 ? found : found.substring(0, 40) + "…";
    return new IllegalArgumentException(String.format(
        Locale.ROOT,
        "expected a header such as {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)}, with"
            + " the keys %s only, found %s",
        Arrays.toString(KEYS.stream().sorted().toArray()),
        shown.isEmpty() ? "its end" : shown));
  }
}
