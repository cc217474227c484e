package io.attune.log;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** How a file of a known format is to be read. */
sealed interface Layout {
  LogFormat format();

  /**
   * Columns separated by a character.
   *
   * @param quoted whether a value may stand in double quotes
   * @param header the names in the first line; null when there is none
   * @param width how many columns each line must have
   * @param actions the actions to take when the options name none; empty for all
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
   * RecBole's lines of a whole session.
   *
   * @param list the column with all items but the last, separated by blanks
   * @param next the column with the last item; -1 for none
   */
  record Lists(LogFormat format, int width, int key, boolean user, int list, int next)
      implements Layout {}

  /** Lines or rows that need no more than their format. */
  record Plain(LogFormat format) implements Layout {}
}
