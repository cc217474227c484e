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
 * Reads the TREC formats of {@code trec_eval} and most other retrieval tools: runs ({@code query Q0
 * document rank score tag}) and relevance judgements, or qrels ({@code query 0 document
 * relevance}). Fields are separated by whitespace, so whitespace within ids is escaped, as in
 * {@code %20}.
 */
public final class TrecFile {
  private TrecFile() {}

  /** A result of a run. */
  public record Hit(String document, double score) {}

  /**
   * Reads a run.
   *
   * @return the hits of each query, in the order of the file
   * @throws IOException if the file is empty, a line does not have six fields, a score is not a
   *     number, or a query has a document twice
   */
  public static Map<String, List<Hit>> readRun(Path file) throws IOException {
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
   * Reads relevance judgements. Documents with a relevance of 0 or less are not relevant.
   *
   * @return the relevant documents of each query with their relevance; empty for a query without
   *     relevant documents
   * @throws IOException if the file is empty, a line does not have four fields, a relevance is not
   *     a finite number, a query has a document twice, or no document is relevant
   */
  public static Map<String, Map<String, Double>> readQrels(Path file) throws IOException {
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
      throw new IOException(file + ": no document is relevant to any query; expected a relevance"
          + " above 0 in the fourth field");
    }
    return relevant;
  }

  /** Escapes whitespace and percent signs of an id. */
  public static String escape(String id) {
    StringBuilder escaped = null;
    for (int i = 0; i < id.length(); i++) {
      char c = id.charAt(i);
      boolean special = c <= ' ' || c == '%';
      if (special && escaped == null) {
        escaped = new StringBuilder(id.substring(0, i));
      }
      if (escaped != null) {
        escaped.append(special ? String.format(Locale.ROOT, "%%%02X", (int) c) : c);
      }
    }
    return escaped == null ? id : escaped.toString();
  }

  /** Reverses {@link #escape}. */
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
          throw new IOException("%s: expected '%s', found %s".formatted(where, format, found));
        }
        each.accept(parts, where);
      }
    } catch (MalformedInputException e) {
      throw new IOException(String.format(Locale.ROOT, "%s:%d: not UTF-8", file, number + 1), e);
    }
    if (number == 0) {
      throw new IOException(file + ": the file is empty; expected lines of '" + format + "'");
    }
  }

  private static double number(String text, String what, String where) throws IOException {
    try {
      double number = Double.parseDouble(text);
      if (!Double.isNaN(number)) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Reported below.
    }
    throw new IOException("%s: the %s '%s' is not a number".formatted(where, what, text));
  }
}
