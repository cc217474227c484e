package io.attune.log;

import java.io.IOException;
import java.io.Serial;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Thrown if a click log cannot be read. The message has the form {@code path:line: what is wrong},
 * without the line if it is not known.
 */
public final class LogFormatException extends IOException {
  @Serial
  private static final long serialVersionUID = 1;

  private final String file;
  private final long line;

  /**
   * For a table that another engine reads.
   *
   * @param source the table's name
   */
  public LogFormatException(String source, String message) {
    this(source, 0, message, null);
  }

  LogFormatException(Path path, String message) {
    this(path, 0, message, null);
  }

  LogFormatException(Path path, long line, String message) {
    this(path, line, message, null);
  }

  LogFormatException(Path path, long line, String message, @Nullable Throwable cause) {
    this(path.toString(), line, message, cause);
  }

  /** For a file that has an address rather than a path. */
  LogFormatException(String file, long line, String message, @Nullable Throwable cause) {
    super(line > 0 ? file + ":" + line + ": " + message : file + ": " + message, cause);
    this.file = file;
    this.line = line;
  }

  /** The path of the file, as it was passed in. */
  public String file() {
    return file;
  }

  /** The line from 1, or the row of Parquet; 0 if the error is not about a line. */
  public long line() {
    return line;
  }
}
