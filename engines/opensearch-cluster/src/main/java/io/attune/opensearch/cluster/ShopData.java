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
 * What {@code attune quickstart --out DIR} leaves: items, clicks and a model.
 *
 * @param titles of the items, by id
 * @param visits item ids, oldest first, one list a visit, in the order of the visits' first clicks
 * @param model the model's directory
 */
record ShopData(Map<String, String> titles, List<List<String>> visits, Path model) {

  /**
   * Reads it.
   *
   * @throws IOException when a file is missing
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

  /** Without the header. */
  private static List<String> lines(Path file) throws IOException {
    List<String> lines = Files.readAllLines(file);
    return lines.subList(1, lines.size());
  }

  /** Words of titles, the most frequent first; of equally frequent ones by the alphabet. */
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
