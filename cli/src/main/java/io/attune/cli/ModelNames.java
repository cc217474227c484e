package io.attune.cli;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Short names of models, by their directories. */
final class ModelNames {
  private ModelNames() {}

  /**
   * The last part of each path, or as many of the last parts as it takes to tell them apart.
   *
   * @param taken names that something else has
   * @throws IllegalArgumentException if a path stands twice
   */
  static List<String> of(List<Path> paths, Set<String> taken) {
    List<Path> whole =
        paths.stream().map(path -> path.toAbsolutePath().normalize()).toList();
    Set<Path> seen = new HashSet<>();
    for (Path path : whole) {
      if (!seen.add(path)) {
        throw new IllegalArgumentException("the model " + path.getFileName() + " is named twice");
      }
    }
    int longest = whole.stream().mapToInt(Path::getNameCount).max().orElse(0);
    for (int parts = 1; parts <= longest; parts++) {
      int count = parts;
      List<String> names = whole.stream().map(path -> last(path, count)).toList();
      Set<String> distinct = new HashSet<>(names);
      if (distinct.size() == names.size() && names.stream().noneMatch(taken::contains)) {
        return names;
      }
    }
    return whole.stream().map(Path::toString).toList();
  }

  /** The last part of a path. */
  static String last(Path path) {
    return last(path.toAbsolutePath().normalize(), 1);
  }

  private static String last(Path path, int parts) {
    int count = path.getNameCount();
    return count == 0
        ? path.toString()
        : path.subpath(Math.max(0, count - parts), count).toString();
  }
}
