package io.attune.baseline;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Names of baselines and their settings as text: {@code NAME} or {@code NAME:SETTING=VALUE,…}. A
 * setting is a component of the baseline's record.
 */
final class BaselineText {
  /** All, in the order in which help names them. */
  private static final Map<String, Baseline> BY_NAME = byName();

  static final List<Baseline> USUAL = List.copyOf(BY_NAME.values());

  private BaselineText() {}

  private static Map<String, Baseline> byName() {
    Map<String, Baseline> all = new LinkedHashMap<>();
    all.put("pop", new Baseline.Pop());
    all.put("recent-pop", new Baseline.RecentPop(7));
    all.put("s-pop", new Baseline.SPop());
    all.put("item-knn", new Baseline.ItemKnn(200, 20, 0.5));
    all.put("ar", new Baseline.Ar(500));
    all.put("sr", new Baseline.Sr(500, 10));
    all.put("markov", new Baseline.Markov(500));
    all.put("v-sknn", new Baseline.VSknn(100, 10_000, Decay.LINEAR, Decay.HARMONIC, Idf.PLUS_ONE));
    all.put("vmis-knn", new Baseline.VmisKnn(100, 5_000));
    all.put("stan", new Baseline.Stan(100, 10_000, 2, 0.5, 6));
    return all;
  }

  static String name(Baseline baseline) {
    return BY_NAME.entrySet().stream()
        .filter(entry -> entry.getValue().getClass() == baseline.getClass())
        .findFirst()
        .orElseThrow()
        .getKey();
  }

  /** The name, with those settings alone that are not the usual ones. */
  static String label(Baseline baseline) {
    Baseline usual = BY_NAME.getOrDefault(name(baseline), baseline);
    String settings = Arrays.stream(baseline.getClass().getRecordComponents())
        .filter(setting -> !value(baseline, setting).equals(value(usual, setting)))
        .map(setting -> setting.getName() + "=" + value(baseline, setting))
        .collect(Collectors.joining(","));
    return settings.isEmpty() ? name(baseline) : name(baseline) + ":" + settings;
  }

  static String text(Baseline baseline) {
    String settings = Arrays.stream(baseline.getClass().getRecordComponents())
        .map(setting -> setting.getName() + "=" + value(baseline, setting))
        .collect(Collectors.joining(","));
    return settings.isEmpty() ? name(baseline) : name(baseline) + ":" + settings;
  }

  static Baseline parse(String text) {
    int colon = text.indexOf(':');
    String name = (colon < 0 ? text : text.substring(0, colon)).strip();
    Baseline usual = BY_NAME.get(name);
    if (usual == null) {
      throw new IllegalArgumentException("a baseline must be one of "
          + String.join(", ", BY_NAME.keySet()) + ", but is '" + name + "'");
    }
    RecordComponent[] settings = usual.getClass().getRecordComponents();
    Object[] values =
        Arrays.stream(settings).map(setting -> value(usual, setting)).toArray();
    if (colon >= 0) {
      for (String assignment : text.substring(colon + 1).split(",", -1)) {
        assign(name, assignment, settings, values);
      }
    }
    return make(name, usual.getClass(), settings, values);
  }

  private static void assign(
      String name, String assignment, RecordComponent[] settings, Object[] values) {
    String[] parts = assignment.split("=", 2);
    for (int i = 0; i < settings.length; i++) {
      if (parts.length == 2 && settings[i].getName().equals(parts[0].strip())) {
        try {
          values[i] = read(settings[i].getType(), parts[1].strip());
        } catch (IllegalArgumentException e) {
          throw new IllegalArgumentException(
              name + ": " + parts[0].strip() + " must be " + expected(settings[i].getType())
                  + ", but is '" + parts[1].strip() + "'",
              e);
        }
        return;
      }
    }
    String known =
        Arrays.stream(settings).map(RecordComponent::getName).collect(Collectors.joining(", "));
    throw new IllegalArgumentException(name + ": '" + assignment + "' is no SETTING=VALUE; "
        + (known.isEmpty() ? "it has no settings" : "its settings are " + known));
  }

  private static Object read(Class<?> type, String text) {
    if (type == int.class) {
      return Integer.parseInt(text);
    }
    if (type == double.class) {
      return Double.parseDouble(text);
    }
    String lower = text.toLowerCase(Locale.ROOT);
    // As session-rec calls it, and as baselines of before are saved.
    String word = lower.equals("same") ? Decay.CONSTANT.toString() : lower;
    return Arrays.stream(type.getEnumConstants())
        .filter(constant -> constant.toString().equals(word))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException(text));
  }

  private static String expected(Class<?> type) {
    if (type == int.class) {
      return "a whole number";
    }
    return type == double.class
        ? "a number"
        : Arrays.stream(type.getEnumConstants())
            .map(Object::toString)
            .collect(Collectors.joining(", ", "one of ", ""));
  }

  private static Object value(Baseline baseline, RecordComponent setting) {
    try {
      return setting.getAccessor().invoke(baseline);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("a record's accessors are public", e);
    }
  }

  private static Baseline make(
      String name, Class<?> type, RecordComponent[] settings, Object[] values) {
    Class<?>[] types =
        Arrays.stream(settings).map(RecordComponent::getType).toArray(Class<?>[]::new);
    try {
      return (Baseline) type.getDeclaredConstructor(types).newInstance(values);
    } catch (InvocationTargetException e) {
      throw new IllegalArgumentException(name + ": " + e.getTargetException().getMessage(), e);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("a record has a constructor of its components", e);
    }
  }
}
