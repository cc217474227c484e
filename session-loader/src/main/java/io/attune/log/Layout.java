package io.attune.log;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** How to read a file whose format is known. */
sealed interface Layout {
  LogFormat format();

  /**
   * A delimited table.
   *
   * @param quoted whether values may be in double quotes
   * @param header the names in the first line; null without a header
   * @param width the number of columns in each line
   * @param actions the actions that count as clicks if the options name none; empty for all
   */
  record Table(
      LogFormat format,
      char delimiter,
      boolean quoted,
      @Nullable List<String> header,
      int width,
      Columns columns,
      Set<String> actions)
      implements Layout {}

  /**
   * RecBole's format with a whole session in each line.
   *
   * @param user whether the key is a user id rather than a session id
   * @param list the column of all items but the last, separated by spaces
   * @param next the column of the last item, or -1
   */
  record Lists(LogFormat format, int width, int key, boolean user, int list, int next)
      implements Layout {}

  /** A format without any parameters. */
  record Plain(LogFormat format) implements Layout {}
}
