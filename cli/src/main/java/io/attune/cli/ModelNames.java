package io.attune.cli;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Short, distinct names of models, derived from their paths. */
final class ModelNames {
  private ModelNames() {}

  /**
   * The last element of each path, or as many of the last elements as are needed to make the names
   * distinct.
   *
   * @param reserved names that must not be used
   * @throws IllegalArgumentException if a path occurs twice
   */
  static List<String> of(List<Path> paths, Set<String> reserved) {
    List<Path> absolute =
        paths.stream().map(path -> path.toAbsolutePath().normalize()).toList();
    Set<Path> seen = new HashSet<>();
    for (Path path : absolute) {
      if (!seen.add(path)) {
        throw new IllegalArgumentException("the model " + path.getFileName() + " is given twice");
      }
    }
    int maxElements = absolute.stream().mapToInt(Path::getNameCount).max().orElse(0);
    for (int elements = 1; elements <= maxElements; elements++) {
      int count = elements;
      List<String> names = absolute.stream().map(path -> suffix(path, count)).toList();
      Set<String> distinct = new HashSet<>(names);
      if (distinct.size() == names.size() && names.stream().noneMatch(reserved::contains)) {
        return names;
      }
    }
    return absolute.stream().map(Path::toString).toList();
  }

  /** The name of a single model: the last element of its path. */
  static String of(Path path) {
    return suffix(path.toAbsolutePath().normalize(), 1);
  }

  private static String suffix(Path path, int elements) {
    int count = path.getNameCount();
    return count == 0
        ? path.toString()
        : path.subpath(Math.max(0, count - elements), count).toString();
  }
}
