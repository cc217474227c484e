package io.attune.baseline;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The text form of baselines: {@code NAME} or {@code NAME:SETTING=VALUE,…}. The settings are the
 * components of the baseline's record.
 */
final class BaselineText {
  /** The baselines with their default settings, in the order of the help. */
  private static final Map<String, Baseline> BY_NAME = byName();

  static final List<Baseline> DEFAULTS = List.copyOf(BY_NAME.values());

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

  /** The name with the settings that differ from the defaults. */
  static String label(Baseline baseline) {
    Baseline defaults = BY_NAME.getOrDefault(name(baseline), baseline);
    return text(baseline, setting -> !value(baseline, setting).equals(value(defaults, setting)));
  }

  /** The name with all settings. */
  static String text(Baseline baseline) {
    return text(baseline, setting -> true);
  }

  private static String text(Baseline baseline, Predicate<RecordComponent> shown) {
    String settings = Arrays.stream(baseline.getClass().getRecordComponents())
        .filter(shown)
        .map(setting -> setting.getName() + "=" + value(baseline, setting))
        .collect(Collectors.joining(","));
    return settings.isEmpty() ? name(baseline) : name(baseline) + ":" + settings;
  }

  static Baseline parse(String text) {
    int colon = text.indexOf(':');
    String name = (colon < 0 ? text : text.substring(0, colon)).strip();
    Baseline defaults = BY_NAME.get(name);
    if (defaults == null) {
      throw new IllegalArgumentException("a baseline must be one of "
          + String.join(", ", BY_NAME.keySet()) + ", but is '" + name + "'");
    }
    RecordComponent[] settings = defaults.getClass().getRecordComponents();
    Object[] values =
        Arrays.stream(settings).map(setting -> value(defaults, setting)).toArray();
    if (colon >= 0) {
      for (String assignment : text.substring(colon + 1).split(",", -1)) {
        assign(name, assignment, settings, values);
      }
    }
    return create(name, defaults.getClass(), settings, values);
  }

  private static void assign(
      String name, String assignment, RecordComponent[] settings, Object[] values) {
    String[] parts = assignment.split("=", 2);
    for (int i = 0; i < settings.length; i++) {
      if (parts.length == 2 && settings[i].getName().equals(parts[0].strip())) {
        try {
          values[i] = parse(settings[i].getType(), parts[1].strip());
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
    throw new IllegalArgumentException(name + ": '" + assignment + "' is not a SETTING=VALUE; "
        + (known.isEmpty() ? "it has no settings" : "its settings are " + known));
  }

  private static Object parse(Class<?> type, String text) {
    if (type == int.class) {
      return Integer.parseInt(text);
    }
    if (type == double.class) {
      return Double.parseDouble(text);
    }
    String lower = text.toLowerCase(Locale.ROOT);
    // The name in session-rec and in older saved baselines.
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

  private static Baseline create(
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
