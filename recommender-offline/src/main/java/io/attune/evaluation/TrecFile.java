package io.attune.evaluation;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * The two text formats of TREC, which {@code trec_eval} and most tools of retrieval read: a run
 * ({@code query Q0 document rank score tag}) and relevance judgements, the qrels ({@code query 0
 * document relevance}). Blanks separate, so that blanks within an id are written as {@code %20}.
 */
public final class TrecFile {
  private TrecFile() {}

  /** An item of a run. */
  public record Hit(String document, double score) {}

  /**
   * Reads a run.
   *
   * @return the hits of each query, both in the order of the file
   * @throws IOException when a line has not six fields, a score is no number, a query has a
   *     document twice, or there is no line
   */
  public static Map<String, List<Hit>> run(Path file) throws IOException {
    Map<String, List<Hit>> run = new LinkedHashMap<>();
    Map<String, Set<String>> seen = new LinkedHashMap<>();
    read(file, "query Q0 document rank score tag", 6, (fields, where) -> {
      double score = number(fields[4], "score", where);
      if (!seen.computeIfAbsent(fields[0], query -> new HashSet<>()).add(fields[2])) {
        throw new IOException(
            "%s: query %s has document %s twice".formatted(where, fields[0], fields[2]));
      }
      run.computeIfAbsent(fields[0], query -> new ArrayList<>()).add(new Hit(fields[2], score));
    });
    return run;
  }

  /**
   * Reads relevance judgements.
   *
   * @return the relevant documents of each query with their relevance, which is above zero; empty
   *     where a query has none. A relevance of zero or less says that a document is not relevant
   * @throws IOException when a line has not four fields, a relevance is no finite number, a query
   *     has a document twice, or nothing is relevant
   */
  public static Map<String, Map<String, Double>> qrels(Path file) throws IOException {
    Map<String, Map<String, Double>> relevant = new LinkedHashMap<>();
    Map<String, Set<String>> seen = new LinkedHashMap<>();
    read(file, "query 0 document relevance", 4, (fields, where) -> {
      double relevance = number(fields[3], "relevance", where);
      if (Double.isInfinite(relevance)) {
        throw new IOException("%s: the relevance '%s' is not finite".formatted(where, fields[3]));
      }
      if (!seen.computeIfAbsent(fields[0], query -> new HashSet<>()).add(fields[2])) {
        throw new IOException(
            "%s: query %s has document %s twice".formatted(where, fields[0], fields[2]));
      }
      Map<String, Double> ofQuery =
          relevant.computeIfAbsent(fields[0], query -> new LinkedHashMap<>());
      if (relevance > 0) {
        ofQuery.put(fields[2], relevance);
      }
    });
    if (relevant.values().stream().allMatch(Map::isEmpty)) {
      throw new IOException(file + ": no document is relevant to any query; a relevance above 0"
          + " in the fourth field was expected");
    }
    return relevant;
  }

  /** An id without blanks. */
  public static String escape(String id) {
    StringBuilder escaped = null;
    for (int i = 0; i < id.length(); i++) {
      char c = id.charAt(i);
      boolean blank = c <= ' ' || c == '%';
      if (blank && escaped == null) {
        escaped = new StringBuilder(id.substring(0, i));
      }
      if (escaped != null) {
        escaped.append(blank ? String.format(Locale.ROOT, "%%%02X", (int) c) : c);
      }
    }
    return escaped == null ? id : escaped.toString();
  }

  /** The id that was escaped. */
  public static String unescape(String escaped) {
    StringBuilder id = new StringBuilder();
    for (int i = 0; i < escaped.length(); i++) {
      if (escaped.charAt(i) == '%' && escaped.substring(i).matches("%[0-9A-F]{2}.*")) {
        id.append((char) Integer.parseInt(escaped, i + 1, i + 3, 16));
        i += 2;
      } else {
        id.append(escaped.charAt(i));
      }
    }
    return id.toString();
  }

  private interface Line {
    void accept(String[] fields, String where) throws IOException;
  }

  private static void read(Path file, String format, int fields, Line each) throws IOException {
    long number = 0;
    try (BufferedReader lines = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        number++;
        if (line.isBlank()) {
          continue;
        }
        String where = file + ":" + number;
        String[] parts = line.strip().split("\\s+");
        if (parts.length != fields) {
          String found = parts.length == 1 ? "1 field" : parts.length + " fields";
          throw new IOException("%s: %s, but '%s' was expected".formatted(where, found, format));
        }
        each.accept(parts, where);
      }
    } catch (MalformedInputException e) {
      throw new IOException(String.format(Locale.ROOT, "%s:%d: not UTF-8", file, number + 1), e);
    }
    if (number == 0) {
      throw new IOException(file + ": empty, but lines of '" + format + "' were expected");
    }
  }

  private static double number(String text, String what, String where) throws IOException {
    try {
      double number = Double.parseDouble(text);
      if (!Double.isNaN(number)) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw new IOException("%s: the %s '%s' is not a number".formatted(where, what, text));
  }
}
