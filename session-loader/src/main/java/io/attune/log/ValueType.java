package io.attune.log;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The type of the values in a column of a typed table, as far as it matters for ids and times. */
public enum ValueType {
  /** Text. */
  TEXT("text"),
  /** Bytes without a declared meaning; they are read as UTF-8. */
  BYTES("bytes"),
  /** Integers, signed or unsigned. */
  INTEGER("integers"),
  /** Floating-point numbers. */
  FLOATING_POINT("floating-point numbers"),
  /** Decimal numbers of a fixed precision. */
  DECIMAL("decimals"),
  /** Universally unique identifiers. */
  UUID("UUIDs"),
  /** Dates without a time. */
  DATE("dates"),
  /** Timestamps. */
  TIMESTAMP("timestamps"),
  /** No type, because all values are missing. */
  NULL("missing"),
  /** True or false. */
  BOOLEAN("booleans"),
  /** Times without a date. */
  TIME_OF_DAY("times of day"),
  /** Lists or maps. */
  COLLECTION("lists or maps"),
  /** Structs: groups of columns. */
  STRUCT("structs"),
  /** Anything else, such as durations and geometries. */
  OTHER("neither text nor numbers nor times");

  private static final Set<ValueType> IDS =
      EnumSet.of(TEXT, BYTES, INTEGER, FLOATING_POINT, DECIMAL, UUID, DATE, NULL);
  private static final Set<ValueType> TIMES =
      EnumSet.of(TEXT, BYTES, INTEGER, FLOATING_POINT, DECIMAL, DATE, TIMESTAMP, NULL);
  private static final Set<ValueType> ACTIONS = EnumSet.of(TEXT, BYTES, INTEGER, NULL);

  private final String label;

  ValueType(String label) {
    this.label = label;
  }

  /** Which column has values of an unsuitable type; null if none has. */
  static @Nullable String problem(
      List<String> names,
      List<ValueType> types,
      Columns columns,
      SessionKey sessionKey,
      boolean actions) {
    int key = sessionKey.session() ? columns.session() : columns.user();
    String ofKey = problem(names, types, key, IDS, "ids", "--" + sessionKey.name() + "-column");
    if (ofKey != null) {
      return ofKey;
    }
    String ofItem = problem(names, types, columns.item(), IDS, "ids", "--item-column");
    if (ofItem != null) {
      return ofItem;
    }
    String ofTime = problem(names, types, columns.time(), TIMES, "times", "--time-column");
    if (ofTime != null || !actions) {
      return ofTime;
    }
    return problem(names, types, columns.action(), ACTIONS, "actions", "--action-column");
  }

  private static @Nullable String problem(
      List<String> names,
      List<ValueType> types,
      int column,
      Set<ValueType> good,
      String what,
      String option) {
    if (column < 0 || good.contains(types.get(column))) {
      return null;
    }
    return what + " in the column '" + names.get(column) + "', but its values are "
        + types.get(column).label + ": choose another with " + option;
  }
}
