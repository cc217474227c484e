package io.attune.log;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * The formats of click logs, in the order in which detection tries them.
 *
 * <p>Any file may be compressed with gzip or zstd, except Parquet, which compresses its own pages.
 */
public enum LogFormat {
  /**
   * Apache Parquet: a row is a click, or a session with a list of items; columns are named as in
   * {@link #CSV}.
   */
  PARQUET("a row per click, or per session with a list of items, with columns named as in csv"),
  /** OTTO JSONL: {@code {"session":1,"events":[{"aid":2,"ts":3,"type":"clicks"}]}}. */
  OTTO("JSON lines with a session and its events, each with aid, ts and type"),
  /**
   * OpenSearch User Behavior Insights: one JSON event per line, also as a bulk request or wrapped
   * in {@code _source}.
   */
  UBI("JSON lines with action_name, timestamp and event_attributes.object.object_id"),
  /** MovieLens: {@code user::movie::rating::seconds}, or the later CSV files. */
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
   * without a header, with columns that options give by number.
   */
  CSV(
      "a header, separated by comma, semicolon, tab or pipe, with an item column and a session or user column"),
  /**
   * A table without a header whose columns are recognised by their values: {@code user item time},
   * {@code user item rating time}, or {@code user time latitude longitude place}.
   */
  HEADERLESS(
      "lines without a header of user item time, user item rating time, or user time latitude longitude place"),
  /** Yoochoose clicks.dat: {@code session,ISO time,item,category}, without a header. */
  YOOCHOOSE("lines of session,ISO-8601 time,item,category without a header"),
  /** SASRec pairs: {@code user item} in each line, in time order. */
  PAIRS("lines of two ids with a digit in each: user item"),
  /**
   * A whole session or user history in each line: {@code user item item ...} or
   * {@code session<TAB>item item ...}.
   */
  SEQUENCES("lines of ids with a digit in each: user item item ..., or session<TAB>item item ...");

  private final String description;

  LogFormat(String description) {
    this.description = description;
  }

  /** The name on the command line and in reports, in lower case. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** What a file of this format contains. */
  String description() {
    return description;
  }

  /** The labels of all formats. */
  static String labels() {
    return Arrays.stream(values()).map(LogFormat::label).collect(Collectors.joining(", "));
  }

  /**
   * Returns the format with this label, ignoring case.
   *
   * @throws IllegalArgumentException if there is none; the message lists all
   */
  static LogFormat parse(String label) {
    return Arrays.stream(values())
        .filter(format -> format.label().equals(label.strip().toLowerCase(Locale.ROOT)))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException(
            "a log format must be one of " + labels() + ", but is '" + label + "'"));
  }
}
