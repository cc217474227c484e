package io.attune.log;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Which columns of a table have what a click needs; -1 for none.
 *
 * @param session the session's id
 * @param user the user's id
 * @param item the item's id
 * @param time the time
 * @param action the action
 */
record Columns(int session, int user, int item, int time, int action) {
  private static final List<String> SESSION = List.of(
      "sessionid",
      "session",
      "usersession",
      "sid",
      "visitid",
      "visit",
      "invoiceno",
      "invoice",
      "invoiceid",
      "orderid",
      "basketid");
  private static final List<String> USER = List.of(
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
  private static final List<String> ITEM = List.of(
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
      "objectid",
      "contentid",
      "newsid",
      "trackid",
      "songid",
      "eventitemid");
  private static final List<String> TIME = List.of(
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
      "invoicedate",
      "date",
      "eventdate",
      "tdat");
  private static final List<String> ACTION =
      List.of("event", "eventtype", "action", "actionname", "type", "behavior", "behaviour");

  /** The columns, or why there are not all that are needed. */
  sealed interface Found {
    /** The columns. */
    record All(Columns columns) implements Found {}

    /** What is missing. */
    record Missing(String what) implements Found {}
  }

  /**
   * Finds columns by the options, or by their usual names: without case, blanks, and the marks _ -
   * and dot.
   */
  static Found find(List<String> header, LogOptions options) {
    List<String> names = header.stream().map(Columns::plain).toList();
    for (String asked : new @Nullable String[] {
      options.sessionColumn(), options.userColumn(), options.itemColumn(), options.timeColumn()
    }) {
      if (asked != null && indexOf(header, asked) < 0) {
        return new Found.Missing("a column '" + asked + "'; the first line has " + shown(header));
      }
    }
    int item = index(header, names, options.itemColumn(), ITEM);
    int session = index(header, names, options.sessionColumn(), SESSION);
    int user = index(header, names, options.userColumn(), USER);
    if (item < 0) {
      return new Found.Missing(
          "an item column such as item_id or product_id; the first line has " + shown(header));
    }
    if (session < 0 && user < 0) {
      return new Found.Missing(
          "a session or user column such as session_id or user_id; the first line has "
              + shown(header));
    }
    int time = index(header, names, options.timeColumn(), TIME);
    return new Found.All(
        new Columns(session, user, item, time, index(header, names, null, ACTION)));
  }

  /** A name without case, blanks, marks, and RecBole's type. */
  static String plain(String name) {
    int colon = name.indexOf(':');
    return (colon < 0 ? name : name.substring(0, colon))
        .toLowerCase(Locale.ROOT)
        .replaceAll("[\\s_.\\-]", "");
  }

  /** The column with this name, first as it stands, then without case and marks; -1 for none. */
  static int indexOf(List<String> header, String name) {
    int exact = header.indexOf(name);
    if (exact >= 0) {
      return exact;
    }
    return header.stream().map(Columns::plain).toList().indexOf(plain(name));
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

  private static String shown(List<String> header) {
    String all = String.join(", ", header).replaceAll("\\p{Cntrl}", "?");
    return all.length() > 200 ? all.substring(0, 200) + "…" : all;
  }
}
