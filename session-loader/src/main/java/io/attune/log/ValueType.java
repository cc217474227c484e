package io.attune.log;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the values of a column of a typed table are, as far as ids and times care. */
public enum ValueType {
  /** Characters. */
  TEXT("text"),
  /** Bytes that nothing says the meaning of; they are taken for UTF-8. */
  BYTES("bytes"),
  /** Integers, signed or not. */
  WHOLE("whole numbers"),
  /** Floating-point numbers. */
  FLOATING("floating-point numbers"),
  /** Decimal numbers with a fixed number of digits. */
  DECIMAL("decimal numbers"),
  /** Universally unique identifiers. */
  UUID("UUIDs"),
  /** Days without a time. */
  DATE("days"),
  /** Moments. */
  TIMESTAMP("times"),
  /** Nothing: all values are missing. */
  NOTHING("missing values"),
  /** True or false. */
  TRUTH("true or false"),
  /** Times without a day. */
  TIME_OF_DAY("times of a day"),
  /** Lists or maps. */
  MANY("lists or maps"),
  /** Groups of columns. */
  GROUP("groups of columns"),
  /** Anything else, such as durations and shapes. */
  OTHER("neither text nor numbers nor times");

  private static final Set<ValueType> IDS =
      EnumSet.of(TEXT, BYTES, WHOLE, FLOATING, DECIMAL, UUID, DATE, NOTHING);
  private static final Set<ValueType> TIMES =
      EnumSet.of(TEXT, BYTES, WHOLE, FLOATING, DECIMAL, DATE, TIMESTAMP, NOTHING);
  private static final Set<ValueType> ACTIONS = EnumSet.of(TEXT, BYTES, WHOLE, NOTHING);

  private final String words;

  ValueType(String words) {
    this.words = words;
  }

  /** What the columns have that cannot be used for what they are there for; null when all can. */
  static @Nullable String problem(
      List<String> names, List<ValueType> types, Columns columns, Keys keys, boolean actions) {
    int key = keys.session() ? columns.session() : columns.user();
    String ofKey = problem(names, types, key, IDS, "ids", "--" + keys.name() + "-column");
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
        + types.get(column).words + ": name another with " + option;
  }
}
