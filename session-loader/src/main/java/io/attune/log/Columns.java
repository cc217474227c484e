package io.attune.log;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The columns of a table to read clicks from; -1 for a column that does not exist.
 *
 * @param session the session id
 * @param user the user id
 * @param item the item id
 * @param time the time
 * @param action the action
 */
record Columns(int session, int user, int item, int time, int action) {
  static final List<String> SESSION = List.of(
      "sessionid",
      "session",
      "usersession",
      "sessid",
      "sessionkey",
      "sessionnumber",
      "sessionuuid",
      "sid",
      "visitid",
      "visit",
      "invoiceno",
      "invoice",
      "invoiceid",
      "orderid",
      "basketid");
  static final List<String> USER = List.of(
      "userid",
      "user",
      "uid",
      "visitorid",
      "visitor",
      "clientid",
      "client",
      "customerid",
      "customer",
      "reviewerid");
  static final List<String> ITEM = List.of(
      "itemid",
      "item",
      "aid",
      "productid",
      "product",
      "articleid",
      "article",
      "movieid",
      "stockcode",
      "sku",
      "asin",
      "parentasin",
      "iid",
      "itemsku",
      "itemnumber",
      "productsku",
      "clickarticleid",
      "venueid",
      "poiid",
      "objectid",
      "contentid",
      "newsid",
      "trackid",
      "songid",
      "eventitemid");
  static final List<String> TIME = List.of(
      "timestamp",
      "time",
      "ts",
      "datetime",
      "eventtime",
      "eventtimestamp",
      "createdat",
      "clickedat",
      "unixtime",
      "unixreviewtime",
      "clicktimestamp",
      "clicktime",
      "eventts",
      "eventdatetime",
      "invoicedate",
      "date",
      "eventdate",
      "tdat");
  private static final List<String> ACTION = List.of(
      "event",
      "eventtype",
      "eventname",
      "action",
      "actiontype",
      "actionname",
      "type",
      "behavior",
      "behaviour",
      "behaviortype",
      "behaviourtype",
      "interaction",
      "interactiontype",
      "activity",
      "activitytype");

  /** The result of a search. */
  sealed interface Found {
    /** All required columns exist. */
    record All(Columns columns) implements Found {}

    /** A column is missing or named twice. */
    record Missing(String what) implements Found {}
  }

  /**
   * Finds columns by the options or by their usual names, ignoring case, spaces, underscores,
   * hyphens and dots.
   */
  static Found find(List<String> header, LogOptions options) {
    List<String> names = header.stream().map(Columns::plain).toList();
    String wrong = wrong(header, options);
    if (wrong != null) {
      return new Found.Missing(wrong);
    }
    int item = index(header, names, options.itemColumn(), ITEM);
    int session = index(header, names, options.sessionColumn(), SESSION);
    int user = index(header, names, options.userColumn(), USER);
    if (item < 0) {
      return new Found.Missing(
          "an item column such as item_id or product_id: name it with --item-column; the columns"
              + " are " + shown(header));
    }
    if (session < 0 && user < 0) {
      return new Found.Missing(
          "a session or user column such as session_id or user_id: name it with --session-column or"
              + " --user-column; the columns are "
              + shown(header));
    }
    int time = index(header, names, options.timeColumn(), TIME);
    int action = index(header, names, options.actionColumn(), ACTION);
    if (action < 0 && !options.actions().isEmpty()) {
      return new Found.Missing(
          "an action column such as event_type or action, because of --actions: name it with"
              + " --action-column; the columns are " + shown(header));
    }
    return new Found.All(new Columns(session, user, item, time, action));
  }

  /** Why the columns that the options name cannot be used, or null. */
  static @Nullable String wrong(List<String> header, LogOptions options) {
    Map<String, String> asked = asked(options);
    for (Map.Entry<String, String> each : asked.entrySet()) {
      if (indexOf(header, each.getValue()) < 0) {
        return "the column '" + each.getValue() + "' of " + each.getKey() + "; the columns are "
            + shown(header);
      }
    }
    Map<Integer, String> taken = new HashMap<>();
    for (Map.Entry<String, String> each : asked.entrySet()) {
      String other = taken.put(indexOf(header, each.getValue()), each.getKey());
      if (other != null) {
        return "different columns, but " + other + " and " + each.getKey()
            + " name the same column";
      }
    }
    return null;
  }

  /** The columns that the options name, by option. */
  static Map<String, String> asked(LogOptions options) {
    Map<String, String> asked = new LinkedHashMap<>();
    put(asked, LogSetting.SESSION_COLUMN, options.sessionColumn());
    put(asked, LogSetting.USER_COLUMN, options.userColumn());
    put(asked, LogSetting.ITEM_COLUMN, options.itemColumn());
    put(asked, LogSetting.TIME_COLUMN, options.timeColumn());
    put(asked, LogSetting.ACTION_COLUMN, options.actionColumn());
    return asked;
  }

  private static void put(Map<String, String> asked, LogSetting setting, @Nullable String column) {
    if (column != null) {
      asked.put(setting.option(), column);
    }
  }

  /** A name in lower case, without spaces, punctuation and the type of RecBole. */
  static String plain(String name) {
    int colon = name.indexOf(':');
    return (colon < 0 ? name : name.substring(0, colon))
        .toLowerCase(Locale.ROOT)
        .replaceAll("[\\s_.\\-]", "");
  }

  /** Whether this is a column number from 1. */
  static boolean isNumber(String name) {
    return name.matches("[1-9][0-9]{0,3}");
  }

  /**
   * The index of the column with exactly this name, otherwise with this name when case and
   * punctuation are ignored, otherwise with this number from 1; -1 if there is none.
   */
  static int indexOf(List<String> header, String name) {
    int exact = header.indexOf(name);
    if (exact >= 0) {
      return exact;
    }
    int alike = header.stream().map(Columns::plain).toList().indexOf(plain(name));
    return alike < 0 && isNumber(name) && Integer.parseInt(name) <= header.size()
        ? Integer.parseInt(name) - 1
        : alike;
  }

  /** Whether this is a usual name of a column. */
  static boolean isUsual(String name) {
    String plain = plain(name);
    return List.of(SESSION, USER, ITEM, TIME, ACTION).stream()
        .anyMatch(usual -> usual.contains(plain));
  }

  private static int index(
      List<String> header, List<String> names, @Nullable String asked, List<String> usual) {
    if (asked != null) {
      return indexOf(header, asked);
    }
    return usual.stream()
        .mapToInt(names::indexOf)
        .filter(index -> index >= 0)
        .findFirst()
        .orElse(-1);
  }

  static String shown(List<String> header) {
    String all = String.join(", ", header).replaceAll("\\p{Cntrl}", "?");
    return all.length() > 300 ? all.substring(0, 300) + "…" : all;
  }
}
