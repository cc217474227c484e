package io.attune.opensearch;

import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Values of a document's source, found as a mapping finds them. */
final class SourcePath {
  private SourcePath() {}

  /**
   * Visits the values at a path: through objects, lists of objects, and names that contain dots. Of
   * a list each element is visited, of lists within it too.
   *
   * @param value an object, or a list of them
   * @param path relative to the value; empty for the value itself
   * @param values receives what is neither a list nor missing, an explicit null included
   */
  static void forEach(@Nullable Object value, String path, Consumer<@Nullable Object> values) {
    if (value instanceof List<?> list) {
      list.forEach(element -> forEach(element, path, values));
    } else if (path.isEmpty()) {
      values.accept(value);
    } else if (value instanceof Map<?, ?> map) {
      forEach(map.get(path), "", values);
      for (int dot = path.indexOf('.'); dot >= 0; dot = path.indexOf('.', dot + 1)) {
        forEach(map.get(path.substring(0, dot)), path.substring(dot + 1), values);
      }
    }
  }
}
