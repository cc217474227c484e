package io.attune.cli;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** How a command uses the path of an option, checked before the command reads anything. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.FIELD)
@interface FileUse {
  /** The use of the path. */
  Kind value();

  /** What is read from or written to a path. */
  enum Kind {
    /** Logs: files, directories or patterns, which the loader checks. */
    READ_LOGS,
    READ_FILE,
    READ_MODEL,
    READ_INDEX,
    WRITE_FILE,
    WRITE_MODEL,
    WRITE_DIRECTORY;

    boolean isWritten() {
      return this == WRITE_FILE || this == WRITE_MODEL || this == WRITE_DIRECTORY;
    }
  }
}
