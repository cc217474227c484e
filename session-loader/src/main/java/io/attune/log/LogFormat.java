package io.attune.log;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * The formats of a click log, in the order in which they are tried on an unknown file.
 *
 * <p>Each may be plain, gzip or zstd, except Parquet, which compresses its own pages.
 */
public enum LogFormat {
  /** Apache Parquet, one row a click, columns named as in {@link #CSV}. */
  PARQUET("one row a click, with columns named as in csv"),
  /** OTTO JSONL: {@code {"session":1,"events":[{"aid":2,"ts":3,"type":"clicks"}]}}. */
  OTTO("JSON lines with a session and its events, each with aid, ts and type"),
  /**
   * OpenSearch User Behavior Insights events, one JSON object a line, also as a bulk request or
   * wrapped in _source.
   */
  UBI("JSON lines with action_name, timestamp and event_attributes.object.object_id"),
  /** MovieLens 1M and 10M: {@code user::movie::rating::seconds}. */
  MOVIELENS(
      "lines of user::movie::rating::seconds, or a CSV with the header userId,movieId,rating,timestamp"),
  /** RecBole .inter: tab-separated, with a typed header such as {@code session_id:token}. */
  RECBOLE(
      "tab-separated with a typed header such as session_id:token and item_id:token or item_id_list:token_seq"),
  /** Diginetica item views: {@code session_id;user_id;item_id;timeframe;eventdate}. */
  DIGINETICA("a header with session_id, item_id, timeframe (milliseconds) and eventdate"),
  /** RetailRocket events.csv: {@code timestamp,visitorid,event,itemid,transactionid}. */
  RETAILROCKET("a header with timestamp, visitorid, event and itemid"),
  /**
   * CSV or TSV with a header, whose columns are found by their usual names or named by options; or
   * without a header, with columns that options name by number.
   */
  CSV(
      "a header, separated by comma, semicolon, tab or bar, with an item column and a session or user column"),
  /**
   * A table without a header that is known by sight: {@code user item time}, {@code user item
   * rating time}, or {@code user time latitude longitude place}.
   */
  HEADERLESS(
      "lines without a header of user item time, user item rating time, or user time latitude longitude place"),
  /** Yoochoose clicks.dat: {@code session,ISO time,item,category}, without a header. */
  YOOCHOOSE("lines of session,ISO-8601 time,item,category without a header"),
  /** SASRec pairs: {@code user item} a line, in time order. */
  PAIRS("lines of two ids with a digit in each: user item"),
  /**
   * A whole session or history a line: {@code user item item ...} or {@code session<TAB>item item
   * ...}.
   */
  SEQUENCES("lines of ids with a digit in each: user item item ..., or session<TAB>item item ...");

  private final String looks;

  LogFormat(String looks) {
    this.looks = looks;
  }

  /** The name on the command line and in reports: lower case. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** What a file of this format looks like, in words. */
  public String looks() {
    return looks;
  }

  /**
   * The format with this label, in any case.
   *
   * @throws IllegalArgumentException if there is none; the message lists all
   */
  public static LogFormat parse(String label) {
    return Arrays.stream(values())
        .filter(format -> format.label().equals(label.strip().toLowerCase(Locale.ROOT)))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("a log format must be one of "
            + Arrays.stream(values()).map(LogFormat::label).collect(Collectors.joining(", "))
            + ", but is '"
            + label
            + "'"));
  }
}
