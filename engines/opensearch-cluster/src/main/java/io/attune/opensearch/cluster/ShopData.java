package io.attune.opensearch.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The output of {@code attune quickstart --out DIR}: items, clicks and a model.
 *
 * @param titles titles of the items, by id
 * @param visits item ids of each visit, oldest first; visits in the order of their first clicks
 * @param model the model's directory
 */
record ShopData(Map<String, String> titles, List<List<String>> visits, Path model) {

  /**
   * Reads the files.
   *
   * @throws IOException if a file is missing
   */
  static ShopData read(Path folder) throws IOException {
    Map<String, String> titles = new LinkedHashMap<>();
    for (String line : lines(folder.resolve("items.tsv"))) {
      String[] columns = line.split("\t", -1);
      titles.put(columns[0], columns[1]);
    }
    Map<String, List<String>> visits = new LinkedHashMap<>();
    for (String line : lines(folder.resolve("clicks.csv"))) {
      String[] columns = line.split(",", -1);
      visits.computeIfAbsent(columns[0], visit -> new ArrayList<>()).add(columns[1]);
    }
    return new ShopData(titles, List.copyOf(visits.values()), folder.resolve("model"));
  }

  /** The lines of a file after its header. */
  private static List<String> lines(Path file) throws IOException {
    List<String> lines = Files.readAllLines(file);
    return lines.subList(1, lines.size());
  }

  /** The words of all titles by descending frequency, ties in alphabetical order. */
  List<String> words() {
    Map<String, Integer> counts = new TreeMap<>();
    for (String title : titles.values()) {
      Set<String> words =
          new HashSet<>(Arrays.asList(title.toLowerCase(Locale.ROOT).split("[^\\p{L}]+", -1)));
      for (String word : words) {
        if (word.length() > 2) {
          counts.merge(word, 1, Integer::sum);
        }
      }
    }
    return counts.entrySet().stream()
        .sorted(Map.Entry.<String, Integer>comparingByValue(Comparator.reverseOrder()))
        .map(Map.Entry::getKey)
        .toList();
  }
}
