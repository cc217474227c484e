package io.attune.log;

import java.io.IOException;
import java.io.Serial;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A click log that cannot be read; its message says which file, where known which line, and what
 * was expected: {@code path:line: message}.
 */
public final class LogFormatException extends IOException {
  @Serial
  private static final long serialVersionUID = 1;

  private final String file;
  private final long line;

  /** About a table that somebody else read, by its address. */
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

  /** About a file that has an address rather than a path. */
  LogFormatException(String file, long line, String message, @Nullable Throwable cause) {
    super(line > 0 ? file + ":" + line + ": " + message : file + ": " + message, cause);
    this.file = file;
    this.line = line;
  }

  /** The path of the log, as it was handed in. */
  public String file() {
    return file;
  }

  /** The number of the line from 1, for Parquet of the row; 0 when it is not about one. */
  public long line() {
    return line;
  }
}
